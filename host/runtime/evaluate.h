// SPDX-License-Identifier: Apache-2.0
// How well a model predicts a text.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "host/engine/engine.h"

namespace sterna::runtime {

struct EvaluationOptions {
  std::uint64_t window = 0;  // forget the past every so many tokens; 0: never
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

struct Score {
  std::uint64_t predictions = 0;
  double nats = 0;              // summed over the predictions
  std::uint64_t saturated = 0;  // instructions, where something counts them
  double loss() const { return predictions == 0 ? 0 : nats / static_cast<double>(predictions); }
};

// Of two engines over the same text.
struct Comparison {
  Score score, other;
  std::uint64_t agreements = 0;  // positions where both have the same most probable token
};

// -log of the probability that softmax(logits) gives to `token`.
double surprise(std::span<const double> logits, std::uint32_t token);

// Feeds tokens[0..n-2] to the engine's sequence 0 and scores the prediction of tokens[1..n-1].
Score evaluate(engine::Engine& engine, std::span<const std::uint32_t> tokens,
               const EvaluationOptions& options);
// The same for two at once, each in its own thread.
Comparison compare(engine::Engine& engine, engine::Engine& other,
                   std::span<const std::uint32_t> tokens, const EvaluationOptions& options);

}  // namespace sterna::runtime
