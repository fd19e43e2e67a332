// SPDX-License-Identifier: Apache-2.0
// The [[unit]] and [[instruction]] tables.
#include <fmt/ranges.h>

#include <algorithm>

#include "isa/generator/toml_table.h"

namespace sterna::isagen {
namespace {

const std::vector<std::string> kSources = {"va", "vb", "vc"};

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// An array of words of `kinds`, each at most once.
std::vector<std::string> words(const toml::value& table, const std::string& key,
                               const std::vector<std::string>& kinds) {
  const toml::value& list = get(table, key);
  if (!list.is_array()) fail(list, "'{}' must be an array", key);
  std::vector<std::string> found;
  for (const toml::value& item : list.as_array()) {
    if (!item.is_string()) fail(item, "an operand must be a string");
    const std::string word = item.as_string().str;
    if (!contains(kinds, word)) fail(item, "unknown operand '{}'", word);
    if (contains(found, word)) fail(item, "operand '{}' is named twice", word);
    found.push_back(word);
  }
  return found;
}

// The word of `key`, one of `kinds` but the first, when `wanted`, and no such key when not.
std::string kind(const toml::value& table, const std::string& key,
                 const std::vector<std::string>& kinds, bool wanted, const char* operand) {
  std::string word = text_or_empty(table, key);
  const bool known = !word.empty() && contains({kinds.begin() + 1, kinds.end()}, word);
  if (wanted == known && (wanted || word.empty())) return word;
  fail(table.contains(key) ? get(table, key) : get(table, "mnemonic"),
       "{}: '{}' must be one of {} for an instruction with {}, and absent for one without",
       text(table, "mnemonic"), key, fmt::join(kinds.begin() + 1, kinds.end(), ", "), operand);
}

// A unit that shares another's buses has no place of its own among them: it comes behind those that
// do, so that a bus has the number of its stream.
void check_buses(const toml::value& table, const UnitDef& unit, const Definition& isa) {
  if (unit.buses.empty()) {
    if (!isa.units.empty() && !isa.units.back().buses.empty() && unit.place != "router") {
      fail(get(table, "name"), "unit {} has buses of its own and comes behind one that has none",
           unit.name);
    }
    return;
  }
  const auto owner = std::find_if(isa.units.begin(), isa.units.end(),
                                  [&](const UnitDef& u) { return u.name == unit.buses; });
  if (owner == isa.units.end() || !owner->buses.empty() ||
      owner->reads.size() < unit.reads.size()) {
    fail(get(table, "buses"), "unit {}: no unit '{}' above it has buses of its own, enough for {}",
         unit.name, unit.buses, fmt::join(unit.reads, " "));
  }
}

void check_unit(const toml::value& table, const InstructionDef& instruction,
                const Definition& isa) {
  const bool known = std::any_of(isa.units.begin(), isa.units.end(),
                                 [&](const UnitDef& u) { return u.name == instruction.unit; });
  if (!known) fail(get(table, "unit"), "unknown unit '{}'", instruction.unit);
  const UnitDef& unit = isa.unit(instruction.unit);
  if (instruction.opcode >> 4 != unit.code) {
    fail(get(table, "opcode"), "the high nibble of opcode 0x{:02x} is not the code of unit {}",
         instruction.opcode, unit.name);
  }
  bool has_source = false;
  for (const std::string& source : kSources) {
    has_source = has_source || instruction.has(source);
    if (instruction.has(source) && !contains(unit.reads, source)) {
      fail(get(table, "operands"), "{}: unit {} has no read stream for {}", instruction.mnemonic,
           unit.name, source);
    }
  }
  if (instruction.chain && !has_source) {
    fail(get(table, "chain"), "{}: 'chain' needs a source", instruction.mnemonic);
  }
  if (instruction.result == "q8" && unit.scale != "writes") {
    fail(get(table, "result"), "{}: unit {} writes no scale, which q8 needs", instruction.mnemonic,
         unit.name);
  }
}

}  // namespace

void read_units(const toml::value& root, Definition& isa) {
  Unique<std::string> names, scales;
  Unique<unsigned> codes;
  for (const toml::value& table : tables(root, "unit")) {
    only_keys(table, {"name", "code", "place", "reads", "buses", "scale", "saturates", "doc"});
    UnitDef unit;
    unit.name = text(table, "name");
    unit.code = number(table, "code", 0, 15);
    unit.place = text(table, "place");
    unit.buses = text_or_empty(table, "buses");
    unit.scale = text_or_empty(table, "scale");
    unit.saturates = flag(table, "saturates");
    unit.doc = text(table, "doc");
    names.add(get(table, "name"), unit.name, "the name", "unit " + unit.name);
    codes.add(get(table, "code"), unit.code, "the code", "unit " + unit.name);
    if (!contains({"lane", "shared", "router"}, unit.place)) {
      fail(get(table, "place"), "'place' is '{}', must be lane, shared or router", unit.place);
    }
    if (!isa.units.empty() && isa.units.back().place == "router") {
      fail(get(table, "name"), "unit {} comes behind the router, which must be the last",
           unit.name);
    }
    if (unit.place != "router") unit.reads = words(table, "reads", kSources);
    if (unit.place != "router" && unit.reads.empty()) {
      fail(get(table, "reads"), "unit {} reads nothing", unit.name);
    }
    if (!contains({"", "writes", "reads"}, unit.scale)) {
      fail(get(table, "scale"), "'scale' is '{}', must be writes or reads", unit.scale);
    }
    if (!unit.scale.empty()) {
      scales.add(get(table, "scale"), unit.scale, "'" + unit.scale + "'", "unit " + unit.name);
    }
    if (unit.scale == "reads" && unit.reads.front() != "va") {
      fail(get(table, "reads"), "unit {} reads a scale, which is its first stream's: va",
           unit.name);
    }
    check_buses(table, unit, isa);
    isa.units.push_back(unit);
  }
  if (isa.units.back().place != "router") {
    fail(get(root, "unit"), "the last unit must be the router");
  }
  for (const char* scale : {"writes", "reads"}) {
    const bool found = std::any_of(isa.units.begin(), isa.units.end(),
                                   [&](const UnitDef& u) { return u.scale == scale; });
    if (!found) fail(get(root, "unit"), "no unit {} scales", scale);
  }
}

void read_instructions(const toml::value& root, Definition& isa) {
  Unique<std::string> mnemonics;
  Unique<unsigned> opcodes;
  const FieldDef& op = isa.field("op");
  for (const toml::value& table : tables(root, "instruction")) {
    only_keys(table,
              {"mnemonic", "opcode", "unit", "operands", "trees", "imm_kind", "result", "access",
               "chain", "distinct", "capability", "cycles", "summary", "action", "notes"});
    InstructionDef instruction;
    instruction.mnemonic = text(table, "mnemonic");
    instruction.opcode = number(table, "opcode", 0, (std::int64_t{1} << op.bits) - 1);
    instruction.unit = text(table, "unit");
    instruction.operands = words(
        table, "operands", {"vd", "va", "vb", "vc", "mem", "len", "rows", "imm", "trees", "depth"});
    const auto has = [&](const char* operand) { return instruction.has(operand); };
    instruction.trees = kind(table, "trees", {"none", "len", "rows"}, has("trees"), "trees");
    if (has("trees") && has(instruction.trees.c_str())) {
      fail(get(table, "trees"), "field {} is an operand already", instruction.trees);
    }
    instruction.imm_kind = kind(table, "imm_kind", kImmediates, has("imm"), "an immediate");
    instruction.result = kind(table, "result", kResults, has("vd"), "vd");
    instruction.access = kind(table, "access", kAccesses, has("mem"), "mem");
    instruction.capability = text_or_empty(table, "capability");
    instruction.chain = flag(table, "chain");
    instruction.distinct = flag(table, "distinct");
    instruction.cycles = text(table, "cycles");
    instruction.summary = text(table, "summary");
    instruction.action = text(table, "action");
    instruction.notes = text_or_empty(table, "notes");

    const std::string& mnemonic = instruction.mnemonic;
    mnemonics.add(get(table, "mnemonic"), mnemonic, "the mnemonic", "instruction " + mnemonic);
    opcodes.add(get(table, "opcode"), instruction.opcode,
                fmt::format("opcode 0x{:02x}", instruction.opcode), mnemonic);
    check_unit(table, instruction, isa);
    if (instruction.distinct && !(has("vd") && has("va"))) {
      fail(get(table, "distinct"), "{}: 'distinct' needs vd and va", mnemonic);
    }
    isa.instructions.push_back(instruction);
  }
}

}  // namespace sterna::isagen
