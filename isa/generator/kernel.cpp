// SPDX-License-Identifier: Apache-2.0
// The [kernel] table of the definition.
#include <algorithm>

#include "isa/generator/toml_table.h"

namespace sterna::isagen {
namespace {

void read_channels(const toml::value& table, Definition& isa) {
  const toml::value& list = get(table, "channels");
  if (!list.is_array() || list.as_array().empty()) fail(list, "'channels' must be an array");
  Unique<unsigned> numbers;
  for (const toml::value& item : list.as_array()) {
    const auto most = isa.constant("segments");
    if (!item.is_integer() || item.as_integer() < 1 || item.as_integer() > most) {
      fail(item, "'channels' must be whole numbers in 1..{}", most);
    }
    const auto channels = static_cast<unsigned>(item.as_integer());
    numbers.add(item, channels, "the number", fmt::format("channels {}", channels));
    isa.kernel.channels.push_back(channels);
  }
}

void read_parameters(const toml::value& table, Definition& isa) {
  Unique<std::string> names;
  for (const toml::value& item : tables(table, "parameter")) {
    only_keys(item, {"name", "value", "doc"});
    const KernelParameterDef parameter = {text(item, "name"), number(item, "value", 0, 1 << 30),
                                          text(item, "doc")};
    names.add(get(item, "name"), parameter.name, "the name", "parameter " + parameter.name);
    isa.kernel.parameters.push_back(parameter);
  }
}

// The words of a pointer are two arrays of registers, the second one word behind the first.
bool has_high_word(const Definition& isa, const RegisterDef& low) {
  return std::any_of(isa.registers.begin(), isa.registers.end(), [&](const RegisterDef& high) {
    return high.offset == low.offset + 4 && high.count == low.count && high.stride == low.stride &&
           high.access == low.access;
  });
}

void read_argument(const toml::value& item, Definition& isa, Unique<unsigned>& words,
                   Unique<std::string>& names) {
  only_keys(item, {"name", "register", "per", "type"});
  const std::string pattern = text(item, "name");
  const std::string per = text_or_empty(item, "per");
  const std::string type = text(item, "type");
  const toml::value& place = get(item, "register");
  const std::string register_name = text(item, "register");

  const auto reg = std::find_if(isa.registers.begin(), isa.registers.end(),
                                [&](const RegisterDef& r) { return r.name == register_name; });
  if (reg == isa.registers.end()) fail(place, "unknown register '{}'", register_name);
  if (reg->access != "rw") fail(place, "register {} is not rw", reg->name);
  if (reg->offset < kFirstArgument) {
    fail(place, "register {} lies below 0x{:02x}, where arguments start", reg->name,
         kFirstArgument);
  }
  if (type != "pointer" && type != "uint") {
    fail(get(item, "type"), "'type' is '{}', must be pointer or uint", type);
  }
  if (type == "pointer" && !has_high_word(isa, *reg)) {
    fail(place, "register {} has no high word behind it, which a pointer needs", reg->name);
  }
  if (!per.empty() && per != "segment" && per != "lane") {
    fail(get(item, "per"), "'per' is '{}', must be segment or lane", per);
  }
  if (per.empty() ? reg->count != 1 : reg->count == 1) {
    fail(place, "register {} is{} an array, which does not go with {} 'per'", reg->name,
         reg->count == 1 ? " not" : "", per.empty() ? "no" : "a");
  }
  if (per == "segment" && reg->count != isa.constant("segments")) {
    fail(place, "register {} has {} elements for {} segments", reg->name, reg->count,
         isa.constant("segments"));
  }
  const std::size_t mark = pattern.find('#');
  if (per.empty() != (mark == std::string::npos)) {
    fail(get(item, "name"), "an argument has '#' in its name when, and only when, it has a 'per'");
  }

  for (unsigned i = 0; i < reg->count; ++i) {
    KernelArgumentDef argument;
    argument.name = pattern;
    if (mark != std::string::npos) argument.name.replace(mark, 1, std::to_string(i));
    argument.offset = reg->offset + i * reg->stride;
    argument.pointer = type == "pointer";
    argument.bytes = argument.pointer ? 8 : 4;
    if (per == "segment") argument.segment = i;
    if (per == "lane") argument.lane = i;
    const std::string owner = "argument " + argument.name;
    names.add(get(item, "name"), argument.name, "the name", owner);
    for (unsigned word = argument.offset; word < argument.offset + argument.bytes; word += 4) {
      words.add(place, word, fmt::format("offset 0x{:03x}", word), owner);
    }
    isa.kernel.arguments.push_back(argument);
  }
}

}  // namespace

void read_kernel(const toml::value& root, Definition& isa) {
  const toml::value& table = get(root, "kernel");
  only_keys(table, {"name", "channels", "parameter", "argument"});
  isa.kernel.name = text(table, "name");
  read_channels(table, isa);
  read_parameters(table, isa);
  Unique<unsigned> words;
  Unique<std::string> names;
  for (const toml::value& item : tables(table, "argument")) read_argument(item, isa, words, names);

  std::vector<KernelArgumentDef>& arguments = isa.kernel.arguments;
  std::sort(
      arguments.begin(), arguments.end(),
      [](const KernelArgumentDef& a, const KernelArgumentDef& b) { return a.offset < b.offset; });
  // A build without the last lanes leaves their arguments out: no other's number may change by it.
  bool in_lanes = false;
  for (const KernelArgumentDef& argument : arguments) {
    if (in_lanes && !argument.lane) {
      fail(get(table, "argument"), "argument {} comes after those of the lanes", argument.name);
    }
    in_lanes = argument.lane.has_value();
  }
}

}  // namespace sterna::isagen
