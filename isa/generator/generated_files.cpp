// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "isa/generator/emit.h"

namespace sterna::isagen {
namespace {

// The line that names the license, as a comment of the file's language; none where that says
// nothing of sources.
std::string license_line(const std::string& path) {
  const std::string line = "SPDX-License-Identifier: Apache-2.0\n";
  if (path.ends_with(".tcl")) return "# " + line;
  if (path.ends_with(".h") || path.ends_with(".sv") || path.ends_with(".v")) return "// " + line;
  return "";
}

}  // namespace

std::vector<GeneratedFile> generated_files(const Definition& isa,
                                           const std::vector<ConfigurationDef>& configurations) {
  const std::vector<RomTable> tables = {sigmoid_table(), phi_table(), exp2_table()};
  std::vector<GeneratedFile> files = {
      {"isa/generated/isa.h", emit_cpp_header(isa)},
      {"isa/generated/kernel.h", emit_kernel_header(isa)},
      {"isa/generated/configurations.h", emit_configurations_header(isa, configurations)},
      {"isa/generated/serial.h", emit_serial_header(isa)},
      {"isa/generated/tables.h", emit_tables_header(tables)},
      {"rtl/generated/sterna_isa_pkg.sv", emit_sv_package(isa)},
      {"rtl/generated/sterna_parabola_rom.sv", emit_sv_rom(tables)},
      {"rtl/generated/sterna_serial_pkg.sv", emit_serial_package(isa)},
      {"docs/isa.md", emit_docs(isa)},
  };
  for (const unsigned channels : isa.kernel.channels) {
    files.push_back({fmt::format("rtl/kernel/{}.v", kernel_module(channels)),
                     emit_kernel_wrapper(isa, channels)});
  }
  for (const ConfigurationDef& configuration : configurations) {
    const std::string path = "constraints/generated/kernel_" + configuration.name;
    files.push_back({path + ".xml", emit_kernel_xml(isa, configuration)});
    files.push_back({path + ".tcl", emit_kernel_tcl(isa, configuration)});
  }
  for (GeneratedFile& file : files) file.text.insert(0, license_line(file.path));
  return files;
}

}  // namespace sterna::isagen
