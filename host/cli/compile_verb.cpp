// SPDX-License-Identifier: Apache-2.0
// sterna compile: a Hugging Face folder to model.sterna.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/output.h"
#include "host/cli/progress.h"
#include "host/cli/verbs.h"
#include "host/model/compiler.h"
#include "host/model/saturation.h"
#include "support/output_target.h"

namespace sterna::cli {
namespace {

struct CompileArguments {
  std::string folder;
  std::string output;
  std::string tokenizer = "auto";
  std::optional<std::uint32_t> vector_length;
};

void compile(const CompileArguments& options) {
  model::CompileOptions compile_options;
  compile_options.vector_length = options.vector_length;
  compile_options.bare_ids = options.tokenizer == "none";
  std::string saturated;
  {
    Progress progress("compiling");
    compile_options.progress = [&](std::uint64_t done, std::uint64_t total) {
      progress.update(done, total,
                      fmt::format("of {:.1f} M weights", 1e-6 * static_cast<double>(total)));
    };
    compile_options.may_saturate = [&](std::span<const std::string> tensors) {
      saturated = fmt::format(
          "warning: by their bounds these may leave the machine's range, and saturate: {}",
          model::list_of(tensors));
    };
    compile_options.written = [&](std::uint64_t bytes) {
      progress.clear();
      // Nothing but the model goes where the model goes.
      if (find_output(options.output).descriptor == STDOUT_FILENO) return;
      show(fmt::format("{}: {} bytes\n", options.output, bytes));
    };
    model::compile_model(options.folder, options.output, compile_options);
  }
  remark(saturated);
}

}  // namespace

void add_compile_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("compile", "Compile a checkpoint to a .sterna file");
  const auto options = std::make_shared<CompileArguments>();
  verb->add_option(
          "folder", options->folder,
          "Hugging Face folder: config.json, model.safetensors or its shards, tokenizer.model or "
          "tokenizer.json")
      ->required();
  verb->add_option("-o,--output", options->output, "The .sterna file to write")->required();
  verb->add_option("--tokenizer", options->tokenizer,
                   "auto: the folder's; none: a model of bare ids, whatever the folder has")
      ->check(one_of({"auto", "none"}))
      ->capture_default_str();
  verb->add_option(
          "--vector-length", options->vector_length,
          "Elements in the target's vector registers (a multiple of 16; default: the smallest "
          "power of two from 1024 on that the model fits)")
      ->transform(whole_number<std::uint32_t>());
  verb->callback([options] { compile(*options); });
}

}  // namespace sterna::cli
