// SPDX-License-Identifier: Apache-2.0
// The package's opcodes and units, and what it says of an opcode. Both Verilator 5.006 and Yosys
// 0.23 must read it: functions assign their own name, take plain bits (Yosys has no casts to an
// enum, so an opcode out of an instruction has no type), and name enumerators by the package.
#include <algorithm>
#include <bit>
#include <functional>

#include "isa/generator/emit.h"
#include "isa/generator/text.h"
#include "support/error.h"

namespace sterna::isagen {
namespace {

using Condition = std::function<bool(const InstructionDef&)>;

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

// "NAME: VALUE;" for the opcodes that `holds` picks; nothing when it picks none.
void emit_branch(const Definition& isa, Text& out, const std::string& assignment,
                 const Condition& holds) {
  std::string labels;
  for (const InstructionDef& instruction : isa.instructions) {
    if (!holds(instruction)) continue;
    labels += fmt::format("{}OP_BITS'(sterna_isa_pkg::OP_{})", labels.empty() ? "" : ",\n      ",
                          instruction.mnemonic);
  }
  if (!labels.empty()) out.line("      {}: {};", labels, assignment);
}

struct Branch {
  std::string value;
  Condition holds;
};

// A function of the opcode: the value of the first branch that holds, or `otherwise`.
void emit_function(const Definition& isa, Text& out, const std::string& type,
                   const std::string& name, const std::string& doc,
                   const std::vector<Branch>& branches, const std::string& otherwise) {
  out.line("  // {}", doc);
  out.line("  function automatic {} {}(input logic [OP_BITS-1:0] op);", type, name);
  out.line("    case (op)");
  for (const Branch& branch : branches) {
    emit_branch(isa, out, fmt::format("{} = {}", name, branch.value), branch.holds);
  }
  out.line("      default: {} = {};", name, otherwise);
  out.line("    endcase");
  out.line("  endfunction");
  out.line("");
}

void emit_predicate(const Definition& isa, Text& out, const std::string& name,
                    const std::string& doc, const Condition& holds) {
  emit_function(isa, out, "logic", name, doc, {{"1'b1", holds}}, "1'b0");
}

// An enum whose values are the places in `kinds`.
void emit_kinds(Text& out, const std::string& prefix, const std::vector<std::string>& kinds) {
  const auto bits = std::bit_width(kinds.size() - 1);
  out.line("  typedef enum logic [{}:0] {{", bits - 1);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    out.line("    {}_{} = {}'d{}{}", upper_case(prefix), upper_case(kinds[i]), bits, i,
             i + 1 == kinds.size() ? "" : ",");
  }
  out.line("  }} {}_e;", prefix);
  out.line("  localparam int unsigned {}_BITS = {};", upper_case(prefix), bits);
}

// The branches of a function that gives such an enum.
std::vector<Branch> kind_branches(const std::string& prefix, const std::vector<std::string>& kinds,
                                  const std::string InstructionDef::*kind) {
  std::vector<Branch> branches;
  for (auto word = kinds.begin() + 1; word != kinds.end(); ++word) {
    branches.push_back({fmt::format("sterna_isa_pkg::{}_{}", upper_case(prefix), upper_case(*word)),
                        [word = *word, kind](const InstructionDef& i) { return i.*kind == word; }});
  }
  return branches;
}

// A vector of `bits` for each of `values`, the first one lowest.
std::string packed(const std::vector<unsigned>& values, unsigned bits) {
  std::string parts;
  for (auto value = values.rbegin(); value != values.rend(); ++value) {
    parts += fmt::format("{}{}'d{}", parts.empty() ? "" : ", ", bits, *value);
  }
  return "{" + parts + "}";
}

unsigned number_of(const std::vector<UnitDef>& units, const std::string& name) {
  const auto found =
      std::find_if(units.begin(), units.end(), [&](const UnitDef& u) { return u.name == name; });
  return static_cast<unsigned>(found - units.begin());
}

// The units that write and read the registers' scales: of vd, and of the va of stream SCALE_STREAM.
void emit_scales(const std::vector<UnitDef>& units, Text& out) {
  std::size_t stream = 0;
  for (unsigned u = 0; u < units.size(); ++u) {
    if (units[u].scale == "writes") {
      out.line("  localparam int unsigned SCALE_WRITER = {};  // {}", u, units[u].name);
    } else if (units[u].scale == "reads") {
      out.line("  localparam int unsigned SCALE_READER = {};  // {}", u, units[u].name);
      out.line("  localparam int unsigned SCALE_STREAM = {};  // its va", stream);
    }
    stream += units[u].reads.size();
  }
}

// The read streams: READ_X is unit X's first.
void emit_streams(const std::vector<UnitDef>& units, Text& out) {
  unsigned streams = 0, buses = 0;
  std::vector<unsigned> operands, starts;
  for (unsigned u = 0; u < units.size(); ++u) {
    const UnitDef& unit = units[u];
    std::string names;
    for (const std::string& source : unit.reads) {
      names += " " + source;
      operands.push_back(static_cast<unsigned>(source[1] - 'a'));
      unsigned binds = 1u << u;
      for (unsigned other = 0; other < units.size(); ++other) {
        if (units[other].buses == unit.name) binds |= 1u << other;
      }
      starts.push_back(binds);
    }
    out.line("  localparam int unsigned READ_{} = {};  //{}", unit.name, streams, names);
    out.line("  localparam int unsigned READ_{}_COUNT = {};", unit.name, unit.reads.size());
    streams += static_cast<unsigned>(unit.reads.size());
    if (unit.buses.empty()) buses = streams;
  }
  out.line("  localparam int unsigned READ_STREAMS = {};", streams);
  out.line("  // The operand that stream s reads, at 2 * s: 0 va, 1 vb, 2 vc.");
  out.line("  localparam logic [{}:0] READ_OPERANDS = {};", 2 * streams - 1, packed(operands, 2));
  out.line("  // The units whose start binds stream s to a register, at UNITS * s.");
  out.line("  localparam logic [{}:0] READ_STARTS = {};", units.size() * streams - 1,
           packed(starts, static_cast<unsigned>(units.size())));
  out.line(
      "  // The first streams have a data bus each, of the same number; the others share theirs.");
  out.line("  localparam int unsigned READ_BUSES = {};", buses);
}

}  // namespace

