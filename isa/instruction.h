// SPDX-License-Identifier: Apache-2.0
// One 128-bit instruction: its fields, and the rules that make it legal (docs/rules.md).
// Golden, the assembler and the tests share this; what the names and numbers are is in the
// generated isa/generated/isa.h.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "isa/generated/isa.h"
#include "isa/host_device.h"

namespace sterna {

struct Instruction {
  std::array<std::uint32_t, 4> words{};  // bit 0 of the instruction is bit 0 of words[0]

  std::uint32_t get(Field field) const;
  // Throws std::out_of_range when the value does not fit the field.
  void set(Field field, std::uint32_t value);

  bool operator==(const Instruction&) const = default;
};

// The entry of kInstructionSet, or nullptr when there is no such opcode or mnemonic (compared
// without case).
const InstructionInfo* find_instruction(std::uint32_t opcode);
const InstructionInfo* find_instruction(std::string_view mnemonic);

// "BAD_ADDRESS"; "status 9" is not a name: an unknown code gives "UNKNOWN".
std::string_view name(Status status);

// What a build of the hardware has: the capability registers that legality depends on.
struct Limits {
  std::uint32_t vector_length = kMaxVectorLength;
  std::uint32_t registers = kMaxRegisters;
  std::uint32_t channels = 1;
  std::uint32_t trees = kMaxTrees;  // the capability FFF; 0: no FFF instructions
};

// Does the instruction name a matrix, or trees, which lie in the segments of all channels?
bool striped(const InstructionInfo& info);

// The capability register that a build must have not zero for this instruction; empty without.
std::string_view capability(const Instruction& instruction);

// Everything that can be said of an instruction without its address: kOk or kIllegalInstruction.
Status check(const Instruction& instruction, const Limits& limits);

// Lines of 64 bytes, counted from the start of the instruction's segment.
struct LineRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  // Does the range lie in a segment of this many lines?
  bool within(std::uint64_t segment_lines) const { return first + count <= segment_lines; }
};

// The lines that a legal instruction reads or writes, of a lane's copy of the segment or, of a
// matrix or of trees, of the segment of each channel; count is 0 when it has no memory operand.
// `token` is the lane's TOKEN register, by which a table's row is chosen; only matrices and trees
// lie in several `channels`.
LineRange lines_touched(const Instruction& instruction, std::uint32_t token,
                        std::uint32_t channels = 1);

// Numbers that a legal instruction leaves at vd's start: its elements, or the values of its list,
// which as many ids follow. 0 when it writes nothing.
std::uint32_t values_written(const Instruction& instruction);

// A register that a legal instruction reads, and how many of its lines.
struct RegisterRead {
  std::uint32_t number = 0;
  std::uint64_t lines = 0;
};
std::vector<RegisterRead> registers_read(const Instruction& instruction);

// Lines that a fix vector, a q8 vector and a packed ternary matrix take; of a matrix that is
// striped over channels, in each.
STERNA_HOST_DEVICE constexpr std::uint64_t fix_lines(std::uint64_t elements) {
  return (elements + kLineBytes / 4 - 1) / (kLineBytes / 4);
}
STERNA_HOST_DEVICE constexpr std::uint64_t q8_lines(std::uint64_t elements) {
  return (elements + kLineBytes - 1) / kLineBytes;
}
constexpr std::uint64_t matrix_lines(std::uint64_t rows, std::uint64_t columns,
                                     std::uint64_t channels = 1) {
  const std::uint64_t group_set = kTritsPerByte * channels;  // a group of rows from each channel
  return (rows + group_set - 1) / group_set * q8_lines(columns);
}

}  // namespace sterna
