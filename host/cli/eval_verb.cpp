// SPDX-License-Identifier: Apache-2.0
// sterna eval: how well a model predicts a text, and how far the machine is from floating point.
#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "host/backends/engines.h"
#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/output.h"
#include "host/cli/progress.h"
#include "host/cli/verbs.h"
#include "host/model/saturation.h"
#include "host/model/tokenizer.h"
#include "host/runtime/evaluate.h"
#include "support/error.h"
#include "support/json.h"
#include "support/lines.h"

namespace sterna::cli {
namespace {

struct EvalArguments {
  std::string model;
  std::string text;
  bool special = false;
  double from = 0;
  backends::BackendOptions backend;
  std::string compare;
  std::uint64_t tokens = 0;  // 0: all
  std::uint64_t window = 0;  // 0: all
  bool json = false;
};

std::vector<std::uint32_t> read_tokens(const EvalArguments& options,
                                       const model::Tokenizer& tokenizer) {
  const std::string text = with_line_feeds(read_text_file(options.text));
  const auto start = static_cast<std::size_t>(options.from * static_cast<double>(text.size()));
  std::vector<std::uint32_t> tokens =
      tokenizer.encode(std::string_view(text).substr(start), options.special);
  if (options.tokens != 0 && options.tokens < tokens.size()) tokens.resize(options.tokens + 1);
  if (tokens.size() < 2) throw Error("{}: no two tokens to predict one from", options.text);
  return tokens;
}

double bits_per_byte(const runtime::Score& score, std::uint64_t bytes) {
  return score.nats / std::numbers::ln2 / static_cast<double>(bytes);
}

Json to_json(const runtime::Score& score, const std::string& backend, std::uint64_t bytes) {
  return {{"backend", backend},
          {"predictions", score.predictions},
          {"loss", score.loss()},
          {"bits_per_byte", bits_per_byte(score, bytes)}};
}

void print(const runtime::Score& score, const std::string& backend, std::uint64_t bytes) {
  fmt::print("{:<8}{} predictions, loss {:.5f} nats, {:.5f} bits per byte\n", backend + ":",
             score.predictions, score.loss(), bits_per_byte(score, bytes));
}

void eval(const EvalArguments& options) {
  const model::SternaFile file(options.model);
  const auto tokenizer = model::make_tokenizer(file);
  const std::vector<std::uint32_t> tokens = read_tokens(options, *tokenizer);
  std::uint64_t bytes = 0;  // of the text that is predicted
  model::TextStream stream(*tokenizer);
  stream.add(tokens[0]);
  for (std::size_t i = 1; i < tokens.size(); ++i) bytes += stream.add(tokens[i]).size();
  if (bytes == 0) throw Error("{}: nothing to predict", options.text);

  const std::unique_ptr<engine::Engine> engine = backends::make_engine(file, options.backend);
  std::unique_ptr<engine::Engine> other;
  if (!options.compare.empty()) {
    backends::BackendOptions backend = options.backend;
    backend.name = options.compare;
    other = backends::make_engine(file, backend);
  }
  runtime::Comparison result;
  {
    Progress progress("evaluating");
    const runtime::EvaluationOptions evaluation{
        options.window,
        [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); }};
    if (other) {
      result = runtime::compare(*engine, *other, tokens, evaluation);
    } else {
      result.score = runtime::evaluate(*engine, tokens, evaluation);
    }
  }

  const std::uint64_t saturated = result.score.saturated + result.other.saturated;
  remark(model::saturation_line(file, saturated));
  const double agreement =
      static_cast<double>(result.agreements) / static_cast<double>(result.score.predictions);
  if (options.json) {
    Json json = to_json(result.score, options.backend.name, bytes);
    json["saturated"] = saturated;
    if (other) {
      json["compare"] = to_json(result.other, options.compare, bytes);
      json["agreement"] = agreement;
      json["loss_ratio"] = result.score.nats / result.other.nats;
    }
    fmt::print("{}\n", json.dump());
    return;
  }
  print(result.score, options.backend.name, bytes);
  if (other) {
    print(result.other, options.compare, bytes);
    fmt::print("greedy choice equal on {:.2f} %, loss ratio {:.5f}\n", 100 * agreement,
               result.score.nats / result.other.nats);
  }
}

}  // namespace

void add_eval_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("eval", "Measure the loss of a model on a text");
  const auto o = std::make_shared<EvalArguments>();
  verb->add_option("model", o->model, "A .sterna file")->required();
  verb->add_option("--text", o->text, "A text file; a CRLF in it is read as LF")->required();
  verb->add_flag("--special", o->special,
                 "Read <s>, </s> and the tokenizer's other special and added tokens in the text as "
                 "tokens");
  verb->add_option("--from", o->from, "Start at this fraction of the text: 0.9 is its last tenth")
      ->check(real_number(0, 1));
  verb->add_option("--tokens", o->tokens, "Predict so many tokens; without it all")
      ->transform(whole_number(std::uint64_t{1}));
  verb->add_option("--window", o->window, "Forget the past every so many tokens; without it never")
      ->transform(whole_number(std::uint64_t{1}));
  const std::vector<std::string> backends = {"cpu", "cuda",  "golden", "rtl",
                                             "xrt", "float", "serial"};
  add_device_options(*verb, o->backend, backends, "--lanes");  // one sequence, in one lane
  verb->add_option(
          "--compare", o->compare,
          "A second backend to run beside: prints how often both choose the same token and "
          "the ratio of their losses")
      ->check(one_of(backends));
  verb->add_flag("--json", o->json, "Print one line of JSON");
  verb->callback([verb, o] {
    if (o->compare == o->backend.name) {
      throw Error("--compare {}: that is the backend itself", o->compare);
    }
    prepare_device(*verb, o->backend, o->compare);
    eval(*o);
  });
}

}  // namespace sterna::cli
