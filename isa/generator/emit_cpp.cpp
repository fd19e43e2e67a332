// SPDX-License-Identifier: Apache-2.0
// The C++ side: isa.h.
#include <algorithm>
#include <array>
#include <cctype>

#include "isa/generator/emit.h"
#include "isa/generator/text.h"
#include "support/error.h"

namespace sterna::isagen {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void emit_constants(const Definition& isa, Text& out) {
  for (const ConstantDef& constant : isa.constants) {
    const std::string name = constant.name == "version" ? "isa_version" : constant.name;
    out.line("inline constexpr std::uint32_t k{} = {};", camel_case(name), constant.value);
  }
  out.line("inline constexpr std::uint32_t kRegisterMapBytes = {};", kRegisterMapBytes);
  out.line("");
}

void emit_fields(const Definition& isa, Text& out) {
  out.line(
      "// The fields of an instruction; kFields is indexed by this enum. No field crosses a 32-bit "
      "word.");
  out.line("enum class Field : std::uint8_t {{");
  for (const FieldDef& field : isa.fields)
    out.line("  k{},  // {}", camel_case(field.name), field.doc);
  out.line("}};");
  out.line("struct FieldInfo {{");
  out.line("  std::string_view name;");
  out.line("  unsigned lsb = 0;");
  out.line("  unsigned bits = 0;");
  out.line("}};");
  out.line("inline constexpr std::array<FieldInfo, {}> kFields = {{{{", isa.fields.size());
  for (const FieldDef& field : isa.fields) {
    out.line("    {{{}, {}, {}}},", quoted(field.name), field.lsb, field.bits);
  }
  out.line("}}}};");
  out.line("");
}

// "Kind::kA, Kind::kB"
std::string enumerators(const std::string& type, const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list += fmt::format("{}{}k{}", list.empty() ? "" : ", ", type, camel_case(name));
  }
  return list;
}

void emit_units(const Definition& isa, Text& out) {
  const std::size_t traced = isa.executing_units().size();
  std::size_t most_reads = 0, first_read = 0;
  out.line(
      "// A unit's number is its bit in trace_retire; the router, which is no such unit, is the "
      "last.");
  out.line("enum class Unit : std::uint8_t {{");
  for (const UnitDef& unit : isa.units) {
    most_reads = std::max(most_reads, unit.reads.size());
    out.line("  k{},  // {}", camel_case(unit.name), unit.doc);
  }
  out.line("}};");
  out.line("inline constexpr unsigned kTracedUnits = {};", traced);
  out.line("struct UnitInfo {{");
  out.line("  std::string_view name;");
  out.line("  bool shared = false;      // one for all lanes, not one in each");
  out.line("  unsigned first_read = 0;  // the number of its first read stream");
  out.line("  std::array<Operand, {}> read_slots{{}};  // use reads()", most_reads);
  out.line("  std::uint8_t read_count = 0;");
  out.line("");
  out.line("  // Its read streams, by the operands that they read.");
  out.line(
      "  constexpr std::span<const Operand> reads() const {{ return {{read_slots.data(), "
      "read_count}}; }}");
  out.line("}};");
  out.line("// Indexed by Unit; the first kTracedUnits are those that execute instructions.");
  out.line("inline constexpr std::array<UnitInfo, {}> kUnits = {{{{", isa.units.size());
  for (const UnitDef& unit : isa.units) {
    out.line("    {{{}, {}, {}, {{{}}}, {}}},", quoted(unit.name), unit.place == "shared",
             first_read, enumerators("Operand::", unit.reads), unit.reads.size());
    first_read += unit.reads.size();
  }
  out.line("}}}};");
  out.line("");
}

void emit_statuses(const Definition& isa, Text& out) {
  out.line("// How a program ended: what the STATUS register reads as.");
  out.line("enum class Status : std::uint32_t {{");
  for (const StatusDef& status : isa.statuses) {
    out.line("  k{} = {},  // {}", camel_case(status.name), status.code, status.doc);
  }
  out.line("}};");
  out.line("struct StatusInfo {{");
  out.line("  Status status{{}};");
  out.line("  std::string_view name;");
  out.line("  std::string_view doc;");
  out.line("}};");
  out.line("inline constexpr std::array<StatusInfo, {}> kStatuses = {{{{", isa.statuses.size());
  for (const StatusDef& status : isa.statuses) {
    out.line("    {{Status::k{}, {}, {}}},", camel_case(status.name), quoted(status.name),
             quoted(status.doc));
  }
  out.line("}}}};");
  out.line("");
}