void emit_sv_opcodes(const Definition& isa, Text& out) {
  const FieldDef& op = isa.field("op");
  out.line("  localparam int unsigned OP_BITS = {};", op.bits);
  out.line("  typedef enum logic [{}:0] {{", op.bits - 1);
  for (const InstructionDef& instruction : isa.instructions) {
    out.line("    OP_{} = {}'h{:02x}{}  // {}", instruction.mnemonic, op.bits, instruction.opcode,
             &instruction == &isa.instructions.back() ? "" : ",", instruction.summary);
  }
  out.line("  }} opcode_e;");
  out.line("");
  out.line("  // What an instruction writes to vd; what it names in memory.");
  emit_kinds(out, "result", kResults);
  emit_kinds(out, "access", kAccesses);
  out.line("");
}

void emit_sv_units(const Definition& isa, Text& out) {
  const std::vector<UnitDef> units = isa.executing_units();
  const auto bits = std::bit_width(units.size() - 1);
  out.line(
      "  // The units besides the router. A unit's number is its bit in start, done and "
      "trace_retire.");
  out.line("  localparam int unsigned UNITS = {};", units.size());
  out.line("  typedef enum logic [{}:0] {{", bits - 1);
  std::string shared, saturates;
  std::vector<unsigned> write_buses;
  unsigned owners = 0;
  for (unsigned u = 0; u < units.size(); ++u) {
    out.line("    UNIT_{} = {}'d{}{}  // {}", units[u].name, bits, u,
             u + 1 == units.size() ? "" : ",", units[u].doc);
    shared.insert(0, units[u].place == "shared" ? "1" : "0");
    saturates.insert(0, units[u].saturates ? "1" : "0");
    write_buses.push_back(units[u].buses.empty() ? u : number_of(units, units[u].buses));
    if (units[u].buses.empty()) owners = u + 1;
  }
  out.line("  }} unit_e;");
  out.line(
      "  localparam logic [UNITS-1:0] UNIT_SHARED = {}'b{};  // one for all lanes, not one in each",
      units.size(), shared);
  out.line("  localparam logic [UNITS-1:0] UNIT_SATURATES = {}'b{};  // its results may be clamped",
           units.size(), saturates);
  out.line("");
  out.line("  // Read streams of a register file: READ_X is unit X's first, of READ_X_COUNT.");
  emit_streams(units, out);
  out.line(
      "  // Write streams have the numbers of their units. The bus of unit u is at 4 * u; units of "
      "one bus");
  out.line("  // never run at once.");
  out.line("  localparam int unsigned WRITE_BUSES = {};", owners);
  out.line("  localparam logic [4*UNITS-1:0] WRITE_BUS = {};", packed(write_buses, 4));
  emit_scales(units, out);
  out.line("");
}

