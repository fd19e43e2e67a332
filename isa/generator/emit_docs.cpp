// SPDX-License-Identifier: Apache-2.0
// docs/isa.md.
#include <fmt/ranges.h>

#include "isa/generator/emit.h"
#include "isa/generator/text.h"
#include "support/error.h"

namespace sterna::isagen {
namespace {

std::string bit_range(const FieldDef& field) {
  return field.bits == 1 ? fmt::format("{}", field.lsb)
                         : fmt::format("{}:{}", field.lsb + field.bits - 1, field.lsb);
}

// A bar would end the cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string source_form(const InstructionDef& instruction) {
  std::string out = instruction.mnemonic;
  const char* separator = " ";
  for (const std::string& operand : instruction.operands) {
    out += separator;
    if (operand == "mem") {
      out += "[bS + bytes]";
    } else if (operand == "imm") {
      out += instruction.imm_kind == "fix" ? "value" : instruction.imm_kind;
    } else {
      out += operand;
    }
    separator = ", ";
  }
  return out;
}

std::string immediate_form(const Definition& isa, const std::string& kind) {
  if (kind == "fix") {
    return fmt::format("`fix(x)`: a number with {} fractional bits, or the raw 32-bit word",
                       isa.constant("fraction_bits"));
  }
  if (kind == "eps")
    return "`eps(x)`: an unsigned number with 40 fractional bits, or the raw 32-bit word";
  if (kind == "raw") return "a 32-bit word";
  return "`scale(x)`: mantissa and exponent of x, rounded to nearest, or the raw 32-bit word";
}

void emit_instruction(const Definition& isa, const InstructionDef& instruction, Text& out) {
  out.line("### {}", instruction.mnemonic);
  out.line("");
  out.line("{}", instruction.summary);
  out.line("");
  out.line("```");
  out.line("{}", source_form(instruction));
  out.line("```");
  out.line("");
  std::string fields;
  for (const FieldDef& field : isa.fields) {
    if (!instruction.uses(field)) continue;
    if (!fields.empty()) fields += ", ";
    fields += fmt::format("`{}` {}", field.name, bit_range(field));
    if (field.name == "op") fields += fmt::format(" = 0x{:02x}", instruction.opcode);
    if (field.name == instruction.trees) fields += " (trees)";
  }
  out.line("- Fields: {}", fields);
  out.line("- Unit: {}", instruction.unit);
  if (!instruction.capability.empty()) {
    out.line("- Capability: a build has it where {} is not 0", instruction.capability);
  }
  out.line("- Action: `{}`", instruction.action);
  if (!instruction.imm_kind.empty())
    out.line("- Immediate: {}", immediate_form(isa, instruction.imm_kind));
  out.line("- Cycles: {}", instruction.cycles);
  if (!instruction.notes.empty()) out.line("- Notes: {}", instruction.notes);
  out.line("");
}

void emit_format(const Definition& isa, Text& out) {
  out.line("## Instruction format");
  out.line("");
  out.line(
      "An instruction is {} bits: four little-endian 32-bit words, bit 0 first. A field that an "
      "instruction does not "
      "use must be zero.",
      isa.constant("instruction_bits"));
  out.line("");
  out.line("| bits | field | meaning |");
  out.line("|---|---|---|");
  for (const FieldDef& field : isa.fields) {
    out.line("| {} | `{}` | {} |", bit_range(field), field.name, cell(field.doc));
  }
  out.line("");
  out.line("| limit | value |");
  out.line("|---|---|");
  for (const ConstantDef& constant : isa.constants)
    out.line("| {} | {} |", constant.name, constant.value);
  out.line("");
  out.line("## Units");
  out.line("");
  out.line(
      "A unit is one for all lanes (shared) or one in each lane; its streams read these operands. "
      "Units of the same buses run one at a time.");
  out.line("");
  out.line("| code | unit | place | streams | buses | scale | saturates | work |");
  out.line("|---|---|---|---|---|---|---|---|");
  for (const UnitDef& unit : isa.units) {
    const bool router = unit.place == "router";
    out.line("| {} | {} | {} | {} | {} | {} | {} | {} |", unit.code, unit.name, unit.place,
             fmt::join(unit.reads, " "), router || !unit.buses.empty() ? unit.buses : "its own",
             unit.scale, unit.saturates ? "yes" : "", cell(unit.doc));
  }
  out.line("");
}

void emit_register_tables(const Definition& isa, Text& out) {
  out.line("## Control registers");
  out.line("");
  out.line("AXI4-Lite, 32 bits each, byte offsets in a map of {} bytes.", kRegisterMapBytes);
  out.line("");
  out.line("| offset | register | access | meaning |");
  out.line("|---|---|---|---|");
  for (const RegisterDef& reg : isa.registers) {
    std::string offset = fmt::format("0x{:03x}", reg.offset);
    if (reg.count > 1) offset += fmt::format(" + {} i, i < {}", reg.stride, reg.count);
    out.line("| {} | {} | {} | {}{} |", offset, reg.name, reg.access,
             reg.capability ? "Capability: " : "", cell(reg.doc));
  }
  out.line("");
  out.line("## Counters");
  out.line("");
  out.line(
      "64 bits each, low word first; cleared by a start, valid after ap_done. CYCLES is the sum of "
      "INSTRUCTIONS "
      "and every ISSUE counter: each cycle of the router has one cause.");
  out.line("");
  out.line("| offset | counter | counts |");
  out.line("|---|---|---|");
  unsigned offset = isa.counters_offset;
  for (const CounterDef& counter : isa.counters) {
    out.line("| 0x{:03x} | {} | {} |", offset, counter.name, cell(counter.doc));
    offset += kCounterBytes;
  }
  out.line("");
}

}  // namespace