// The bits that an instruction may set, as four words.
std::array<std::uint32_t, 4> used_words(const Definition& isa, const InstructionDef& instruction) {
  std::array<std::uint32_t, 4> words{};
  for (const FieldDef& field : isa.fields) {
    if (!instruction.uses(field)) continue;
    const std::uint64_t ones = (std::uint64_t{1} << field.bits) - 1;
    words[field.lsb / 32] |= static_cast<std::uint32_t>(ones << (field.lsb % 32));
  }
  return words;
}

void emit_instructions(const Definition& isa, Text& out) {
  std::size_t most_operands = 0;
  out.line("enum class Opcode : std::uint8_t {{");
  for (const InstructionDef& instruction : isa.instructions) {
    most_operands = std::max(most_operands, instruction.operands.size());
    out.line("  k{} = 0x{:02x},  // {}", camel_case(instruction.mnemonic), instruction.opcode,
             instruction.summary);
  }
  out.line("}};");
  out.line("");
  out.line("// What an immediate means: a fix constant, NORM's eps or TMATMUL's weight scale.");
  out.line("enum class ImmKind : std::uint8_t {{ {} }};", enumerators("", kImmediates));
  out.line(
      "// What is written to vd: len fix elements; len q8 elements and the scale; a fix element a "
      "row of the matrix; a list; a fix element a level of each tree.");
  out.line("enum class Result : std::uint8_t {{ {} }};", enumerators("", kResults));
  out.line(
      "// What mem names: a vector of each lane; a row of a table, by the lane's token; over all "
      "channels a matrix, or one of the two of an FFF layer.");
  out.line("enum class Access : std::uint8_t {{ {} }};", enumerators("", kAccesses));
  out.line("struct InstructionInfo {{");
  out.line("  std::string_view mnemonic;");
  out.line("  Opcode opcode{{}};");
  out.line("  Unit unit{{}};");
  out.line("  std::array<Operand, {}> operand_slots{{}};  // use operands()", most_operands);
  out.line("  std::uint8_t operand_count = 0;");
  out.line("  ImmKind imm_kind{{}};");
  out.line("  Result result{{}};");
  out.line("  Access access{{}};");
  out.line("  Field trees{{}};                          // the field of kTrees; kOp without it");
  out.line(
      "  std::string_view capability;            // the register that says whether a build has it, "
      "or empty");
  out.line(
      "  bool chain = false;                       // may issue while its sources are being "
      "written");
  out.line("  bool distinct = false;                    // vd and va must differ");
  out.line("  std::array<std::uint32_t, 4> used{{}};      // the bits that may be set");
  out.line("  std::string_view summary;");
  out.line("");
  out.line("  // In the order of the assembly source.");
  out.line("  constexpr std::span<const Operand> operands() const {{");
  out.line("    return {{operand_slots.data(), operand_count}};");
  out.line("  }}");
  out.line("  constexpr bool has(Operand operand) const {{");
  out.line("    for (const Operand o : operands()) {{");
  out.line("      if (o == operand) return true;");
  out.line("    }}");
  out.line("    return false;");
  out.line("  }}");
  out.line("}};");
  out.line("inline constexpr std::array<InstructionInfo, {}> kInstructionSet = {{{{",
           isa.instructions.size());
  for (const InstructionDef& instruction : isa.instructions) {
    const auto used = used_words(isa, instruction);
    const auto kind = [](const std::string& word) {
      return word.empty() ? "None" : camel_case(word);
    };
    out.line("    {{{}, Opcode::k{}, Unit::k{}, {{{}}}, {},", quoted(instruction.mnemonic),
             camel_case(instruction.mnemonic), camel_case(instruction.unit),
             enumerators("Operand::", instruction.operands), instruction.operands.size());
    out.line("     ImmKind::k{}, Result::k{}, Access::k{}, Field::k{}, {}, {}, {},",
             kind(instruction.imm_kind), kind(instruction.result), kind(instruction.access),
             instruction.trees.empty() ? "Op" : camel_case(instruction.trees),
             quoted(instruction.capability), instruction.chain, instruction.distinct);
    out.line("     {{0x{:08x}, 0x{:08x}, 0x{:08x}, 0x{:08x}}}, {}}},", used[0], used[1], used[2],
             used[3], quoted(instruction.summary));
  }
  out.line("}}}};");
  out.line("");
}