void emit_sv_functions(const Definition& isa, Text& out) {
  std::vector<Branch> used, units;
  for (const InstructionDef& instruction : isa.instructions) {
    used.push_back({used_literal(isa, instruction), [&instruction](const InstructionDef& i) {
                      return i.opcode == instruction.opcode;
                    }});
  }
  for (const UnitDef& unit : isa.executing_units()) {
    units.push_back({fmt::format("UNITS'(1) << sterna_isa_pkg::UNIT_{}", unit.name),
                     [name = unit.name](const InstructionDef& i) { return i.unit == name; }});
  }
  emit_function(isa, out, "logic [INSTRUCTION_BITS-1:0]", "used_bits",
                "The bits that an instruction may set; any other bit makes it illegal.", used,
                "'0");
  emit_function(isa, out, "logic [UNITS-1:0]", "unit_of",
                "The bit of its unit; none of what the router does itself.", units, "'0");
  emit_function(isa, out, "result_e", "result_of", "What it writes to vd.",
                kind_branches("result", kResults, &InstructionDef::result),
                "sterna_isa_pkg::RESULT_NONE");
  emit_function(isa, out, "access_e", "access_of", "What it names in memory.",
                kind_branches("access", kAccesses, &InstructionDef::access),
                "sterna_isa_pkg::ACCESS_NONE");
  emit_predicate(isa, out, "is_legal_opcode", "Is there such an instruction?",
                 [](const InstructionDef&) { return true; });
  emit_predicate(isa, out, "chains", "May it issue while its sources are being written?",
                 [](const InstructionDef& i) { return i.chain; });
  emit_predicate(isa, out, "needs_distinct", "Must vd and va differ?",
                 [](const InstructionDef& i) { return i.distinct; });
  emit_predicate(isa, out, "takes_scale", "Is its immediate a weight scale?",
                 [](const InstructionDef& i) { return i.imm_kind == "scale"; });
  for (const RegisterDef& reg : isa.registers) {
    const auto needs = [&reg](const InstructionDef& i) { return i.capability == reg.name; };
    if (std::none_of(isa.instructions.begin(), isa.instructions.end(), needs)) continue;
    emit_predicate(isa, out, fmt::format("needs_{}", lower_case(reg.name)),
                   fmt::format("Does it need the capability {}?", reg.name), needs);
  }
  for (const char* operand : {"vd", "va", "vb", "vc", "mem", "len", "rows", "imm"}) {
    emit_predicate(isa, out, fmt::format("uses_{}", operand),
                   fmt::format("Has the instruction the operand {}?", operand),
                   [operand](const InstructionDef& i) { return i.has(operand); });
  }
}

}  // namespace sterna::isagen
