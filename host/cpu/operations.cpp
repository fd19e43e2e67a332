// SPDX-License-Identifier: Apache-2.0
// What the executor does for one operation and one column.
#include <algorithm>
#include <cstring>

#include "host/cpu/executor.h"
#include "host/plan/buffers.h"
#include "isa/top_list.h"
#include "support/error.h"

namespace sterna::cpu {

using plan::Kind;
using plan::kLineWords;
using plan::kNoBuffer;
using plan::kNoValue;
using plan::Operation;

void Executor::execute(const Operation& op, std::size_t column) {
  switch (op.kind) {
    case Kind::kLoad:
      return load(op, column);
    case Kind::kElementwise:
      return elementwise(op, column);
    case Kind::kNorm:
      return norm(op, column);
    case Kind::kLift:
      return lift(op, column);
    case Kind::kQuantise:
      return quantise(op, column);
    case Kind::kWalk:
      return walk(op, column);
    case Kind::kSumPath:
      return sum_path(op, column);
    case Kind::kTop:
      return top(op, column);
    case Kind::kJoin:
      return join(op, column);
    default:  // a constant, or of another phase
      return;
  }
}

// Zeros up to the line's end.
void Executor::finish(const Operation& op, std::size_t column, std::size_t elements) {
  const std::size_t end = plan_.values[op.out].lines * kLineWords;
  std::fill(at(op.out, column) + elements, at(op.out, column) + end, 0);
}

void Executor::load(const Operation& op, std::size_t column) {
  if (buffer_[op.out] == kNoBuffer) return;  // a view
  std::memcpy(at(op.out, column), memory(op, column), op.length * sizeof(fix));
  finish(op, column, op.length);
}

void Executor::store(const Operation& op, std::size_t column) {
  std::byte* const to = memory(op, column);
  const std::size_t bytes = op.length * sizeof(fix);
  std::memcpy(to, at(op.in[0], column), bytes);
  std::memset(to + bytes, 0, op.lines.count * kLineBytes - bytes);
}

void Executor::elementwise(const Operation& op, std::size_t column) {
  const std::size_t n = op.length;
  const int power = numerics::unpack_power(op.imm);
  fix* const d = at(op.out, column);
  const fix* const a = at(op.in[0], column);
  const auto b = [&] { return at(op.in[1], column); };
  bool clamped = false;
  switch (op.opcode) {
    case Opcode::kAdd:
      clamped = kernels_.add(n, d, a, b());
      break;
    case Opcode::kSub:
      clamped = kernels_.sub(n, d, a, b());
      break;
    case Opcode::kMul:
      clamped = kernels_.mul(n, d, a, b());
      break;
    case Opcode::kDiv:
      clamped = kernels_.div(n, d, a, b());
      break;
    case Opcode::kExp:
      clamped = kernels_.exp(n, d, a);
      break;
    case Opcode::kSig:
      kernels_.sigmoid(n, d, a, 0);
      break;
    case Opcode::kSilu:
      kernels_.silu(n, d, a, 0);
      break;
    case Opcode::kSigp:
      kernels_.sigmoid(n, d, a, power);
      break;
    case Opcode::kSilup:
      kernels_.silu(n, d, a, power);
      break;
    case Opcode::kRelu:
      kernels_.relu(n, d, a, 0);
      break;
    case Opcode::kGelu:
      kernels_.gelu(n, d, a, power);
      break;
    case Opcode::kGate:
      clamped = kernels_.gate(n, d, a, b(), at(op.in[2], column));
      break;
    default:
      throw Error("cpu: opcode {:#04x} is in isa/isa.toml, but the CPU engine does not execute it",
                  static_cast<unsigned>(op.opcode));
  }
  if (clamped) note_clamped(op);
  finish(op, column, n);
}

void Executor::norm(const Operation& op, std::size_t column) {
  const fix* const a = at(op.in[0], column);
  const int lift =
      op.before == kNoValue ? 0 : static_cast<std::int32_t>(*beside(op.before, column));
  const numerics::Factor factor =
      numerics::norm_factor(kernels_.sum_of_squares(op.length, a), op.length, op.imm, lift);
  if (kernels_.scale(op.length, at(op.out, column), a, factor, at(op.in[1], column))) {
    note_clamped(op);
  }
  finish(op, column, op.length);
}

void Executor::lift(const Operation& op, std::size_t column) {
  const fix* const a = at(op.in[0], column);
  const int lift = numerics::find_lift(kernels_.largest(op.length, a), op.imm);
  *beside(op.out, column) = static_cast<std::uint32_t>(lift);
  if (kernels_.scale(op.length, at(op.out, column), a, numerics::lift_factor(lift),
                     at(op.in[1], column))) {
    note_clamped(op);
  }
  finish(op, column, op.length);
}

void Executor::quantise(const Operation& op, std::size_t column) {
  const fix* const a = at(op.in[0], column);
  const std::uint32_t amax = kernels_.largest(op.length, a);
  *beside(op.out, column) = amax;
  auto* const q = reinterpret_cast<std::int8_t*>(at(op.out, column));
  kernels_.quantise(op.length, q, a, numerics::quant_factor(amax));
  std::fill(q + op.length, q + std::size_t{plan_.values[op.out].lines} * kLineBytes,
            std::int8_t{0});
}

const std::uint8_t* Executor::lines(const Operation& op, std::uint64_t channel,
                                    std::uint64_t line) const {
  return reinterpret_cast<const std::uint8_t*>(bases_[op.segment + channel]) +
         (op.lines.first + line) * kLineBytes;
}

void Executor::walk(const Operation& op, std::size_t column) {
  const TreeShape& trees = op.trees;
  const std::uint64_t piece_lines = q8_lines(op.length);
  const auto* x = reinterpret_cast<const std::int8_t*>(at(op.in[0], column));
  const std::uint32_t multiplier = multiplier_of(op, column);
  bool clamped = false;
  const auto piece = [&](std::uint64_t block, std::uint32_t number) {
    const PiecePlace place = piece_place(block, number, piece_lines, plan_.channels);
    return lines(op, place.channel, place.line);
  };
  fix* const out = at(op.out, column);
  std::uint32_t* const records = beside(op.out, column);
  for (std::uint32_t tree = 0; tree < trees.trees; ++tree) {
    std::uint32_t block_in_level = 0;
    for (std::uint32_t j = 0; j < trees.blocks_on_path(); ++j) {
      const std::uint64_t block = trees.block(j, tree, block_in_level);
      const std::uint32_t element = trees.element(j, tree);
      const std::uint8_t* const biases = piece(block, kBlockGroups);
      std::uint32_t decisions = 0, place = 0;
      for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
        fix bias = 0;
        std::memcpy(&bias, biases + sizeof(bias) * place, sizeof(bias));
        const std::int32_t sum = kernels_.packed_row(piece(block, place / kTritsPerByte),
                                                     place % kTritsPerByte, x, op.length);
        out[element + level] =
            numerics::add(numerics::matmul_output(sum, multiplier, &clamped), bias, &clamped);
        const std::uint32_t right = out[element + level] > 0 ? 1 : 0;
        decisions = decisions << 1 | right;
        place = 2 * place + 1 + right;
      }
      records[element / kTreeBlockLevels] =
          static_cast<std::uint32_t>(block * kBlockRecords) + (decisions >> 1);
      const std::uint32_t levels = trees.block_levels(j);
      block_in_level = block_in_level << levels | decisions >> (kTreeBlockLevels - levels);
    }
  }
  if (clamped) note_clamped(op);
  finish(op, column, trees.elements());
}

