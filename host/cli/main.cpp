// SPDX-License-Identifier: Apache-2.0
// The sterna command: one file a verb, listed in host/cli/verbs.h.
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "asm/assembler.h"
#include "host/cli/output.h"
#include "host/cli/processes.h"
#include "host/cli/verbs.h"
#include "isa/generated/isa.h"
#include "support/error.h"
#include "support/files.h"
#include "support/mapped_inputs.h"
#include "support/standard_streams.h"
#include "support/temporary.h"
#include "support/watched_files.h"

namespace {

// An empty value, of a variable that is not set, say, would be as if the option were not there.
// Only of a prompt there is more to say.
void refuse_empty_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_name() == "--prompt") continue;
    option->check(
        [](const std::string& value) { return value.empty() ? "the value is empty" : ""; });
  }
  for (CLI::App* verb : app.get_subcommands({})) refuse_empty_values(*verb);
}

// What was wrong with the arguments. CLI11 lists those that it does not know backwards, and does
// not say which word is no command.
std::string complaint(const CLI::App& all, const CLI::Error& error) {
  const CLI::App* app = &all;
  while (app->remaining_size() == 0 && !app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
  }
  const std::vector<std::string> unknown = app->remaining();
  if (unknown.empty()) return error.what();
  if (app->get_require_subcommand_min() > 0) {
    return fmt::format("'{}' is no {}", sterna::printable(unknown.front()),
                       unknown.front().starts_with('-') ? "option, and no command" : "command");
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr) return error.what();
  return fmt::format("not expected: {}", fmt::join(unknown, " "));
}

// Throws Error for arguments that are wrong, and what the verb throws.
void run(int argc, char** argv) {
  CLI::App app("Sterna: ternary MatMul-free language models, from checkpoint to token", "sterna");
  app.set_version_flag(
      "--version", fmt::format("sterna {} (ISA version {})", STERNA_VERSION, sterna::kIsaVersion));
  app.require_subcommand(1);
  // One line a verb, in the order in which the help shows them.
  sterna::cli::add_asm_verb(app);
  sterna::cli::add_disasm_verb(app);
  sterna::cli::add_data_verb(app);
  sterna::cli::add_compile_verb(app);
  sterna::cli::add_info_verb(app);
  sterna::cli::add_run_verb(app);
  sterna::cli::add_serve_verb(app);
  sterna::cli::add_bench_verb(app);
  sterna::cli::add_report_verb(app);
  sterna::cli::add_eval_verb(app);
  sterna::cli::add_bert_verb(app);
  sterna::cli::add_sim_verb(app);
  sterna::cli::add_debug_verb(app);
  sterna::cli::add_dram_verb(app);
  sterna::cli::add_xclbin_verb(app);
  sterna::cli::add_program_verb(app);
  sterna::cli::add_devices_verb(app);
  sterna::cli::add_completion_verb(app);
  sterna::cli::add_man_verb(app);
  refuse_empty_values(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      throw sterna::Error("{} (sterna --help tells more)", complaint(app, error));
    }
    app.exit(error);  // it was asked for help
  }
  sterna::cli::finish_output();  // output that never arrived is a failure, too
}

// What a command that writes files owes to its user.
void protect_files() {
  sterna::occupy_standard_streams();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows too large is an error like others
  sterna::end_when_inputs_shrink();
  sterna::remove_temporaries_on_signals();
  sterna::watch_files();
}

// Runs it; what went wrong, or "". With ranks each of them gets what went wrong with the first.
std::string failure_of(std::unique_ptr<sterna::ranks::Ranks>& ranks, int argc, char** argv) {
  std::string failure;
  try {
    ranks = sterna::ranks::join();
    if (!sterna::ranks::is_first() && std::freopen("/dev/null", "w", stdout) == nullptr) {
      throw sterna::Error("/dev/null cannot be opened");
    }
    sterna::cli::set_ranks(ranks.get(), argc, argv);
    run(argc, argv);
  } catch (const sterna::assembly::AssemblyError&) {
    throw;
  } catch (const std::system_error& error) {
    // fmt::print throws these.
    failure = std::ferror(stdout) == 0 ? error.what()
                                       : "cannot write the output: " + error.code().message();
  } catch (const std::bad_alloc&) {
    failure = "out of memory";
  } catch (const std::exception& error) {
    failure = error.what();
  }
  return ranks == nullptr ? failure : sterna::ranks::conclude(*ranks, failure);
}

}  // namespace

int main(int argc, char** argv) {
  protect_files();
  std::unique_ptr<sterna::ranks::Ranks> ranks;
  try {
    const std::string failure = failure_of(ranks, argc, argv);
    if (failure.empty()) return 0;
    if (sterna::ranks::is_first()) std::fprintf(stderr, "sterna: %s\n", failure.c_str());
  } catch (const sterna::assembly::AssemblyError& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  return 1;
}
