// SPDX-License-Identifier: Apache-2.0
#include "host/model/emitter.h"

#include <cmath>

#include "support/error.h"

namespace sterna::model {
namespace {

void set_memory(Instruction& instruction, SegmentOffset place) {
  const std::uint64_t line = place.offset / kLineBytes;
  if (line > 0xFFFFFFFF)
    throw Error("segment {}: offset {} is too large", place.segment, place.offset);
  instruction.set(Field::kSeg, place.segment);
  instruction.set(Field::kOff, static_cast<std::uint32_t>(line));
}

}  // namespace

Instruction& Emitter::begin(Opcode opcode) {
  Instruction& instruction = program_.emplace_back();
  instruction.set(Field::kOp, static_cast<std::uint32_t>(opcode));
  return instruction;
}

void Emitter::memory(Opcode opcode, Field field, Reg reg, SegmentOffset place, std::uint32_t len) {
  Instruction& instruction = begin(opcode);
  instruction.set(field, reg.number);
  instruction.set(Field::kLen, len);
  set_memory(instruction, place);
}

void Emitter::row(Opcode opcode, Reg vd, Reg va, std::uint32_t len) {
  Instruction& instruction = begin(opcode);
  instruction.set(Field::kVd, vd.number);
  instruction.set(Field::kVa, va.number);
  instruction.set(Field::kLen, len);
}

void Emitter::add(Reg vd, Reg va, Reg vb, std::uint32_t len) {
  row(Opcode::kAdd, vd, va, len);
  program_.back().set(Field::kVb, vb.number);
}

void Emitter::mul(Reg vd, Reg va, Reg vb, std::uint32_t len) {
  row(Opcode::kMul, vd, va, len);
  program_.back().set(Field::kVb, vb.number);
}

void Emitter::sigp(Reg vd, Reg va, std::uint32_t len, int power) {
  row(Opcode::kSigp, vd, va, len);
  program_.back().set(Field::kImm, static_cast<std::uint32_t>(power) & 15);
}

void Emitter::silup(Reg vd, Reg va, std::uint32_t len, int power) {
  row(Opcode::kSilup, vd, va, len);
  program_.back().set(Field::kImm, static_cast<std::uint32_t>(power) & 15);
}

void Emitter::relu(Reg vd, Reg va, std::uint32_t len) { row(Opcode::kRelu, vd, va, len); }

void Emitter::gelu(Reg vd, Reg va, std::uint32_t len, int power) {
  row(Opcode::kGelu, vd, va, len);
  program_.back().set(Field::kImm, static_cast<std::uint32_t>(power) & 15);
}

void Emitter::gate(Reg vd, Reg gate, Reg vb, Reg vc, std::uint32_t len) {
  row(Opcode::kGate, vd, gate, len);
  program_.back().set(Field::kVb, vb.number);
  program_.back().set(Field::kVc, vc.number);
}

void Emitter::scan(Reg vd, Reg gate, Reg vb, Reg vc, std::uint32_t len) {
  row(Opcode::kScan, vd, gate, len);
  program_.back().set(Field::kVb, vb.number);
  program_.back().set(Field::kVc, vc.number);
}

void Emitter::set(Reg vd, numerics::fix value, std::uint32_t len) {
  Instruction& instruction = begin(Opcode::kSet);
  instruction.set(Field::kVd, vd.number);
  instruction.set(Field::kLen, len);
  instruction.set(Field::kImm, static_cast<std::uint32_t>(value));
}

void Emitter::norm(Reg vd, Reg va, Reg weight, std::uint32_t len, double eps) {
  normalise(Opcode::kNorm, vd, va, weight, len, eps);
}

void Emitter::norml(Reg vd, Reg va, Reg weight, std::uint32_t len, double eps) {
  normalise(Opcode::kNorml, vd, va, weight, len, eps);
}

void Emitter::lift(Reg vd, Reg va, Reg weight, std::uint32_t len, unsigned headroom) {
  row(Opcode::kLift, vd, va, len);
  program_.back().set(Field::kVb, weight.number);
  program_.back().set(Field::kImm, headroom);
}

void Emitter::normalise(Opcode opcode, Reg vd, Reg va, Reg weight, std::uint32_t len, double eps) {
  row(opcode, vd, va, len);
  program_.back().set(Field::kVb, weight.number);
  program_.back().set(Field::kImm, static_cast<std::uint32_t>(std::nearbyint(std::ldexp(
                                       eps, static_cast<int>(numerics::kEpsFractionBits)))));
}

void Emitter::quant(Reg vd, Reg va, std::uint32_t len) { row(Opcode::kQuant, vd, va, len); }

void Emitter::tmatmul(Reg vd, Reg va, SegmentOffset matrix, std::uint32_t rows, std::uint32_t cols,
                      std::uint32_t scale) {
  row(Opcode::kTmatmul, vd, va, cols);
  Instruction& instruction = program_.back();
  instruction.set(Field::kRows, rows);
  instruction.set(Field::kImm, scale);
  set_memory(instruction, matrix);
}

void Emitter::fffin(Reg vd, Reg va, SegmentOffset matrix, const TreeShape& trees,
                    std::uint32_t cols, std::uint32_t scale) {
  row(Opcode::kFffin, vd, va, cols);
  Instruction& instruction = program_.back();
  instruction.set(Field::kRows, trees.trees);
  instruction.set(Field::kDepth, trees.depth);
  instruction.set(Field::kImm, scale);
  set_memory(instruction, matrix);
}

void Emitter::fffout(Reg vd, Reg va, SegmentOffset matrix, std::uint32_t rows,
                     const TreeShape& trees, std::uint32_t scale) {
  row(Opcode::kFffout, vd, va, trees.trees);
  Instruction& instruction = program_.back();
  instruction.set(Field::kRows, rows);
  instruction.set(Field::kDepth, trees.depth);
  instruction.set(Field::kImm, scale);
  set_memory(instruction, matrix);
}

void Emitter::topk(Reg vd, Reg va, std::uint32_t len, std::uint32_t first_id) {
  row(Opcode::kTopk, vd, va, len);
  program_.back().set(Field::kImm, first_id);
}

void Emitter::halt() { begin(Opcode::kHalt); }

}  // namespace sterna::model
