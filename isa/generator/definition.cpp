// SPDX-License-Identifier: Apache-2.0
#include "isa/generator/definition.h"

#include <algorithm>

#include "isa/generator/toml_table.h"
#include "support/error.h"

namespace sterna::isagen {
namespace {

void read_constants(const toml::value& root, Definition& isa) {
  const toml::value& table = get(root, "isa");
  const std::vector<std::string> names = {
      "version",          "oldest_version",      "instruction_bits",    "line_bytes",
      "segments",         "max_registers",       "max_vector_length",   "fraction_bits",
      "trits_per_byte",   "scale_mantissa_bits", "scale_exponent_bits", "min_scale_exponent",
      "max_lanes",        "top_entries",         "max_trees",           "max_tree_depth",
      "tree_block_levels"};
  only_keys(table, {names.begin(), names.end()});
  for (const std::string& name : names) {
    isa.constants.push_back({name, number(table, name, 1, 1 << 30)});
  }
  if (isa.constant("instruction_bits") != 128) {
    fail(get(table, "instruction_bits"), "'instruction_bits' must be 128: four 32-bit words");
  }
  if (isa.constant("oldest_version") > isa.constant("version")) {
    fail(get(table, "oldest_version"), "'oldest_version' is above 'version'");
  }
}

void read_fields(const toml::value& root, Definition& isa) {
  Unique<std::string> names;
  Unique<unsigned> bits;
  const unsigned width = isa.constant("instruction_bits");
  for (const toml::value& table : tables(root, "field")) {
    only_keys(table, {"name", "lsb", "bits", "doc"});
    const FieldDef field = {text(table, "name"), number(table, "lsb", 0, 1 << 20),
                            number(table, "bits", 1, 32), text(table, "doc")};
    names.add(get(table, "name"), field.name, "the name", fmt::format("field {}", field.name));
    if (field.lsb + field.bits > width) {
      fail(get(table, "lsb"), "field {} ends at bit {}, beyond the {} bits of an instruction",
           field.name, field.lsb + field.bits - 1, width);
    }
    if (field.lsb / 32 != (field.lsb + field.bits - 1) / 32) {
      fail(get(table, "lsb"), "field {} crosses a 32-bit word", field.name);
    }
    for (unsigned bit = field.lsb; bit < field.lsb + field.bits; ++bit) {
      bits.add(get(table, "lsb"), bit, fmt::format("bit {}", bit),
               fmt::format("field {}", field.name));
    }
    isa.fields.push_back(field);
  }
  for (const char* name :
       {"op", "vd", "va", "vb", "vc", "seg", "depth", "len", "rows", "off", "imm"}) {
    const bool found = std::any_of(isa.fields.begin(), isa.fields.end(),
                                   [&](const FieldDef& f) { return f.name == name; });
    if (!found) fail(get(root, "field"), "field '{}' is missing", name);
  }
}

void read_statuses(const toml::value& root, Definition& isa) {
  Unique<std::string> names;
  Unique<unsigned> codes;
  for (const toml::value& table : tables(root, "status")) {
    only_keys(table, {"name", "code", "doc"});
    const StatusDef status = {text(table, "name"), number(table, "code", 0, 255),
                              text(table, "doc")};
    names.add(get(table, "name"), status.name, "the name", "status " + status.name);
    codes.add(get(table, "code"), status.code, "the code", "status " + status.name);
    isa.statuses.push_back(status);
  }
}

// Registers, then the counters behind them: they share one map.
void read_registers(const toml::value& root, Definition& isa) {
  Unique<std::string> names;
  Unique<unsigned> words;
  for (const toml::value& table : tables(root, "register")) {
    only_keys(table, {"name", "offset", "count", "stride", "access", "capability", "value", "doc"});
    RegisterDef reg;
    reg.name = text(table, "name");
    reg.offset = number(table, "offset", 0, kRegisterMapBytes - 4);
    reg.count = number_or(table, "count", 1, kRegisterMapBytes / 4, 1);
    reg.stride = number_or(table, "stride", 4, kRegisterMapBytes, 4);
    reg.access = text(table, "access");
    reg.capability = flag(table, "capability");
    if (table.contains("value")) reg.value = number(table, "value", 0, 0xFFFFFFFF);
    reg.doc = text(table, "doc");
    names.add(get(table, "name"), reg.name, "the name", "register " + reg.name);
    const toml::value& place = get(table, "offset");
    if (reg.offset % 4 != 0 || reg.stride % 4 != 0) {
      fail(place, "register {} is not on a 32-bit word", reg.name);
    }
    if (reg.access != "rw" && reg.access != "ro" && reg.access != "wo") {
      fail(get(table, "access"), "register {}: access is '{}', must be rw, ro or wo", reg.name,
           reg.access);
    }
    for (unsigned i = 0; i < reg.count; ++i) {
      const unsigned offset = reg.offset + i * reg.stride;
      if (offset > kRegisterMapBytes - 4) {
        fail(place, "register {} ends at 0x{:x}, beyond the {} bytes of the map", reg.name, offset,
             kRegisterMapBytes);
      }
      words.add(place, offset, fmt::format("offset 0x{:03x}", offset), "register " + reg.name);
    }
    isa.registers.push_back(reg);
  }

  const toml::value& counters = get(root, "counters");
  only_keys(counters, {"offset"});
  isa.counters_offset = number(counters, "offset", 0, kRegisterMapBytes - kCounterBytes);
  if (isa.counters_offset % kCounterBytes != 0) {
    fail(get(counters, "offset"), "the counters must start on a 64-bit word");
  }
  Unique<std::string> counter_names;
  for (const toml::value& table : tables(root, "counter")) {
    only_keys(table, {"name", "doc"});
    const CounterDef counter = {text(table, "name"), text(table, "doc")};
    const toml::value& place = get(table, "name");
    counter_names.add(place, counter.name, "the name", "counter " + counter.name);
    const auto offset =
        isa.counters_offset + kCounterBytes * static_cast<unsigned>(isa.counters.size());
    if (offset > kRegisterMapBytes - kCounterBytes) {
      fail(place, "counter {} is beyond the {} bytes of the map", counter.name, kRegisterMapBytes);
    }
    for (const unsigned word : {offset, offset + 4}) {
      words.add(place, word, fmt::format("offset 0x{:03x}", word), "counter " + counter.name);
    }
    isa.counters.push_back(counter);
  }
}

// What an instruction needs of a build is a capability register.
void check_capabilities(const toml::value& root, const Definition& isa) {
  for (const toml::value& table : tables(root, "instruction")) {
    const std::string name = text_or_empty(table, "capability");
    if (name.empty()) continue;
    const bool known = std::any_of(isa.registers.begin(), isa.registers.end(),
                                   [&](const auto& r) { return r.capability && r.name == name; });
    if (!known) fail(get(table, "capability"), "'{}' is no capability register", name);
  }
}

template <typename T>
const T& named(const std::vector<T>& list, const std::string& name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const T& item) { return item.name == name; });
  if (found == list.end()) throw Error("the ISA definition has no '{}'", name);
  return *found;
}

