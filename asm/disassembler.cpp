// SPDX-License-Identifier: Apache-2.0
#include "asm/disassembler.h"

#include <fmt/format.h>

#include <iterator>

#include "asm/data_source.h"
#include "asm/immediates.h"
#include "isa/trees.h"

namespace sterna::assembly {
namespace {

// A readable number where it gives the same bits again, else the raw word.
std::string immediate(ImmKind kind, std::uint32_t imm) {
  if (kind == ImmKind::kRaw) return fmt::format("{}", imm);
  const double value = decode_immediate(kind, imm);
  if (encode_immediate(kind, value) != imm) return fmt::format("0x{:08x}", imm);
  switch (kind) {
    case ImmKind::kFix:
      return fmt::format("fix({})", value);
    case ImmKind::kEps:
      return fmt::format("eps({})", value);
    case ImmKind::kScale:
      return fmt::format("scale({})", value);
    case ImmKind::kRaw:
    case ImmKind::kNone:
      break;
  }
  return fmt::format("0x{:08x}", imm);
}

std::string memory(const Instruction& instruction, const ProgramData& data) {
  const std::uint64_t bytes = std::uint64_t{instruction.get(Field::kOff)} * kLineBytes;
  const std::uint32_t segment = instruction.get(Field::kSeg);
  if (const DataItem* item = data.find_at(segment, bytes)) return fmt::format("[{}]", item->name);
  return bytes == 0 ? fmt::format("[b{}]", segment) : fmt::format("[b{} + 0x{:x}]", segment, bytes);
}

std::string operand_text(const InstructionInfo& info, Operand operand,
                         const Instruction& instruction, const ProgramData& data) {
  const auto reg = [&](Field field) { return fmt::format("v{}", instruction.get(field)); };
  switch (operand) {
    case Operand::kVd:
      return reg(Field::kVd);
    case Operand::kVa:
      return reg(Field::kVa);
    case Operand::kVb:
      return reg(Field::kVb);
    case Operand::kVc:
      return reg(Field::kVc);
    case Operand::kMem:
      return memory(instruction, data);
    case Operand::kLen:
      return fmt::format("{}", instruction.get(Field::kLen));
    case Operand::kRows:
      return fmt::format("{}", instruction.get(Field::kRows));
    case Operand::kTrees:
      return fmt::format("{}", instruction.get(info.trees));
    case Operand::kDepth:
      return fmt::format("{}", instruction.get(Field::kDepth));
    case Operand::kImm:
      return immediate(info.imm_kind, instruction.get(Field::kImm));
  }
  return {};
}

std::string words(const Instruction& instruction) {
  const auto& w = instruction.words;
  return fmt::format(".word 0x{:08x}, 0x{:08x}, 0x{:08x}, 0x{:08x}", w[0], w[1], w[2], w[3]);
}

}  // namespace

std::string disassemble(const Instruction& instruction, const ProgramData& data) {
  if (check(instruction, Limits{}) != Status::kOk) return words(instruction);
  const InstructionInfo& info = *find_instruction(instruction.get(Field::kOp));
  std::string text(info.mnemonic);
  const char* separator = " ";
  for (const Operand operand : info.operands()) {
    text += separator + operand_text(info, operand, instruction, data);
    separator = ", ";
  }
  return text;
}

std::string disassemble(const Program& program) {
  std::string text = data_source(program.data);
  if (program.entry != 0) text += fmt::format(".entry {}\n", program.entry);
  TreeShape walked = kNoTrees;
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    // An FFFOUT without its FFFIN is as illegal as unknown bits, which only .word gives.
    const Instruction& in = program.instructions[i];
    const bool legal = check(in, Limits{}) == Status::kOk;
    if (legal && static_cast<Opcode>(in.get(Field::kOp)) == Opcode::kHalt) walked = kNoTrees;
    const bool follows = !legal || follow_trees(in, walked);
    fmt::format_to(std::back_inserter(text), "{:<56}  ; {}\n",
                   follows ? disassemble(in, program.data) : words(in), i);
  }
  return text;
}

}  // namespace sterna::assembly
