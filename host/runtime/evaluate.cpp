// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/evaluate.h"

#include <algorithm>
#include <cmath>
#include <future>

#include "host/runtime/sampler.h"

namespace sterna {
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

}  // namespace

double surprise(std::span<const float> logits, std::uint32_t token) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float x : logits) sum += std::exp(static_cast<double>(x) - largest);
  return std::log(sum) + largest - static_cast<double>(logits[token]);
}

Score evaluate(const Predictor& predictor, std::span<const std::uint32_t> tokens,
               const EvaluationOptions& options) {
  Score score;
  for_each_prediction(tokens, options, [&](std::uint32_t token, std::uint32_t next, bool restart) {
    if (restart) predictor.reset();
    score.nats += surprise(predictor.step(token), next);
    ++score.predictions;
  });
  return score;
}

Comparison compare(const Predictor& predictor, const Predictor& other,
                   std::span<const std::uint32_t> tokens, const EvaluationOptions& options) {
  Comparison result;
  const auto run = [](const Predictor& p, Score& score, std::uint32_t token, std::uint32_t next,
                      bool restart) {
    if (restart) p.reset();
    const auto logits = p.step(token);
    score.nats += surprise(logits, next);
    ++score.predictions;
    return greedy(logits);
  };
  for_each_prediction(tokens, options, [&](std::uint32_t token, std::uint32_t next, bool restart) {
    auto beside = std::async(std::launch::async, run, std::cref(other), std::ref(result.other),
                             token, next, restart);
    const std::uint32_t mine = run(predictor, result.score, token, next, restart);
    if (mine == beside.get()) ++result.agreements;
  });
  return result;
}

}  // namespace sterna