void Executor::sum_path(const Operation& op, std::size_t column) {
  const std::uint64_t record_lines = q8_lines(op.rows);
  const auto* q = reinterpret_cast<const std::int8_t*>(at(op.in[0], column));
  const std::uint32_t* const records = beside(op.before, column);
  fix* const out = at(op.out, column);
  std::fill_n(out, plan_.values[op.out].lines * kLineWords, 0);
  for (std::uint32_t b = 0; b < op.trees.elements() / kTreeBlockLevels; ++b) {
    kernels_.add_record(
        op.rows, out,
        lines(op, records[b] % plan_.channels, records[b] / plan_.channels * record_lines),
        q + std::size_t{kTreeBlockLevels} * b);
  }
  if (kernels_.rescale(op.rows, out, out, multiplier_of(op, column))) note_clamped(op);
  finish(op, column, op.rows);
}

void Executor::top(const Operation& op, std::size_t column) {
  TopList list;
  if (op.before != kNoValue) {
    const fix* const old = at(op.before, column);
    for (std::uint32_t i = 0; i < kTopEntries; ++i) {
      list.merge({old[i], static_cast<std::uint32_t>(old[kTopEntries + i])});
    }
  }
  const fix* const a = at(op.in[0], column);
  for (std::uint32_t i = 0; i < op.length; ++i) {
    // Most are not even as large as the last of the list.
    if (a[i] >= list.entries().back().value) list.merge({a[i], op.imm + i});
  }
  fix* const d = at(op.out, column);
  for (std::uint32_t i = 0; i < kTopEntries; ++i) {
    d[i] = list.entries()[i].value;
    d[kTopEntries + i] = static_cast<fix>(list.entries()[i].id);
  }
}

void Executor::join(const Operation& op, std::size_t column) {
  fix* const d = at(op.out, column);
  const std::size_t all = plan_.values[op.out].lines * kLineWords;
  std::copy_n(at(op.in[0], column), op.length, d);
  std::copy(at(op.in[1], column) + op.length, at(op.in[1], column) + all, d + op.length);
}

}  // namespace sterna::cpu
