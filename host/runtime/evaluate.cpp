// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/evaluate.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <future>

#include "host/runtime/sampler.h"

namespace sterna::runtime {
namespace {

// Calls visit(token, next, restart) for every prediction of the text.
template <typename Visit>
void for_each_prediction(std::span<const std::uint32_t> tokens, const EvaluationOptions& options,
                         Visit visit) {
  const std::uint64_t total = tokens.empty() ? 0 : tokens.size() - 1;
  for (std::uint64_t i = 0; i < total; ++i) {
    visit(tokens[i], tokens[i + 1], i == 0 || (options.window != 0 && i % options.window == 0));
    if (options.progress) options.progress(i + 1, total);
  }
}

// Reads one token, and scores what the engine says of the next. Its first choice.
std::uint32_t score_one(engine::Engine& engine, std::uint32_t token, std::uint32_t next,
                        bool restart, Score& score) {
  if (restart) engine.reset(0);
  const auto logits = engine::predict(engine, token);
  score.nats += surprise(logits, next);
  ++score.predictions;
  const std::uint32_t choice = greedy(logits);
  score.saturated += engine.figures().counters[Counter::kSaturated];
  return choice;
}

}  // namespace

double surprise(std::span<const double> logits, std::uint32_t token) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const double x : logits) sum += std::exp(x - largest);
  return std::log(sum) + largest - logits[token];
}

Score evaluate(engine::Engine& engine, std::span<const std::uint32_t> tokens,
               const EvaluationOptions& options) {
  Score score;
  for_each_prediction(tokens, options, [&](std::uint32_t token, std::uint32_t next, bool restart) {
    score_one(engine, token, next, restart, score);
  });
  return score;
}

Comparison compare(engine::Engine& engine, engine::Engine& other,
                   std::span<const std::uint32_t> tokens, const EvaluationOptions& options) {
  Comparison result;
  for_each_prediction(tokens, options, [&](std::uint32_t token, std::uint32_t next, bool restart) {
    auto beside = std::async(std::launch::async, score_one, std::ref(other), token, next, restart,
                             std::ref(result.other));
    const std::uint32_t ours = score_one(engine, token, next, restart, result.score);
    if (ours == beside.get()) ++result.agreements;
  });
  return result;
}

}  // namespace sterna::runtime
