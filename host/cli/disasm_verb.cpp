// sterna disasm: a program file back to source.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "asm/disassembler.h"
#include "host/cli/verbs.h"

namespace sterna {

void add_disasm_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("disasm", "Print a program file as assembly source");
  const auto path = std::make_shared<std::string>();
  verb->add_option("program", *path, "Program file")->required();
  verb->callback([path] { std::fputs(disassemble(read_program(*path)).c_str(), stdout); });
}

}  // namespace sterna
