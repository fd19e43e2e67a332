// SPDX-License-Identifier: Apache-2.0
// The configurations of the hardware, rtl/config/NAME.f.
#include <algorithm>
#include <charconv>

#include "isa/generator/definition.h"
#include "support/error.h"
#include "support/files.h"
#include "support/lines.h"

namespace sterna::isagen {
namespace {

namespace fs = std::filesystem;

void set(ConfigurationDef& configuration, const Definition& isa, const std::string& line,
         const std::string& place) {
  const std::size_t equals = line.find('=');
  unsigned value = 0;
  const char* end = line.data() + line.size();
  if (!line.starts_with("-G") || equals == std::string::npos ||
      std::from_chars(line.data() + equals + 1, end, value).ptr != end) {
    throw Error("{}: '{}' is not -GPARAMETER=NUMBER", place, line);
  }
  const std::string name = line.substr(2, equals - 2);
  if (name == "Channels") {
    const std::vector<unsigned>& made = isa.kernel.channels;
    if (std::find(made.begin(), made.end(), value) == made.end()) {
      throw Error("{}: the [kernel] table of isa/isa.toml has no wrapper for {} channels", place,
                  value);
    }
    configuration.channels = value;
    return;
  }
  const auto parameter = std::find_if(configuration.values.begin(), configuration.values.end(),
                                      [&](const KernelParameterDef& p) { return p.name == name; });
  if (parameter == configuration.values.end()) {
    throw Error("{}: the [kernel] table of isa/isa.toml has no parameter '{}'", place, name);
  }
  parameter->value = value;
}

ConfigurationDef read_configuration(const fs::path& path, const Definition& isa) {
  ConfigurationDef configuration;
  configuration.name = path.stem().string();
  configuration.values = isa.kernel.parameters;
  for_each_line(read_text_file(path), [&](std::string_view text, unsigned number) {
    text = text.substr(0, text.find("//"));
    text = text.substr(0, text.find_last_not_of(" \t") + 1);
    if (text.empty()) return;
    set(configuration, isa, std::string(text), fmt::format("{}:{}", path.string(), number));
  });
  return configuration;
}

}  // namespace

unsigned ConfigurationDef::value(const std::string& parameter) const {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const KernelParameterDef& p) { return p.name == parameter; });
  if (found == values.end()) throw Error("configuration {} has no '{}'", name, parameter);
  return found->value;
}

std::vector<ConfigurationDef> read_configurations(const fs::path& folder, const Definition& isa) {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".f") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<ConfigurationDef> configurations;
  configurations.reserve(paths.size());
  for (const fs::path& path : paths) configurations.push_back(read_configuration(path, isa));
  return configurations;
}

}  // namespace sterna::isagen