toml::value parse(const std::filesystem::path& path) {
  try {
    return toml::parse(path.string());
  } catch (const toml::exception& error) {
    const std::string what = error.what();
    throw Error("{}:{}: {}", path.string(), error.location().line(),
                what.substr(0, what.find('\n')));
  } catch (const std::exception& error) {
    throw Error("{}: {}", path.string(), error.what());
  }
}

}  // namespace

bool InstructionDef::has(const std::string& operand) const {
  return std::find(operands.begin(), operands.end(), operand) != operands.end();
}

bool InstructionDef::uses(const FieldDef& field) const {
  if (field.name == "op") return true;
  if (field.name == "seg" || field.name == "off") return has("mem");
  return has(field.name) || field.name == trees;
}

unsigned Definition::constant(const std::string& name) const {
  return named(constants, name).value;
}
const FieldDef& Definition::field(const std::string& name) const { return named(fields, name); }
const UnitDef& Definition::unit(const std::string& name) const { return named(units, name); }
std::vector<UnitDef> Definition::executing_units() const {
  return {units.begin(), units.end() - 1};
}

Definition read_definition(const std::filesystem::path& path) {
  const toml::value root = parse(path);
  Definition isa;
  only_keys(root, {"isa", "field", "unit", "instruction", "status", "register", "counters",
                   "counter", "kernel", "serial", "board"});
  read_constants(root, isa);
  read_fields(root, isa);
  read_units(root, isa);
  read_instructions(root, isa);
  read_statuses(root, isa);
  read_registers(root, isa);
  check_capabilities(root, isa);
  read_kernel(root, isa);
  read_serial(root, isa);
  read_boards(root, isa);
  return isa;
}

}  // namespace sterna::isagen
