// SPDX-License-Identifier: Apache-2.0
// Chooses the next token from logits. All in integers and single IEEE operations, so that a seed
// gives the same tokens on every machine.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "host/engine/engine.h"

namespace sterna::runtime {

constexpr double kMaxTemperature = 1e6;

struct SamplerOptions {
  double temperature = 0;   // 0: greedy; else probabilities are those of logits / temperature
  std::uint32_t top_k = 0;  // keep the k most probable tokens; 0: all
  double top_p = 1;  // of these keep the fewest whose probabilities reach this sum, in (0, 1]
  std::uint64_t seed = 0;
};

class Sampler {
 public:
  // Throws Error for options out of range.
  explicit Sampler(const SamplerOptions& options);

  // Of the logits, one or more, of one position. Equal logits count in the order of their ids.
  std::uint32_t choose(std::span<const double> logits);

  // The same from candidates in that order, when there are as many as the options ask for.
  std::uint32_t choose(std::span<const engine::Candidate> ordered);

  // Can the choice fall on a token that is not among the kTopEntries first?
  bool needs_all_logits() const;

 private:
  SamplerOptions options_;
  std::mt19937_64 random_;
};

// The first of the largest logits.
std::uint32_t greedy(std::span<const double> logits);

}  // namespace sterna::runtime
