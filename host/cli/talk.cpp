// SPDX-License-Identifier: Apache-2.0
#include "host/cli/talk.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/backends/engines.h"
#include "host/cli/history.h"
#include "host/cli/interrupts.h"
#include "host/cli/line_editor.h"
#include "host/cli/output.h"
#include "host/cli/run_figures.h"
#include "host/cli/talk_command.h"
#include "host/model/saturation.h"
#include "host/model/tokenizer.h"
#include "host/profile/profile.h"
#include "host/profile/timeline.h"
#include "host/runtime/conversation.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

// Ctrl-C before the first token of an answer.
struct Stopped {};

class Talk {
 public:
  explicit Talk(const RunOptions& options)
      : options_(options),
        file_(options.model),
        tokenizer_(model::make_tokenizer(file_)),
        settings_{options.count, options.sampler} {
    tokenizer_->encode("", options.special);  // throws for a model without text
    if (!options.timeline.empty()) timeline_file_.emplace(options.timeline);
    backends::BackendOptions backend = options.backend;
    if (!options.timeline.empty()) backend.observer = &timeline_;
    engine_ = backends::make_engine(file_, backend);
    conversation_.emplace(*engine_);
    if (const Capabilities* hardware = engine_->hardware()) {
      figures_.profile.machine = *hardware;
      timeline_.describe(file_.program(), *hardware, engine_->name());
    }
  }

  void run() {
    LineEditor editor(read_history());
    show(
        fmt::format("{} on {}. /help lists the commands, Ctrl-C ends an answer, Ctrl-D ends it "
                    "all.\n",
                    std::filesystem::path(options_.model).filename().string(), engine_->name()));
    while (const auto line = read(editor)) {
      if (line->starts_with('/')) {
        obey(*line);
      } else {
        answer(*line);
      }
    }
    if (options_.profile) show(profile::profile_table(figures_.profile));
    if (timeline_file_) timeline_.write(*timeline_file_);
    write_history(editor.history());
  }

 private:
  // Lines that end in a backslash are one with the next.
  static std::optional<std::string> read(LineEditor& editor) {
    std::optional<std::string> line = editor.read("> ");
    while (line && line->ends_with('\\')) {
      const auto more = editor.read(". ");
      if (!more) return {};
      line->back() = '\n';
      *line += *more;
    }
    return line;
  }

  void obey(const std::string& line) {
    try {
      switch (parse_talk_command(line, settings_)) {
        case TalkCommand::kHelp:
          return show(talk_help(settings_));
        case TalkCommand::kReset:
          stream_ = model::TextStream(*tokenizer_);
          said_.clear();
          return conversation_->reset();
        case TalkCommand::kStats:
          return show(figures_.profile.positions == 0 ? "nothing was read yet\n"
                                                      : figures_text(figures_, options_, *engine_));
        case TalkCommand::kSetting:
          return;
      }
    } catch (const Error& error) {
      show(fmt::format("{}\n", error.what()));
    }
  }

  // The tokens of a line: what stands around every prompt stands around the first one alone, a line
  // end before the others.
  std::vector<std::uint32_t> encode(const std::string& line) const {
    if (line.empty()) return {};
    if (conversation_->empty()) return tokenizer_->encode(line, options_.special);
    return tokenizer_->encode_more(said_, between() + line, options_.special);
  }

  // What stands between what was said last and a new line.
  std::string between() const { return said_.ends_with('\n') ? "" : "\n"; }

  // Of what was said the last line is enough to know how text goes on from it.
  void remember(const std::string& text) {
    said_ += text;
    if (said_.size() < 2) return;
    const std::size_t end = said_.rfind('\n', said_.size() - 2);
    if (end != std::string::npos) said_.erase(0, end + 1);
  }

  void answer(const std::string& line) {
    const std::vector<std::uint32_t> tokens = encode(line);
    if (tokens.empty() && conversation_->empty()) return;
    if (!line.empty()) remember(conversation_->empty() ? line : between() + line);
    for (const std::uint32_t token : tokens) stream_.add(token);
    interrupts_.clear();
    ended_ = true;
    runtime::SchedulerEvents events;
    bool answered = false;
    events.ends = [&](std::uint32_t token) {
      return file_.header().model.ends(token) || interrupts_.pending();
    };
    events.token = [&](std::size_t, std::uint32_t token) {
      answered = true;
      ++figures_.generated;
      if (!file_.header().model.ends(token)) show_answer(stream_.add(token));
    };
    events.step = [&](std::uint64_t positions, const engine::StepFigures& figures) {
      figures_.profile.add(positions, figures);
      if (!answered && interrupts_.pending()) throw Stopped{};
    };
    const auto start = std::chrono::steady_clock::now();
    try {
      conversation_->turn(tokens, settings_.count, settings_.sampler, events);
    } catch (const Stopped&) {
    }
    figures_.seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    ++settings_.sampler.seed;  // or each answer would draw the same numbers
    if (!ended_) show("\n");
    warn_of_saturation();
  }

  // Once: all that follows may be wrong, and each answer would say so again.
  void warn_of_saturation() {
    const std::uint64_t saturated = figures_.profile.counters[Counter::kSaturated];
    if (saturated == 0 || warned_) return;
    warned_ = true;
    fmt::print(stderr, "{}", model::saturation_line(file_, saturated));
  }

  void show_answer(const std::string& text) {
    if (text.empty()) return;
    show(text);
    remember(text);
    ended_ = text.back() == '\n';
  }

  const RunOptions& options_;
  model::SternaFile file_;
  std::unique_ptr<model::Tokenizer> tokenizer_;
  model::TextStream stream_{*tokenizer_};
  TalkSettings settings_;
  std::optional<AtomicFile> timeline_file_;
  profile::Timeline timeline_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<runtime::Conversation> conversation_;
  RunFigures figures_;
  Interrupts interrupts_;
  std::string said_;   // by both: the last line, or what there is of it
  bool ended_ = true;  // is the cursor at the begin of a line?
  bool warned_ = false;
};

}  // namespace

void talk(const RunOptions& options) { Talk(options).run(); }

}  // namespace sterna::cli
