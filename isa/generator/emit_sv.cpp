// SPDX-License-Identifier: Apache-2.0
// The SystemVerilog side: the package. Both Verilator 5.006 and Yosys 0.23 must read it, so
// functions assign their own name and everything is plain bits.
#include <algorithm>
#include <bit>
#include <functional>

#include "isa/generator/emit.h"
#include "isa/generator/text.h"
#include "support/error.h"

namespace sterna::isagen {
namespace {

unsigned bits_for(std::uint32_t largest) {
  return std::max(1u, static_cast<unsigned>(std::bit_width(largest)));
}

std::string used_literal(const Definition& isa, const InstructionDef& instruction) {
  std::string digits(isa.constant("instruction_bits") / 4, '0');  // most significant first
  for (unsigned bit = 0; bit < isa.constant("instruction_bits"); ++bit) {
    const bool used = std::any_of(isa.fields.begin(), isa.fields.end(), [&](const FieldDef& f) {
      return instruction.uses(f) && bit >= f.lsb && bit < f.lsb + f.bits;
    });
    if (!used) continue;
    char& digit = digits[digits.size() - 1 - bit / 4];
    const int value = (digit <= '9' ? digit - '0' : digit - 'a' + 10) | (1 << (bit % 4));
    digit = "0123456789abcdef"[value];
  }
  return fmt::format("{}'h{}", isa.constant("instruction_bits"), digits);
}

// A function of the opcode that is 1 for the instructions that `holds` picks.
void emit_predicate(const Definition& isa, Text& out, const std::string& name,
                    const std::string& doc,
                    const std::function<bool(const InstructionDef&)>& holds) {
  std::string list;
  for (const InstructionDef& instruction : isa.instructions) {
    if (holds(instruction)) list += (list.empty() ? "OP_" : ", OP_") + instruction.mnemonic;
  }
  out.line("  // {}", doc);
  out.line("  function automatic logic {}(input logic [OP_BITS-1:0] op);", name);
  if (list.empty()) {
    out.line("    {} = 1'b0 & op[0];", name);
  } else {
    out.line("    case (op)");
    out.line("      {}: {} = 1'b1;", list, name);
    out.line("      default: {} = 1'b0;", name);
    out.line("    endcase");
  }
  out.line("  endfunction");
  out.line("");
}

void emit_functions(const Definition& isa, Text& out) {
  out.line("  // The bits that an instruction may set; any other bit makes it illegal.");
  out.line(
      "  function automatic logic [INSTRUCTION_BITS-1:0] used_bits(input logic [OP_BITS-1:0] op);");
  out.line("    case (op)");
  for (const InstructionDef& instruction : isa.instructions) {
    out.line("      OP_{}: used_bits = {};", instruction.mnemonic, used_literal(isa, instruction));
  }
  out.line("      default: used_bits = {}'h0;", isa.constant("instruction_bits"));
  out.line("    endcase");
  out.line("  endfunction");
  out.line("");
  out.line("  // The unit of a legal opcode: its high nibble.");
  out.line("  function automatic logic [UNIT_BITS-1:0] unit_of(input logic [OP_BITS-1:0] op);");
  out.line("    case (op)");
  for (const UnitDef& unit : isa.units) {
    std::string list;
    for (const InstructionDef& instruction : isa.instructions) {
      if (instruction.unit == unit.name) {
        list += (list.empty() ? "OP_" : ", OP_") + instruction.mnemonic;
      }
    }
    if (unit.code != 0 && !list.empty()) out.line("      {}: unit_of = UNIT_{};", list, unit.name);
  }
  out.line("      default: unit_of = {}'d0;", 4);
  out.line("    endcase");
  out.line("  endfunction");
  out.line("");
  emit_predicate(isa, out, "is_legal_opcode", "Is there such an instruction?",
                 [](const InstructionDef&) { return true; });
  emit_predicate(isa, out, "needs_distinct", "Must vd and va differ?",
                 [](const InstructionDef& i) { return i.distinct; });
  for (const char* operand : {"vd", "va", "vb", "vc", "mem", "len", "rows", "imm"}) {
    emit_predicate(isa, out, fmt::format("uses_{}", operand),
                   fmt::format("Has the instruction the operand {}?", operand),
                   [&](const InstructionDef& i) { return i.has(operand); });
  }
}

void emit_register_parameters(const Definition& isa, Text& out) {
  const unsigned address_bits = bits_for(kRegisterMapBytes - 1);
  out.line("  // Byte offsets of the control registers.");
  out.line("  localparam int unsigned REG_ADDR_BITS = {};", address_bits);
  for (const RegisterDef& reg : isa.registers) {
    out.line("  localparam logic [{}:0] REG_{} = {}'h{:03x};", address_bits - 1, reg.name,
             address_bits, reg.offset);
    if (reg.count > 1) {
      out.line("  localparam int unsigned REG_{}_COUNT = {};", reg.name, reg.count);
      out.line("  localparam int unsigned REG_{}_STRIDE = {};", reg.name, reg.stride);
    }
    if (reg.value)
      out.line("  localparam logic [31:0] REG_{}_VALUE = 32'h{:08x};", reg.name, *reg.value);
  }
  out.line("");
  out.line("  // Counter i is 64 bits at REG_COUNTERS + 8 * i, low word first.");
  out.line("  localparam int unsigned COUNTERS = {};", isa.counters.size());
  out.line("  localparam logic [{}:0] REG_COUNTERS = {}'h{:03x};", address_bits - 1, address_bits,
           isa.counters_offset);
  unsigned index = 0;
  for (const CounterDef& counter : isa.counters) {
    out.line("  localparam int unsigned COUNTER_{} = {};  // {}", counter.name, index++,
             counter.doc);
  }
  out.line("");
}

}  // namespace

std::string emit_sv_package(const Definition& isa) {
  Text out;
  out.line(
      "// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.");
  out.line("// No module needs every name of the package.");
  out.line("/* verilator lint_off UNUSEDPARAM */");
  out.line("package sterna_isa_pkg;");
  for (const ConstantDef& constant : isa.constants) {
    const std::string name = constant.name == "version" ? "isa_version" : constant.name;
    out.line("  localparam int unsigned {} = {};", upper_case(name), constant.value);
  }
  out.line("");
  out.line("  // Instruction fields: instr[FIELD_X_LSB +: FIELD_X_BITS].");
  for (const FieldDef& field : isa.fields) {
    const std::string name = upper_case(field.name);
    out.line("  localparam int unsigned FIELD_{}_LSB = {};", name, field.lsb);
    out.line("  localparam int unsigned FIELD_{}_BITS = {};", name, field.bits);
  }
  const FieldDef& op = isa.field("op");
  out.line("");
  out.line("  localparam int unsigned OP_BITS = {};", op.bits);
  for (const InstructionDef& instruction : isa.instructions) {
    out.line("  localparam logic [{}:0] OP_{} = {}'h{:02x};", op.bits - 1, instruction.mnemonic,
             op.bits, instruction.opcode);
  }
  out.line("");
  out.line("  localparam int unsigned UNITS = {};", isa.units.size());
  out.line("  localparam int unsigned UNIT_BITS = 4;");
  for (const UnitDef& unit : isa.units) {
    out.line("  localparam logic [3:0] UNIT_{} = 4'd{};  // {}", unit.name, unit.code, unit.doc);
  }
  unsigned largest_status = 0;
  for (const StatusDef& status : isa.statuses)
    largest_status = std::max(largest_status, status.code);
  const unsigned status_bits = bits_for(largest_status);
  out.line("");
  out.line("  localparam int unsigned STATUS_BITS = {};", status_bits);
  for (const StatusDef& status : isa.statuses) {
    out.line("  localparam logic [{}:0] STATUS_{} = {}'d{};  // {}", status_bits - 1, status.name,
             status_bits, status.code, status.doc);
  }
  out.line("");
  emit_register_parameters(isa, out);
  emit_functions(isa, out);
  out.line("endpackage");
  out.line("/* verilator lint_on UNUSEDPARAM */");
  return out.take();
}

}  // namespace sterna::isagen
