// SPDX-License-Identifier: Apache-2.0
// sterna run: a prompt goes in, text streams out.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "host/cli/device_options.h"
#include "host/cli/generation.h"
#include "host/cli/numbers.h"
#include "host/cli/processes.h"
#include "host/cli/run_options.h"
#include "host/cli/talk.h"
#include "host/cli/verbs.h"
#include "support/error.h"

namespace sterna::cli {
namespace {

// Is there somebody to talk with, and nothing said yet?
bool is_talk(const RunOptions& o) {
  return !o.prompt && o.file.empty() && o.ids.empty() && o.batch.empty() &&
         ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
}

// Refuses what would have no effect with the other options.
void check_effects(const CLI::App& verb, const RunOptions& options) {
  const auto given = [&](const char* option) { return verb.count(option) != 0; };
  const std::string& backend = options.backend.name;
  if (given("--check") && backend == "golden") {
    throw Error("--check compares another backend with golden: --backend rtl --check golden");
  }
  if (given("--batch") && given("--logits")) {
    throw Error("--logits is for one prompt, not for --batch");
  }
  if (given("--timeline") && backend != "rtl") {
    throw Error("--timeline shows what the RTL does: --backend rtl");
  }
  if (given("--profile") && (backend == "cpu" || backend == "cuda" || backend == "golden")) {
    throw Error("--profile shows the hardware's counters: --backend rtl or xrt");
  }
  runtime::Sampler{options.sampler};  // are its options in range?
  for (const char* option : {"--json", "--logits"}) {
    if (given(option) && is_talk(options)) {
      throw Error("{} is for prompts that are given, not for talking", option);
    }
  }
  if (options.count == 0 && given("--temperature")) {
    throw Error("--temperature is about tokens that are generated: -n 0 asks for none");
  }
  for (const char* option : {"--top-k", "--top-p", "--seed"}) {
    // Who talks may say /temp later.
    if (given(option) && options.sampler.temperature == 0 && !is_talk(options)) {
      throw Error("{} is about sampling: it needs --temperature above 0", option);
    }
  }
}

}  // namespace

void add_run_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("run", "Generate text from a prompt");
  const auto o = std::make_shared<RunOptions>();
  verb->add_option("model", o->model, "A .sterna file")->required();
  auto* prompt =
      verb->add_option("-p,--prompt", o->prompt, "Text to go on from; - reads standard input");
  auto* file = verb->add_option("-f,--file", o->file,
                                "File with the text to go on from, without its last line end")
                   ->excludes(prompt);
  auto* ids = verb->add_option_function<std::string>(
                      "--ids", [o](const std::string& text) { o->ids = parse_list(text, "--ids"); },
                      "Token ids in place of the text: 1,5,7")
                  ->excludes(prompt)
                  ->excludes(file);
  verb->add_option("--batch", o->batch,
                   "A file of prompts, one a line: the device's lanes take them in turn")
      ->excludes(prompt)
      ->excludes(file)
      ->excludes(ids);
  verb->add_flag("--special", o->special,
                 "Read <s>, </s> and the tokenizer's other special and added tokens in the text as "
                 "tokens")
      ->excludes(ids);
  verb->add_option("-n,--count", o->count, "Tokens to generate; 0 reads the prompt alone")
      ->transform(whole_number());
  o->backend.name = "cpu";
  add_device_options(*verb, o->backend, kAllEngines);
  verb->add_option("--temperature", o->sampler.temperature,
                   "Sample from the logits divided by this; without it the most probable token")
      ->check(real_number(0, runtime::kMaxTemperature));
  verb->add_option("--top-k", o->sampler.top_k, "Sample among the k most probable tokens")
      ->transform(whole_number<std::uint32_t>());
  verb->add_option("--top-p", o->sampler.top_p,
                   "Sample among the most probable tokens that together reach this probability")
      ->check(real_number(0, 1));
  verb->add_option("--seed", o->sampler.seed, "Of the sampling")->transform(whole_number());
  verb->add_option(
      "--logits", o->logits,
      "File for the logits: float32 [positions, vocabulary], a row for every token read");
  verb->add_option("--check", o->check, "Compare every logit with golden's, bit for bit")
      ->check(one_of({"golden"}));
  verb->add_flag("--profile", o->profile,
                 "Print where the cycles go, by unit and cause, the bandwidth and the roofline");
  verb->add_option("--timeline", o->timeline,
                   "rtl: file for a timeline of units and channels, for ui.perfetto.dev");
  verb->add_flag("--json", o->json, "End with one line of JSON instead of the figures");
  verb->footer(
      "Without -p, -f, --ids and --batch the prompt is standard input; on a terminal, a "
      "conversation: each line is answered. In files and in standard input a CRLF is read as LF.");
  verb->callback([verb, o] {
    check_effects(*verb, *o);
    o->backend.check = !o->check.empty();
    prepare_device(*verb, o->backend);
    if (::isatty(STDOUT_FILENO) == 0) o->backend.progress = lockstep_progress();  // else: the text
    o->backend.ranks = all_ranks();
    if (follows(o->backend)) return follow(o->model, o->backend);
    if (is_talk(*o)) {
      talk(*o);
    } else {
      run_prompts(*o);
    }
  });
}

}  // namespace sterna::cli