std::string emit_docs(const Definition& isa) {
  Text out;
  out.line(
      "<!-- Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one. "
      "-->");
  out.line("# Instruction set");
  out.line("");
  out.line(
      "Version {}. What the arithmetic words mean, to the bit, is in [numerics.md](numerics.md); "
      "how to write a "
      "program is in [tutorial.md](tutorial.md).",
      isa.constant("version"));
  out.line("");
  emit_format(isa, out);
  out.line("## Instructions");
  out.line("");
  out.line(
      "An instruction that chains may issue while its sources are being written, and waits for "
      "each "
      "word; any other waits until they are complete. What it writes to vd: fix (len elements), q8 "
      "(len elements, and the register's scale), rows (a fix element for each row of the matrix), "
      "list (values and ids) or path (a fix element for each level of each tree). What it names in "
      "memory: a vector, a row of a table, a matrix, or one of the two matrices of an FFF layer "
      "(tree_in, tree_out).");
  out.line("");
  out.line("| opcode | instruction | unit | vd | memory | chains | what it does |");
  out.line("|---|---|---|---|---|---|---|");
  for (const InstructionDef& instruction : isa.instructions) {
    out.line("| 0x{:02x} | [{}](#{}) | {} | {} | {} | {} | {} |", instruction.opcode,
             instruction.mnemonic, lower_case(instruction.mnemonic), instruction.unit,
             instruction.result, instruction.access, instruction.chain ? "yes" : "",
             cell(instruction.summary));
  }
  out.line("");
  out.line(
      "In the cycle counts, W is the number of register words: ceil(len/16) * 512 / BEAT_BITS.");
  out.line("");
  for (const InstructionDef& instruction : isa.instructions)
    emit_instruction(isa, instruction, out);
  emit_register_tables(isa, out);
  out.line("## Status codes");
  out.line("");
  out.line("| code | status | meaning |");
  out.line("|---|---|---|");
  for (const StatusDef& status : isa.statuses) {
    out.line("| {} | {} | {} |", status.code, status.name, cell(status.doc));
  }
  return out.take();
}

}  // namespace sterna::isagen
