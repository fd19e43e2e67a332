// sterna run: a prompt goes in, text streams out.
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "host/backends/backends.h"
#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/verbs.h"
#include "host/model/quantise.h"
#include "host/model/tokenizer.h"
#include "host/profile/profile.h"
#include "host/profile/timeline.h"
#include "host/runtime/checked.h"
#include "host/runtime/generator.h"
#include "host/runtime/sampler.h"
#include "host/runtime/session.h"
#include "host/support/error.h"
#include "host/support/files.h"
#include "host/support/json.h"
#include "sim/rtl/rtl_device.h"

namespace sterna {
namespace {

struct Options {
  std::string model;
  std::optional<std::string> prompt;
  std::vector<std::uint32_t> ids;
  std::string batch;  // file
  std::uint64_t count = 64;
  BackendOptions backend;
  SamplerOptions sampler;
  std::string logits;  // file
  std::string check;   // backend
  bool json = false;
  bool profile = false;
  std::string timeline;  // file
};

// Refuses what would have no effect with the other options.
void check_effects(const CLI::App& verb, const Options& options) {
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
  if (given("--profile") && backend == "golden") {
    throw Error("--profile shows the hardware's counters: --backend rtl or xrt");
  }
  Sampler{options.sampler};  // are its options in range?
  for (const char* option : {"--top-k", "--top-p", "--seed"}) {
    if (given(option) && options.sampler.temperature == 0) {
      throw Error("{} is about sampling: it needs --temperature above 0", option);
    }
  }
}

// Token ids from text, none of them beyond the vocabulary.
std::vector<std::uint32_t> checked(std::vector<std::uint32_t> tokens, const ModelConfig& model,
                                   const std::string& where) {
  for (const std::uint32_t token : tokens) {
    if (token >= model.vocab_size) {
      throw Error("{}: token {} is beyond the vocabulary of {}", where, token, model.vocab_size);
    }
  }
  return tokens;
}

// One sequence, as it grows.
struct Sequence {
  std::vector<std::uint32_t> prompt, tokens;
  std::string text;
};

// --batch: a prompt a line; empty lines are none.
std::vector<Sequence> read_batch(const std::string& path, const Tokenizer& tokenizer,
                                 const ModelConfig& model) {
  std::vector<Sequence> sequences;
  std::istringstream lines(read_text_file(path));
  std::string line;
  for (unsigned number = 1; std::getline(lines, line); ++number) {
    if (line.empty()) continue;
    sequences.push_back(
        {checked(tokenizer.encode(line), model, fmt::format("{}:{}", path, number)), {}, {}});
  }
  if (sequences.empty()) throw Error("{}: no prompt in it", path);
  return sequences;
}

std::vector<Sequence> read_prompts(const Options& options, const Tokenizer& tokenizer,
                                   const ModelConfig& model) {
  if (!options.batch.empty()) return read_batch(options.batch, tokenizer, model);
  if (options.prompt && options.prompt->empty()) throw Error("the prompt is empty");
  if (!options.prompt && options.ids.empty()) {
    throw Error("no prompt: give -p TEXT, --ids 1,2,3 or --batch FILE");
  }
  return {
      {checked(options.prompt ? tokenizer.encode(*options.prompt) : options.ids, model, "prompt"),
       {},
       {}}};
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        file_(options.model),
        tokenizer_(make_tokenizer(file_)),
        sequences_(read_prompts(options, *tokenizer_, file_.header().model)) {
    if (!options.logits.empty()) logits_.emplace(options.logits);
    BackendOptions backend = options.backend;
    if (!options.timeline.empty()) backend.observer = &timeline_;
    device_ = make_device(backend);
    session_.emplace(*device_, file_);
    profile_.machine = session_->capabilities();
    timeline_.describe(file_.program(), profile_.machine, device_->name());
    if (!options.check.empty()) {
      BackendOptions same;
      same.channels = session_->capabilities().channels;
      same.lanes = session_->capabilities().lanes;
      golden_ = make_device(same);
      golden_session_.emplace(*golden_, file_);
      checked_.emplace(*session_, *golden_session_);
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
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (logits_) logits_->commit();
    if (!batch()) fmt::print("\n");
    if (!options_.timeline.empty()) timeline_.write(options_.timeline);
    if (options_.profile) fmt::print("{}", profile_table(profile_));
    if (options_.json) {
      print_json();
    } else {
      print_figures();
    }
  }

 private:
  bool batch() const { return !options_.batch.empty(); }

  void generate_all() {
    std::vector<Request> requests;
    for (const Sequence& s : sequences_)
      requests.push_back({s.prompt, options_.count, options_.sampler});
    GeneratorEvents events;
    events.ends = [this](std::uint32_t token) { return tokenizer_->ends(token); };
    events.token = [this](std::size_t i, std::uint32_t token) { add(sequences_[i], token); };
    events.pass = [this](std::uint64_t positions, const Counters& counters) {
      profile_.add(positions, counters);
    };
    if (logits_) {
      events.logits = [this](std::size_t, std::span<const numerics::fix> row) {
        write_logits(row);
      };
    }
    if (batch()) {
      events.finished = [this](std::size_t i) { print_sequence(i); };
    } else {
      show(decode(sequences_[0].prompt));
    }
    Stepper& stepper = checked_ ? static_cast<Stepper&>(*checked_) : *session_;
    generate(stepper, requests, events);
  }

  std::string decode(std::span<const std::uint32_t> tokens) const {
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) text += tokenizer_->decode(tokens[i], i == 0);
    return text;
  }

  // Whoever watches sees the words come.
  static void show(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

  void add(Sequence& sequence, std::uint32_t token) {
    sequence.tokens.push_back(token);
    if (tokenizer_->ends(token)) return;
    const std::string text = tokenizer_->decode(token, false);
    sequence.text += text;
    if (!batch()) show(text);
  }

  // In the order in which they end.
  void print_sequence(std::size_t i) const {
    show(fmt::format("[{}] {}{}\n", i + 1, decode(sequences_[i].prompt), sequences_[i].text));
  }

  void write_logits(std::span<const numerics::fix> logits) {
    row_.resize(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) row_[i] = to_float(logits[i]);
    logits_->write(std::as_bytes(std::span(row_)));
  }

  std::uint64_t generated() const {
    std::uint64_t sum = 0;
    for (const Sequence& s : sequences_) sum += s.tokens.size();
    return sum;
  }
  bool on_card() const { return options_.backend.name == "xrt" && !options_.backend.emulate; }

  // What the RTL's memory and link have to say.
  std::string platform() const {
    const auto* rtl = dynamic_cast<const RtlDevice*>(device_.get());
    return rtl == nullptr ? "" : rtl->platform_report();
  }

  double cycles() const { return profile_.cycles(); }
  double cycles_per_token() const { return cycles() / static_cast<double>(profile_.positions); }
  double clock_khz() const { return session_->capabilities().clock_khz; }

  void print_figures() const {
    fmt::print("{} tokens", generated());
    if (session_->lanes() > 1) {
      fmt::print(", {} positions in {} passes of {} lanes", profile_.positions, profile_.passes,
                 session_->lanes());
    }
    if (cycles() > 0) {
      fmt::print(", {:.0f} cycles per token, {:.1f} tok/s at {:g} MHz", cycles_per_token(),
                 1e3 * clock_khz() / cycles_per_token(), 1e-3 * clock_khz());
      if (on_card()) {
        fmt::print(", {:.1f} tok/s measured", static_cast<double>(profile_.positions) / seconds_);
      } else {
        fmt::print(", simulated at {:.1f} kHz", 1e-3 * cycles() / seconds_);
      }
    } else {
      fmt::print(", {:.2f} s for {} positions, {:.1f} tok/s on {}", seconds_, profile_.positions,
                 static_cast<double>(profile_.positions) / seconds_, device_->name());
    }
    fmt::print("{}\n{}", checked_ ? ", bit-exact: yes" : "", platform());
  }

  static Json to_json(const Sequence& s) {
    return {{"tokens", s.tokens}, {"text", s.text}, {"prompt_tokens", s.prompt}};
  }

  void print_json() const {
    Json json = Json::object();
    if (batch()) {
      for (const Sequence& s : sequences_) json["sequences"].push_back(to_json(s));
    } else {
      json = to_json(sequences_[0]);
    }
    json["backend"] = options_.backend.name;
    json["positions"] = profile_.positions;
    json["passes"] = profile_.passes;
    json["cycles"] = profile_.counters[Counter::kCycles];
    json["clock_khz"] = session_->capabilities().clock_khz;
    json["seconds"] = seconds_;
    if (checked_) json["bit_exact"] = true;
    if (const std::string text = platform(); !text.empty()) json["platform"] = text;
    if (options_.profile) {
      for (std::size_t i = 0; i < kCounters.size(); ++i) {
        json["counters"][std::string(kCounters[i].name)] = profile_.counters.values[i];
      }
    }
    // A token may be part of a character: what is no UTF-8 becomes U+FFFD.
    fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  const Options& options_;
  SternaFile file_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<Sequence> sequences_;
  std::optional<AtomicFile> logits_;
  Timeline timeline_;
  std::unique_ptr<Device> device_;
  std::optional<Session> session_;
  std::unique_ptr<Device> golden_;
  std::optional<Session> golden_session_;
  std::optional<CheckedStepper> checked_;

  std::vector<float> row_;
  Profile profile_;
  double seconds_ = 0;
};

}  // namespace

void add_run_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("run", "Generate text from a prompt");
  const auto o = std::make_shared<Options>();
  verb->add_option("model", o->model, "A .sterna file")->required();
  auto* prompt = verb->add_option("-p,--prompt", o->prompt, "Text to go on from");
  auto* ids = verb->add_option_function<std::string>(
                      "--ids", [o](const std::string& text) { o->ids = parse_list(text, "--ids"); },
                      "Token ids in place of the text: 1,5,7")
                  ->excludes(prompt);
  verb->add_option("--batch", o->batch,
                   "A file of prompts, one a line: the device's lanes take them in turn")
      ->excludes(prompt)
      ->excludes(ids);
  verb->add_option("-n,--count", o->count, "Tokens to generate; 0 reads the prompt alone")
      ->transform(whole_number());
  add_device_options(*verb, o->backend);
  verb->add_option("--temperature", o->sampler.temperature,
                   "Sample from the logits divided by this; without it the most probable token")
      ->check(real_number(0, kMaxTemperature));
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
  verb->callback([verb, o] {
    check_effects(*verb, *o);
    prepare_device(*verb, o->backend);
    Run(*o).run();
  });
}

}  // namespace sterna
