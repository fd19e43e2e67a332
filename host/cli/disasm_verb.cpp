// SPDX-License-Identifier: Apache-2.0
// sterna disasm: a program file back to source.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "asm/disassembler.h"
#include "host/cli/verbs.h"

namespace sterna::cli {

void add_disasm_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("disasm", "Print a program file as assembly source");
  const auto path = std::make_shared<std::string>();
  verb->add_option("program", *path, "Program file")->required();
  verb->callback(
      [path] { fmt::print("{}", assembly::disassemble(assembly::read_program(*path))); });
}

}  // namespace sterna::cli
