// SPDX-License-Identifier: Apache-2.0
#include "isa/instruction.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <string>
#include <utility>

#include "isa/numerics.h"
#include "isa/trees.h"

namespace sterna {
namespace {

constexpr const FieldInfo& info(Field field) { return kFields[static_cast<std::size_t>(field)]; }

constexpr std::uint32_t ones(unsigned bits) {
  return static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1);
}

constexpr bool in_range(std::uint32_t value, std::uint32_t largest) {
  return value >= 1 && value <= largest;
}

}  // namespace

std::uint32_t Instruction::get(Field field) const {
  const FieldInfo& f = info(field);
  return (words[f.lsb / 32] >> (f.lsb % 32)) & ones(f.bits);
}

void Instruction::set(Field field, std::uint32_t value) {
  const FieldInfo& f = info(field);
  if (value > ones(f.bits)) {
    throw std::out_of_range("field " + std::string(f.name) + ": " + std::to_string(value) +
                            " does not fit " + std::to_string(f.bits) + " bits");
  }
  std::uint32_t& word = words[f.lsb / 32];
  word = (word & ~(ones(f.bits) << (f.lsb % 32))) | (value << (f.lsb % 32));
}

const InstructionInfo* find_instruction(std::uint32_t opcode) {
  const auto* found = std::find_if(
      kInstructionSet.begin(), kInstructionSet.end(),
      [&](const InstructionInfo& i) { return static_cast<std::uint32_t>(i.opcode) == opcode; });
  return found == kInstructionSet.end() ? nullptr : found;
}

const InstructionInfo* find_instruction(std::string_view mnemonic) {
  const auto same = [](char a, char b) {
    return a == static_cast<char>(std::toupper(static_cast<unsigned char>(b)));
  };
  const auto* found =
      std::find_if(kInstructionSet.begin(), kInstructionSet.end(), [&](const InstructionInfo& i) {
        return std::equal(i.mnemonic.begin(), i.mnemonic.end(), mnemonic.begin(), mnemonic.end(),
                          same);
      });
  return found == kInstructionSet.end() ? nullptr : found;
}

std::string_view name(Status status) {
  for (const StatusInfo& entry : kStatuses) {
    if (entry.status == status) return entry.name;
  }
  return "UNKNOWN";
}

bool striped(const InstructionInfo& info) {
  return info.access == Access::kMatrix || info.access == Access::kTreeIn ||
         info.access == Access::kTreeOut;
}

std::string_view capability(const Instruction& instruction) {
  const InstructionInfo* entry = find_instruction(instruction.get(Field::kOp));
  return entry == nullptr ? std::string_view() : entry->capability;
}

Status check(const Instruction& instruction, const Limits& limits) {
  const InstructionInfo* entry = find_instruction(instruction.get(Field::kOp));
  if (entry == nullptr) return Status::kIllegalInstruction;
  for (std::size_t i = 0; i < instruction.words.size(); ++i) {
    if ((instruction.words[i] & ~entry->used[i]) != 0) return Status::kIllegalInstruction;
  }
  // A register field that the instruction does not use is zero by now, and register 0 exists in
  // every build.
  for (const Field field : {Field::kVd, Field::kVa, Field::kVb, Field::kVc}) {
    if (instruction.get(field) >= limits.registers) return Status::kIllegalInstruction;
  }
  const bool len_ok =
      !entry->has(Operand::kLen) || in_range(instruction.get(Field::kLen), limits.vector_length);
  const bool rows_ok =
      !entry->has(Operand::kRows) || in_range(instruction.get(Field::kRows), limits.vector_length);
  const bool distinct_ok =
      !entry->distinct || instruction.get(Field::kVd) != instruction.get(Field::kVa);
  const bool scale_ok =
      entry->imm_kind != ImmKind::kScale || numerics::valid_scale(instruction.get(Field::kImm));
  const bool segment_ok = !striped(*entry) || instruction.get(Field::kSeg) % limits.channels == 0;
  // No build has registers that are too short for the list; golden can be given such a shape.
  const bool list_ok = entry->result != Result::kList || limits.vector_length >= 2 * kTopEntries;
  const bool trees_ok =
      !entry->has(Operand::kTrees) || (in_range(instruction.get(entry->trees), limits.trees) &&
                                       tree_shape(instruction).elements() <= limits.vector_length);
  const bool ok = trees_ok && len_ok && rows_ok && distinct_ok && scale_ok && segment_ok && list_ok;
  return ok ? Status::kOk : Status::kIllegalInstruction;
}

LineRange lines_touched(const Instruction& instruction, std::uint32_t token,
                        std::uint32_t channels) {
  const std::uint64_t first = instruction.get(Field::kOff);
  const std::uint32_t len = instruction.get(Field::kLen);
  const InstructionInfo* entry = find_instruction(instruction.get(Field::kOp));
  switch (entry == nullptr ? Access::kNone : entry->access) {
    case Access::kVector:
      return {first, fix_lines(len)};
    case Access::kRow:
      return {first + token * fix_lines(len), fix_lines(len)};
    case Access::kMatrix:
      return {first, matrix_lines(instruction.get(Field::kRows), len, channels)};
    case Access::kTreeIn:
      return {first, tree_in_lines(tree_shape(instruction), len, channels)};
    case Access::kTreeOut:
      return {first,
              tree_out_lines(tree_shape(instruction), instruction.get(Field::kRows), channels)};
    case Access::kNone:
      break;
  }
  return {};
}

std::uint32_t values_written(const Instruction& instruction) {
  switch (find_instruction(instruction.get(Field::kOp))->result) {
    case Result::kFix:
    case Result::kQ8:
      return instruction.get(Field::kLen);
    case Result::kRows:
      return instruction.get(Field::kRows);
    case Result::kList:
      return kTopEntries;
    case Result::kPath:
      return tree_shape(instruction).elements();
    case Result::kNone:
      break;
  }
  return 0;
}

std::vector<RegisterRead> registers_read(const Instruction& instruction) {
  const InstructionInfo& entry = *find_instruction(instruction.get(Field::kOp));
  const std::uint32_t len = entry.access == Access::kTreeOut ? tree_shape(instruction).elements()
                                                             : instruction.get(Field::kLen);
  // Columns of a matrix meet a q8 vector.
  const std::uint64_t lines = striped(entry) ? q8_lines(len) : fix_lines(len);
  std::vector<RegisterRead> reads;
  constexpr std::pair<Operand, Field> kSources[] = {
      {Operand::kVa, Field::kVa}, {Operand::kVb, Field::kVb}, {Operand::kVc, Field::kVc}};
  for (const auto& [operand, field] : kSources) {
    if (entry.has(operand)) reads.push_back({instruction.get(field), lines});
  }
  return reads;
}

}  // namespace sterna
