// SPDX-License-Identifier: Apache-2.0
#include "host/cli/generation.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "host/backends/engines.h"
#include "host/cli/output.h"
#include "host/cli/prompts.h"
#include "host/cli/run_figures.h"
#include "host/model/saturation.h"
#include "host/model/tokenizer.h"
#include "host/profile/profile.h"
#include "host/profile/timeline.h"
#include "host/runtime/scheduler.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

class Run {
 public:
  explicit Run(const RunOptions& options)
      : options_(options),
        logits_(output(options.logits)),
        timeline_file_(output(options.timeline)),
        file_(options.model),
        tokenizer_(model::make_tokenizer(file_)),
        sequences_(read_prompts(options, *tokenizer_, file_.header().model)) {
    backends::BackendOptions backend = options.backend;
    if (!options.timeline.empty()) backend.observer = &timeline_;
    engine_ = backends::make_engine(file_, backend);
    if (const Capabilities* hardware = engine_->hardware()) {
      figures_.profile.machine = *hardware;
      timeline_.describe(file_.program(), *hardware, engine_->name());
    }
  }

  void run() {
    const auto start = std::chrono::steady_clock::now();
    try {
      generate_all();
    } catch (...) {
      fmt::print("\n");  // the error gets a line of its own
      throw;
    }
    figures_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (const Sequence& s : sequences_) figures_.generated += s.tokens.size();
    if (!batch()) fmt::print("\n");
    if (options_.profile) fmt::print("{}", profile::profile_table(figures_.profile));
    fmt::print("{}", options_.json ? figures_json(figures_, options_, *engine_, sequences_)
                                   : figures_text(figures_, options_, *engine_));
    finish_output();
    if (logits_) logits_->commit();
    if (timeline_file_) timeline_.write(*timeline_file_);
    remark(model::saturation_line(file_, figures_.profile.counters[Counter::kSaturated]));
  }

 private:
  static std::unique_ptr<AtomicFile> output(const std::string& path) {
    return path.empty() ? nullptr : std::make_unique<AtomicFile>(path);
  }

  bool batch() const { return !options_.batch.empty(); }

  void generate_all() {
    std::vector<runtime::Request> requests;
    for (std::size_t i = 0; i < sequences_.size(); ++i) {
      requests.push_back({sequences_[i].prompt, options_.count, options_.sampler});
      streams_.emplace_back(*tokenizer_);
      echoes_.push_back(prompt_text(i));
    }
    runtime::SchedulerEvents events;
    events.ends = [this](std::uint32_t token) { return file_.header().model.ends(token); };
    events.token = [this](std::size_t i, std::uint32_t token) { add(i, token); };
    events.step = [this](std::uint64_t positions, const engine::StepFigures& figures) {
      figures_.profile.add(positions, figures);
    };
    if (logits_) {
      events.logits = [this](std::size_t, std::span<const double> row) { write_logits(row); };
    }
    if (batch()) {
      events.finished = [this](std::size_t i) { print_sequence(i); };
    } else {
      show(echoes_[0]);
    }
    runtime::generate(*engine_, requests, events);
  }

  // Leaves its stream ready for what is generated behind the prompt.
  std::string prompt_text(std::size_t i) {
    std::string text;
    for (const std::uint32_t token : sequences_[i].prompt) text += streams_[i].add(token);
    return text;
  }

  void add(std::size_t i, std::uint32_t token) {
    Sequence& sequence = sequences_[i];
    sequence.tokens.push_back(token);
    if (file_.header().model.ends(token)) return;
    const std::string text = streams_[i].add(token);
    sequence.text += text;
    if (!batch()) show(text);
  }

  // In the order in which they end.
  void print_sequence(std::size_t i) const {
    show(fmt::format("[{}] {}{}\n", i + 1, echoes_[i], sequences_[i].text));
  }

  void write_logits(std::span<const double> logits) {
    row_.assign(logits.begin(), logits.end());
    logits_->write(std::as_bytes(std::span(row_)));
  }

  const RunOptions& options_;
  const std::unique_ptr<AtomicFile> logits_, timeline_file_;  // null: not asked for
  model::SternaFile file_;
  std::unique_ptr<model::Tokenizer> tokenizer_;
  std::vector<Sequence> sequences_;
  std::vector<model::TextStream> streams_;  // of each sequence,
  std::vector<std::string> echoes_;         // and its prompt as text
  profile::Timeline timeline_;
  std::unique_ptr<engine::Engine> engine_;
  std::vector<float> row_;
  RunFigures figures_;
};

}  // namespace

void run_prompts(const RunOptions& options) { Run(options).run(); }

}  // namespace sterna::cli
