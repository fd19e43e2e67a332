// SPDX-License-Identifier: Apache-2.0
// The text of each generated file. All are functions of the definition alone, so that the same
// definition always gives the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "isa/generator/definition.h"

namespace sterna::isagen {

class Text;

std::string emit_cpp_header(const Definition& isa);
std::string emit_configurations_header(const Definition& isa,
                                       const std::vector<ConfigurationDef>& configurations);
std::string emit_sv_package(const Definition& isa);
// Parts of the package: the enum of opcodes; the units, their streams and buses; functions of an
// opcode.
void emit_sv_opcodes(const Definition& isa, Text& out);
void emit_sv_units(const Definition& isa, Text& out);
void emit_sv_functions(const Definition& isa, Text& out);
std::string emit_docs(const Definition& isa);

// The kernel: the host's header; the wrapper for a number of channels; the kernel.xml, and what
// packaging reads, of a configuration.
std::string emit_kernel_header(const Definition& isa);
std::string kernel_module(unsigned channels);
std::string emit_kernel_wrapper(const Definition& isa, unsigned channels);
std::string emit_kernel_xml(const Definition& isa, const ConfigurationDef& configuration);
std::string emit_kernel_tcl(const Definition& isa, const ConfigurationDef& configuration);

// The serial line's protocol and the boards, for the host and for the RTL.
std::string emit_serial_header(const Definition& isa);
std::string emit_serial_package(const Definition& isa);

// A function's parabolas, one for each step of 1/64 (docs/numerics.md, "Parabolas"): about the
// step's middle, with the way from there in steps.
struct Parabola {
  std::int32_t value = 0;
  std::int32_t slope = 0;
  std::int32_t curve = 0;
};
struct RomTable {
  std::string constant;  // kSigmoidTable
  std::string doc;
  std::vector<Parabola> steps;
};
RomTable sigmoid_table();
RomTable exp2_table();
RomTable phi_table();
std::string emit_tables_header(const std::vector<RomTable>& tables);
// The ROM of them all, one behind the other.
std::string emit_sv_rom(const std::vector<RomTable>& tables);

// Every generated file: its path from the root of the repository, and its text.
struct GeneratedFile {
  std::string path;
  std::string text;
};
std::vector<GeneratedFile> generated_files(const Definition& isa,
                                           const std::vector<ConfigurationDef>& configurations);

// "ILLEGAL_INSTRUCTION" -> "IllegalInstruction".
std::string camel_case(const std::string& name);
std::string upper_case(const std::string& name);
std::string lower_case(const std::string& name);

}  // namespace sterna::isagen
