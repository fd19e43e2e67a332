// SPDX-License-Identifier: Apache-2.0
// The serial line's protocol and the boards: serial.h and sterna_serial_pkg.sv.
#include "isa/generator/emit.h"
#include "isa/generator/text.h"

namespace sterna::isagen {
namespace {

void emit_enum(const std::string& name, const std::vector<StatusDef>& codes, Text& out) {
  out.line("enum class {} : std::uint8_t {{", name);
  for (const StatusDef& code : codes) {
    out.line("  k{} = {},  // {}", camel_case(code.name), code.code, code.doc);
  }
  out.line("}};");
}

}  // namespace

std::string emit_serial_header(const Definition& isa) {
  Text out;
  out.line(
      "// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.");
  out.line("// clang-format off");
  out.line("#pragma once");
  out.line("");
  out.line("#include <array>");
  out.line("#include <cstdint>");
  out.line("#include <string_view>");
  out.line("");
  out.line("namespace sterna {{");
  out.line("namespace serial_line {{");
  out.line("");
  for (const ConstantDef& constant : isa.serial.constants) {
    out.line("inline constexpr std::uint32_t k{} = {};", camel_case(constant.name), constant.value);
  }
  out.line("");
  emit_enum("Command", isa.serial.commands, out);
  emit_enum("Result", isa.serial.results, out);
  out.line("");
  out.line("}}  // namespace serial_line");
  out.line("");
  out.line("// A board that `make bitstream` builds for.");
  out.line("struct Board {{");
  out.line("  std::string_view name;");
  out.line("  std::string_view title;");
  out.line("  std::string_view configuration;  // rtl/config");
  out.line("  std::string_view part;           // the FPGA, as a bitstream names it");
  out.line("  std::string_view package;        // likewise");
  out.line("  std::uint32_t idcode;            // as the FPGA tells it over JTAG");
  out.line("  std::uint32_t memory_bytes;");
  out.line("  std::uint32_t baud;");
  out.line("  std::string_view loader;         // openFPGALoader's name of it");
  out.line("}};");
  out.line("inline constexpr std::array<Board, {}> kBoards = {{{{", isa.boards.size());
  for (const BoardDef& board : isa.boards) {
    out.line("    {{\"{}\", \"{}\", \"{}\", \"{}\", \"{}\",", board.name, board.title,
             board.configuration, board.part, board.package);
    out.line("     0x{:08x}, {}, {}, \"{}\"}},", board.idcode, board.memory_bytes, board.baud,
             board.loader);
  }
  out.line("}}}};");
  out.line("");
  out.line("}}  // namespace sterna");
  return out.take();
}

std::string emit_serial_package(const Definition& isa) {
  Text out;
  out.line(
      "// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.");
  out.line("// No module needs every name of the package.");
  out.line("/* verilator lint_off UNUSEDPARAM */");
  out.line("package sterna_serial_pkg;");
  for (const ConstantDef& constant : isa.serial.constants) {
    if (constant.name.ends_with("_sync")) {
      out.line("  localparam logic [7:0] {} = 8'h{:02x};", upper_case(constant.name),
               constant.value);
    } else {
      out.line("  localparam int unsigned {} = {};", upper_case(constant.name), constant.value);
    }
  }
  for (const StatusDef& command : isa.serial.commands) {
    out.line("  localparam logic [7:0] COMMAND_{} = 8'd{};", command.name, command.code);
  }
  for (const StatusDef& result : isa.serial.results) {
    out.line("  localparam logic [3:0] RESULT_{} = 4'd{};", result.name, result.code);
  }
  out.line("endpackage");
  out.line("/* verilator lint_on UNUSEDPARAM */");
  return out.take();
}

}  // namespace sterna::isagen
