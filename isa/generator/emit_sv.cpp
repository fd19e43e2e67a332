// SPDX-License-Identifier: Apache-2.0
// The SystemVerilog side: the package.
#include <algorithm>
#include <bit>

#include "isa/generator/emit.h"
#include "isa/generator/text.h"
#include "support/error.h"

namespace sterna::isagen {
namespace {

unsigned bits_for(std::uint32_t largest) {
  return std::max(1u, static_cast<unsigned>(std::bit_width(largest)));
}

// x / divisor is (x * factor) >> shift for every x < 2^bits.
struct Division {
  std::uint64_t factor = 0;
  unsigned shift = 0;
};
Division division(unsigned divisor, unsigned bits) {
  for (unsigned shift = bits;; ++shift) {
    const std::uint64_t factor = (std::uint64_t{1} << shift) / divisor + 1;
    const std::uint64_t excess = factor * divisor - (std::uint64_t{1} << shift);
    if (excess << bits <= std::uint64_t{1} << shift) return {factor, shift};
  }
}

void emit_sv_constants(const Definition& isa, Text& out) {
  for (const ConstantDef& constant : isa.constants) {
    const std::string name = constant.name == "version" ? "isa_version" : constant.name;
    out.line("  localparam int unsigned {} = {};", upper_case(name), constant.value);
  }
  // A matrix's rows are divided, and rounded up: a bit more than its field.
  const unsigned bits = isa.field("rows").bits + 1;
  const Division groups = division(isa.constant("trits_per_byte"), bits);
  out.line("");
  out.line("  // x / TRITS_PER_BYTE is (x * TRITS_FACTOR) >> TRITS_SHIFT, of x below 2^{}.", bits);
  out.line("  localparam int unsigned TRITS_FACTOR = {};", groups.factor);
  out.line("  localparam int unsigned TRITS_SHIFT = {};", groups.shift);
  out.line("");
}

void emit_sv_statuses(const Definition& isa, Text& out) {
  unsigned largest = 0;
  for (const StatusDef& status : isa.statuses) largest = std::max(largest, status.code);
  const unsigned bits = bits_for(largest);
  out.line("  localparam int unsigned STATUS_BITS = {};", bits);
  out.line("  typedef enum logic [{}:0] {{", bits - 1);
  for (const StatusDef& status : isa.statuses) {
    out.line("    STATUS_{} = {}'d{}{}  // {}", status.name, bits, status.code,
             &status == &isa.statuses.back() ? "" : ",", status.doc);
  }
  out.line("  }} status_e;");
  out.line("");
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
  emit_sv_constants(isa, out);
  out.line("  // Instruction fields: instr[FIELD_X_LSB +: FIELD_X_BITS].");
  for (const FieldDef& field : isa.fields) {
    const std::string name = upper_case(field.name);
    out.line("  localparam int unsigned FIELD_{}_LSB = {};", name, field.lsb);
    out.line("  localparam int unsigned FIELD_{}_BITS = {};", name, field.bits);
  }
  out.line("");
  emit_sv_opcodes(isa, out);
  emit_sv_units(isa, out);
  emit_sv_statuses(isa, out);
  emit_register_parameters(isa, out);
  emit_sv_functions(isa, out);
  out.line("endpackage");
  out.line("/* verilator lint_on UNUSEDPARAM */");
  return out.take();
}

}  // namespace sterna::isagen