void emit_register_constants(const Definition& isa, Text& out) {
  out.line("// Byte offsets of the control registers; an array of registers takes an index.");
  out.line("namespace reg {{");
  for (const RegisterDef& reg : isa.registers) {
    if (reg.count == 1) {
      out.line("inline constexpr std::uint32_t k{} = 0x{:03x};  // {}", camel_case(reg.name),
               reg.offset, reg.doc);
    } else {
      out.line("inline constexpr std::uint32_t k{}Count = {};", camel_case(reg.name), reg.count);
      out.line("constexpr std::uint32_t {}(std::uint32_t index) {{  // {}", lower_case(reg.name),
               reg.doc);
      out.line("  return 0x{:03x} + {} * index;", reg.offset, reg.stride);
      out.line("}}");
    }
    if (reg.value) {
      out.line("inline constexpr std::uint32_t k{}Value = 0x{:08x};", camel_case(reg.name),
               *reg.value);
    }
  }
  out.line("}}  // namespace reg");
  out.line("");
  out.line(
      "// kCounters is indexed by this enum; each counter is 64 bits at its offset, low word "
      "first.");
  out.line("enum class Counter : std::uint8_t {{");
  for (const CounterDef& counter : isa.counters) {
    out.line("  k{},  // {}", camel_case(counter.name), counter.doc);
  }
  out.line("}};");
  out.line("struct CounterInfo {{");
  out.line("  std::string_view name;");
  out.line("  std::uint32_t offset = 0;");
  out.line("  std::string_view doc;");
  out.line("}};");
  out.line("inline constexpr std::array<CounterInfo, {}> kCounters = {{{{", isa.counters.size());
  unsigned offset = isa.counters_offset;
  for (const CounterDef& counter : isa.counters) {
    out.line("    {{{}, 0x{:03x}, {}}},", quoted(counter.name), offset, quoted(counter.doc));
    offset += kCounterBytes;
  }
  out.line("}}}};");
  out.line("");
}

}  // namespace

std::string upper_case(const std::string& name) {
  std::string out = name;
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

std::string lower_case(const std::string& name) {
  std::string out = name;
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string camel_case(const std::string& name) {
  std::string out;
  bool start = true;
  for (const char c : name) {
    if (c == '_') {
      start = true;
      continue;
    }
    const auto u = static_cast<unsigned char>(c);
    out += static_cast<char>(start ? std::toupper(u) : std::tolower(u));
    start = false;
  }
  return out;
}

std::string emit_cpp_header(const Definition& isa) {
  Text out;
  out.line(
      "// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.");
  out.line("// clang-format off");
  out.line("#pragma once");
  out.line("");
  out.line("#include <array>");
  out.line("#include <cstdint>");
  out.line("#include <span>");
  out.line("#include <string_view>");
  out.line("");
  out.line("namespace sterna {{");
  out.line("");
  emit_constants(isa, out);
  emit_fields(isa, out);
  out.line("// What stands in an operand's place in the source; kMem is the fields seg and off.");
  out.line("enum class Operand : std::uint8_t {{");
  out.line("  kVd, kVa, kVb, kVc, kMem, kLen, kRows, kImm, kTrees, kDepth");
  out.line("}};");
  out.line("");
  emit_units(isa, out);
  emit_statuses(isa, out);
  emit_instructions(isa, out);
  emit_register_constants(isa, out);
  out.line("}}  // namespace sterna");
  return out.take();
}

}  // namespace sterna::isagen
