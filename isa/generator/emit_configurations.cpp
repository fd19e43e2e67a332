// SPDX-License-Identifier: Apache-2.0
// The named configurations as constants: configurations.h.
#include "isa/generator/emit.h"
#include "isa/generator/text.h"

namespace sterna::isagen {

std::string emit_configurations_header(const Definition& isa,
                                       const std::vector<ConfigurationDef>& configurations) {
  Text out;
  out.line(
      "// Generated from rtl/config/*.f by isagen (`make generate`): edit those files, not this "
      "one.");
  out.line("// clang-format off");
  out.line("#pragma once");
  out.line("");
  out.line("#include <array>");
  out.line("#include <string_view>");
  out.line("");
  out.line("#include \"isa/capabilities.h\"");
  out.line("");
  out.line("namespace sterna {{");
  out.line("");
  out.line("// A configuration of the hardware, rtl/config/<name>.f, and what it has.");
  out.line("struct Configuration {{");
  out.line("  std::string_view name;");
  out.line("  Capabilities capabilities;");
  out.line("}};");
  out.line("inline constexpr std::array<Configuration, {}> kConfigurations = {{{{",
           configurations.size());
  for (const ConfigurationDef& c : configurations) {
    out.line("    {{\"{}\",", c.name);
    out.line("     {{.isa_version = {}, .channels = {}, .lanes = {}, .vector_length = {},",
             isa.constant("version"), c.channels, c.value("Lanes"), c.value("VecLen"));
    out.line(
        "      .registers = {}, .beat_bits = {}, .rom_depth = {}, .clock_khz = {}, .beats_per_step "
        "= {}}}}},",
        c.value("Registers"), c.value("BeatBits"), c.value("RomDepth"), c.value("ClockKhz"),
        c.value("BeatsPerStep"));
  }
  out.line("}}}};");
  out.line("");
  out.line("// nullptr when there is no configuration of this name.");
  out.line("constexpr const Configuration* find_configuration(std::string_view name) {{");
  out.line("  for (const Configuration& configuration : kConfigurations) {{");
  out.line("    if (configuration.name == name) return &configuration;");
  out.line("  }}");
  out.line("  return nullptr;");
  out.line("}}");
  out.line("");
  out.line("}}  // namespace sterna");
  return out.take();
}

}  // namespace sterna::isagen
