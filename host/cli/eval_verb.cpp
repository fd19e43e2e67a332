// SPDX-License-Identifier: Apache-2.0
// sterna eval: how well a model predicts a text, and how far the machine is from floating point.
#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "host/backends/backends.h"
#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/output.h"
#include "host/cli/progress.h"
#include "host/cli/verbs.h"
#include "host/model/quantise.h"
#include "host/model/saturation.h"
#include "host/model/tokenizer.h"
#include "host/runtime/evaluate.h"
#include "host/runtime/session.h"
#include "sim/oracle/load.h"
#include "support/error.h"
#include "support/json.h"

namespace sterna {
namespace {

struct EvalArguments {
  std::string model;
  std::string text;
  bool special = false;
  double from = 0;
  BackendOptions backend;
  std::string compare;
  std::uint64_t tokens = 0;  // 0: all
  std::uint64_t window = 0;  // 0: all
  bool json = false;
};

// A predictor with everything that it needs to live.
class Backend {
 public:
  Backend(const SternaFile& file, const BackendOptions& options) : name_(options.name) {
    if (options.name == "float") {
      oracle_.emplace(load_float_model(file));
    } else {
      BackendOptions backend = options;
      backend.memory_bytes = session_bytes(file.header());
      device_ = make_device(backend);
      session_.emplace(*device_, file);
    }
  }

  const std::string& name() const { return name_; }
  std::uint64_t saturated() const { return saturated_; }  // instructions

  Predictor predictor() {
    if (oracle_) {
      return {[this](std::uint32_t token) { return oracle_->step(token); },
              [this] { oracle_->reset(); }};
    }
    return {[this](std::uint32_t token) { return step(token); }, [this] { session_->reset(); }};
  }

 private:
  std::span<const float> step(std::uint32_t token) {
    const auto logits = session_->step(token);
    saturated_ += session_->counters()[Counter::kSaturated];
    row_.resize(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) row_[i] = to_float(logits[i]);
    return row_;
  }

  std::string name_;
  std::optional<FloatModel> oracle_;
  std::unique_ptr<Device> device_;
  std::optional<Session> session_;
  std::uint64_t saturated_ = 0;
  std::vector<float> row_;
};

std::vector<std::uint32_t> read_tokens(const EvalArguments& options, const Tokenizer& tokenizer) {
  const std::string text = read_text_file(options.text);
  const auto start = static_cast<std::size_t>(options.from * static_cast<double>(text.size()));
  std::vector<std::uint32_t> tokens =
      tokenizer.encode(std::string_view(text).substr(start), options.special);
  if (options.tokens != 0 && options.tokens < tokens.size()) tokens.resize(options.tokens + 1);
  if (tokens.size() < 2) throw Error("{}: no two tokens to predict one from", options.text);
  return tokens;
}

double bits_per_byte(const Score& score, std::uint64_t bytes) {
  return score.nats / std::numbers::ln2 / static_cast<double>(bytes);
}

Json to_json(const Score& score, const std::string& backend, std::uint64_t bytes) {
  return {{"backend", backend},
          {"predictions", score.predictions},
          {"loss", score.loss()},
          {"bits_per_byte", bits_per_byte(score, bytes)}};
}

void print(const Score& score, const std::string& backend, std::uint64_t bytes) {
  fmt::print("{:<8}{} predictions, loss {:.5f} nats, {:.5f} bits per byte\n", backend + ":",
             score.predictions, score.loss(), bits_per_byte(score, bytes));
}

void eval(const EvalArguments& options) {
  const SternaFile file(options.model);
  const auto tokenizer = make_tokenizer(file);
  const std::vector<std::uint32_t> tokens = read_tokens(options, *tokenizer);
  std::uint64_t bytes = 0;  // of the text that is predicted
  TextStream stream(*tokenizer);
  stream.add(tokens[0]);
  for (std::size_t i = 1; i < tokens.size(); ++i) bytes += stream.add(tokens[i]).size();
  if (bytes == 0) throw Error("{}: nothing to predict", options.text);

  Backend backend(file, options.backend);
  std::optional<Backend> other;
  if (!options.compare.empty()) {
    BackendOptions backend_options = options.backend;
    backend_options.name = options.compare;
    other.emplace(file, backend_options);
  }
  Comparison result;
  {
    Progress progress("evaluating");
    const EvaluationOptions evaluation{
        options.window,
        [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); }};
    if (other) {
      result = compare(backend.predictor(), other->predictor(), tokens, evaluation);
    } else {
      result.score = evaluate(backend.predictor(), tokens, evaluation);
    }
  }

  const std::uint64_t saturated = backend.saturated() + (other ? other->saturated() : 0);
  remark(saturation_line(file, saturated));
  const double agreement =
      static_cast<double>(result.agreements) / static_cast<double>(result.score.predictions);
  if (options.json) {
    Json json = to_json(result.score, backend.name(), bytes);
    json["saturated"] = saturated;
    if (other) {
      json["compare"] = to_json(result.other, other->name(), bytes);
      json["agreement"] = agreement;
      json["loss_ratio"] = result.score.nats / result.other.nats;
    }
    fmt::print("{}\n", json.dump());
    return;
  }
  print(result.score, backend.name(), bytes);
  if (other) {
    print(result.other, other->name(), bytes);
    fmt::print("greedy choice equal on {:.2f} %, loss ratio {:.5f}\n", 100 * agreement,
               result.score.nats / result.other.nats);
  }
}

}  // namespace

void add_eval_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("eval", "Measure the loss of a model on a text");
  const auto o = std::make_shared<EvalArguments>();
  verb->add_option("model", o->model, "A .sterna file")->required();
  verb->add_option("--text", o->text, "A text file")->required();
  verb->add_flag("--special", o->special,
                 "Read <s>, </s> and the tokenizer's other special and added tokens in the text as "
                 "tokens");
  verb->add_option("--from", o->from, "Start at this fraction of the text: 0.9 is its last tenth")
      ->check(real_number(0, 1));
  verb->add_option("--tokens", o->tokens, "Predict so many tokens; without it all")
      ->transform(whole_number(std::uint64_t{1}));
  verb->add_option("--window", o->window, "Forget the past every so many tokens; without it never")
      ->transform(whole_number(std::uint64_t{1}));
  const std::vector<std::string> backends = {"golden", "rtl", "xrt", "float"};
  add_device_options(*verb, o->backend, backends);
  verb->add_option(
          "--compare", o->compare,
          "A second backend to run beside: prints how often both choose the same token and "
          "the ratio of their losses")
      ->check(one_of(backends));
  verb->add_flag("--json", o->json, "Print one line of JSON");
  verb->callback([verb, o] {
    if (verb->count("--lanes") != 0) throw Error("--lanes: eval reads one sequence, in one lane");
    prepare_device(*verb, o->backend, o->compare);
    eval(*o);
  });
}

}  // namespace sterna
