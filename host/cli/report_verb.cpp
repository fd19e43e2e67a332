// SPDX-License-Identifier: Apache-2.0
// sterna report: one page about where a model's time goes on the RTL.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "host/backends/engines.h"
#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/output.h"
#include "host/cli/progress.h"
#include "host/cli/verbs.h"
#include "host/model/tokenizer.h"
#include "host/profile/report.h"
#include "host/runtime/scheduler.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

struct ReportArguments {
  std::string model;
  std::optional<std::string> prompt;
  std::uint64_t count = 4;
  backends::BackendOptions backend;
  std::string output;
};

void report(const ReportArguments& options) {
  AtomicFile output(options.output);  // says at once when it cannot be written
  const model::SternaFile file(options.model);
  const auto tokenizer = model::make_tokenizer(file);
  runtime::Request request{{0}, options.count, {}};  // a model without text starts from token 0
  if (options.prompt || file.header().tokenizer != model::TokenizerKind::kIds)
    request.prompt = tokenizer->encode(options.prompt.value_or("ROMEO:"));
  if (request.prompt.empty()) throw Error("the prompt is empty");

  profile::Timeline timeline;
  backends::BackendOptions backend = options.backend;
  backend.observer = &timeline;
  const auto engine = backends::make_engine(file, backend);
  profile::Profile profile{*engine->hardware(), {}, 0, 0};
  timeline.describe(file.program(), profile.machine, engine->name());
  // Every lane has a sequence: the machine as it is meant to be used.
  const std::vector<runtime::Request> requests(engine->sequences(), request);
  Progress progress("running");
  runtime::SchedulerEvents events;
  events.step = [&](std::uint64_t positions, const engine::StepFigures& figures) {
    profile.add(positions, figures);
    progress.update(profile.positions, requests.size() * (request.prompt.size() + options.count));
  };
  runtime::generate(*engine, requests, events);

  const std::string html = profile::html_report(
      profile, timeline,
      {fmt::format("{} on {}", std::filesystem::path(options.model).filename().string(),
                   engine->name()),
       fmt::format("sterna report {} -n {} --config {} --memory {} -o {}", options.model,
                   options.count, backend.configuration, backend.memory, options.output)});
  output.write(std::as_bytes(std::span(html)));
  show(profile::profile_table(profile));
  output.commit();
}

}  // namespace

void add_report_verb(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("report", "Write a page about where a model's time goes on the RTL");
  const auto o = std::make_shared<ReportArguments>();
  verb->add_option("model", o->model, "A .sterna file")->required();
  verb->add_option("-p,--prompt", o->prompt, "Text to go on from (ROMEO:)");
  verb->add_option("-n,--count", o->count, "Tokens to generate in each lane")
      ->transform(whole_number())
      ->capture_default_str();
  o->backend.name = "rtl";
  add_device_options(*verb, o->backend, {"rtl"});
  verb->add_option("-o,--output", o->output, "HTML file to write")->required();
  verb->callback([verb, o] {
    prepare_device(*verb, o->backend);
    report(*o);
  });
}

}  // namespace sterna::cli
