// SPDX-License-Identifier: Apache-2.0
// sterna asm: assembly source to a program file, a ROM image or a listing.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "asm/assembler.h"
#include "host/cli/output.h"
#include "host/cli/verbs.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

struct AsmOptions {
  std::string source;
  std::string output;
  std::string rom;
  bool list = false;
};

void run_asm(const AsmOptions& options) {
  if (options.output.empty() && options.rom.empty() && !options.list) {
    throw Error("asm: nothing to write: give -o, --mem or --list");
  }
  std::optional<AtomicFile> program, rom;
  if (!options.output.empty()) program.emplace(options.output);
  if (!options.rom.empty()) rom.emplace(options.rom);
  const assembly::Assembly assembly = assembly::assemble_file(options.source);
  if (program) program->write(assembly::program_bytes(assembly.program));
  if (rom) rom->write(assembly::readmemh_text(assembly.program));
  if (options.list) show(assembly::listing_text(assembly));
  if (program) program->commit();
  if (rom) rom->commit();
}

}  // namespace

void add_asm_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("asm", "Assemble a program");
  const auto options = std::make_shared<AsmOptions>();
  verb->add_option("source", options->source, "Assembly source")->required();
  verb->add_option("-o,--output", options->output, "Program file to write");
  verb->add_option("--mem", options->rom, "Image of the instruction ROM to write, for $readmemh");
  verb->add_flag("--list", options->list, "Print address, encoding and source of each instruction");
  verb->callback([options] { run_asm(*options); });
}

}  // namespace sterna::cli
