// sterna run: a prompt goes in, text streams out.
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/backends/backends.h"
#include "host/cli/verbs.h"
#include "host/cli/whole_number.h"
#include "host/cli/xrt_options.h"
#include "host/model/quantise.h"
#include "host/model/tokenizer.h"
#include "host/runtime/checker.h"
#include "host/runtime/counter_table.h"
#include "host/runtime/sampler.h"
#include "host/runtime/session.h"
#include "host/support/error.h"
#include "host/support/json.h"
#include "sim/rtl/rtl_device.h"

namespace sterna {
namespace {

struct Options {
  std::string model;
  std::optional<std::string> prompt;
  std::vector<std::uint32_t> ids;
  std::uint64_t count = 64;
  BackendOptions backend;
  SamplerOptions sampler;
  std::string logits;  // file
  std::string check;   // backend
  bool json = false;
  bool counters = false;
};

// The prompt's token ids, none of them beyond the vocabulary.
std::vector<std::uint32_t> prompt_tokens(const Options& options, const Tokenizer& tokenizer,
                                         const ModelConfig& model) {
  if (options.prompt && options.prompt->empty()) throw Error("the prompt is empty");
  if (!options.prompt && options.ids.empty()) throw Error("no prompt: give -p TEXT or --ids 1,2,3");
  std::vector<std::uint32_t> tokens =
      options.prompt ? tokenizer.encode(*options.prompt) : options.ids;
  for (const std::uint32_t token : tokens) {
    if (token >= model.vocab_size) {
      throw Error("prompt: token {} is beyond the vocabulary of {}", token, model.vocab_size);
    }
  }
  return tokens;
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        file_(options.model),
        tokenizer_(make_tokenizer(file_)),
        prompt_(prompt_tokens(options, *tokenizer_, file_.header().model)),
        sampler_(options.sampler) {
    if (!options.check.empty() && (options.check != "golden" || options.backend.name == "golden")) {
      throw Error("--check compares another backend with golden: --backend rtl --check golden");
    }
    if (!options.logits.empty()) logits_.emplace(options.logits);
    device_ = make_device(options.backend);
    session_.emplace(*device_, file_);
    if (!options.check.empty()) {
      golden_ = make_device({});
      golden_session_.emplace(*golden_, file_);
      checker_.emplace(*golden_session_);
    }
  }

  void run() {
    for (const std::uint32_t token : prompt_) show(token);
    const auto start = std::chrono::steady_clock::now();
    try {
      generate();
    } catch (...) {
      fmt::print("\n");  // the error gets a line of its own
      throw;
    }
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (logits_) logits_->commit();
    fmt::print("\n");
    if (options_.counters) fmt::print("{}", counter_table(counters_, positions_));
    if (options_.json) {
      print_json();
    } else {
      print_figures();
    }
  }

 private:
  void generate() {
    std::span<const numerics::fix> next;
    for (const std::uint32_t token : prompt_) next = consume(token);
    while (tokens_.size() < options_.count) {
      const std::uint32_t token = sampler_.choose(next);
      tokens_.push_back(token);
      if (tokenizer_->ends(token)) break;
      text_ += show(token);
      if (tokens_.size() < options_.count) next = consume(token);
    }
  }

  // Prints what the token adds to the text, at once: whoever watches sees the words come.
  std::string show(std::uint32_t token) {
    std::string text = tokenizer_->decode(token, shown_++ == 0);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    return text;
  }

  std::span<const numerics::fix> consume(std::uint32_t token) {
    if (checker_) checker_->start(token);
    const auto logits = session_->step(token);
    counters_ = counters_ + session_->counters();
    ++positions_;
    if (checker_) checker_->compare(logits);
    if (logits_) {
      row_.resize(logits.size());
      for (std::size_t i = 0; i < logits.size(); ++i) row_[i] = to_float(logits[i]);
      logits_->write(std::as_bytes(std::span(row_)));
    }
    return logits;
  }

  bool on_card() const { return options_.backend.name == "xrt" && !options_.backend.emulate; }

  // What the RTL's memory and link have to say.
  std::string platform() const {
    const auto* rtl = dynamic_cast<const RtlDevice*>(device_.get());
    return rtl == nullptr ? "" : rtl->platform_report();
  }

  double cycles() const { return static_cast<double>(counters_[Counter::kCycles]); }
  double cycles_per_token() const { return cycles() / static_cast<double>(positions_); }
  double clock_khz() const { return session_->capabilities().clock_khz; }

  void print_figures() const {
    fmt::print("{} tokens", tokens_.size());
    if (cycles() > 0) {
      fmt::print(", {:.0f} cycles per token, {:.1f} tok/s at {:g} MHz", cycles_per_token(),
                 1e3 * clock_khz() / cycles_per_token(), 1e-3 * clock_khz());
      if (on_card()) {
        fmt::print(", {:.1f} tok/s measured", static_cast<double>(positions_) / seconds_);
      } else {
        fmt::print(", simulated at {:.1f} kHz", 1e-3 * cycles() / seconds_);
      }
    } else {
      fmt::print(", {:.2f} s for {} positions, {:.1f} tok/s on {}", seconds_, positions_,
                 static_cast<double>(positions_) / seconds_, device_->name());
    }
    fmt::print("{}\n{}", checker_ ? ", bit-exact: yes" : "", platform());
  }

  void print_json() const {
    Json json = {{"tokens", tokens_},
                 {"text", text_},
                 {"prompt_tokens", prompt_},
                 {"backend", options_.backend.name},
                 {"positions", positions_},
                 {"cycles", counters_[Counter::kCycles]},
                 {"clock_khz", session_->capabilities().clock_khz},
                 {"seconds", seconds_}};
    if (checker_) json["bit_exact"] = true;
    if (const std::string text = platform(); !text.empty()) json["platform"] = text;
    if (options_.counters) {
      for (std::size_t i = 0; i < kCounters.size(); ++i) {
        json["counters"][std::string(kCounters[i].name)] = counters_.values[i];
      }
    }
    // A token may be part of a character: what is no UTF-8 becomes U+FFFD.
    fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  const Options& options_;
  SternaFile file_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<std::uint32_t> prompt_;
  Sampler sampler_;
  std::optional<AtomicFile> logits_;
  std::unique_ptr<Device> device_;
  std::optional<Session> session_;
  std::unique_ptr<Device> golden_;
  std::optional<Session> golden_session_;
  std::optional<Checker> checker_;

  std::vector<std::uint32_t> tokens_;
  std::string text_;
  std::vector<float> row_;
  Counters counters_;
  std::uint64_t shown_ = 0;
  std::uint64_t positions_ = 0;
  double seconds_ = 0;
};

}  // namespace

void add_run_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("run", "Generate text from a prompt");
  const auto o = std::make_shared<Options>();
  verb->add_option("model", o->model, "A .sterna file")->required();
  auto* prompt = verb->add_option("-p,--prompt", o->prompt, "Text to go on from");
  verb->add_option("--ids", o->ids, "Token ids in place of the text: 1,5,7")
      ->delimiter(',')
      ->check(whole_number())
      ->excludes(prompt);
  verb->add_option("-n,--count", o->count, "Tokens to generate; 0 reads the prompt alone")
      ->check(whole_number());
  verb->add_option("--backend", o->backend.name, "golden, rtl or xrt")->capture_default_str();
  verb->add_option("--config", o->backend.configuration, "The RTL's configuration: demo or tiny")
      ->capture_default_str();
  add_xrt_options(*verb, o->backend);
  verb->add_option("--memory", o->backend.memory,
                   "The RTL's memory: fast, or ddr4 with DDR4-2400's timing behind the hardware "
                   "and PCIe's before it")
      ->capture_default_str();
  verb->add_option("--temperature", o->sampler.temperature,
                   "Sample from the logits divided by this; without it the most probable token");
  verb->add_option("--top-k", o->sampler.top_k, "Sample among the k most probable tokens")
      ->check(whole_number());
  verb->add_option("--top-p", o->sampler.top_p,
                   "Sample among the most probable tokens that together reach this probability");
  verb->add_option("--seed", o->sampler.seed, "Of the sampling")->check(whole_number());
  verb->add_option(
      "--logits", o->logits,
      "File for the logits: float32 [positions, vocabulary], a row for every token read");
  verb->add_flag("--lockstep", o->backend.lockstep,
                 "rtl: compare the result of every instruction with golden's, as it retires");
  verb->add_option("--check", o->check, "golden: compare every logit with golden's, bit for bit");
  verb->add_flag("--counters", o->counters, "Print where the cycles of a token go");
  verb->add_flag("--json", o->json, "End with one line of JSON instead of the figures");
  verb->callback([verb, o] {
    prepare_xrt(*verb, o->backend);
    Run(*o).run();
  });
}

}  // namespace sterna
