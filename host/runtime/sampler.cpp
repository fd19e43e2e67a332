// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "isa/numerics.h"
#include "support/error.h"

namespace sterna::runtime {
namespace {

// 2^(t / 2^kFractionBits) for t <= 0, with 39 fractional bits: up to 2^39, so that a vocabulary's
// sum fits 64 bits.
std::uint64_t weight(double t) {
  if (t < -40.0 * numerics::kOne) return 0;
  const auto steps = static_cast<std::int64_t>(t);
  const std::int64_t whole = steps >> kFractionBits;  // 0 or less
  const auto fraction = static_cast<std::uint32_t>(steps & (numerics::kOne - 1));
  const auto mantissa = static_cast<std::uint64_t>(numerics::exp2_of_fraction(fraction));
  return mantissa << (39 - numerics::kTableFractionBits) >> -whole;
}

struct Weighted {
  std::uint32_t token;
  std::uint64_t weight;
};

}  // namespace

Sampler::Sampler(const SamplerOptions& options) : options_(options), random_(options.seed) {
  if (!(options.temperature >= 0 && options.temperature <= kMaxTemperature)) {
    throw Error("temperature {} is outside 0..{}", options.temperature, kMaxTemperature);
  }
  if (!(options.top_p > 0 && options.top_p <= 1)) {
    throw Error("top-p {} is not above 0 and at most 1", options.top_p);
  }
}

bool Sampler::needs_all_logits() const {
  return options_.temperature != 0 && (options_.top_k == 0 || options_.top_k > kTopEntries);
}

std::uint32_t Sampler::choose(std::span<const double> logits) {
  if (options_.temperature == 0) return greedy(logits);
  std::vector<engine::Candidate> order(logits.size());
  for (std::uint32_t token = 0; token < order.size(); ++token)
    order[token] = {token, logits[token]};
  std::sort(order.begin(), order.end(), [](const engine::Candidate& a, const engine::Candidate& b) {
    return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
  });
  return choose(order);
}

std::uint32_t Sampler::choose(std::span<const engine::Candidate> ordered) {
  if (options_.temperature == 0) return ordered.front().token;
  if (options_.top_k != 0 && options_.top_k < ordered.size())
    ordered = ordered.first(options_.top_k);

  // From a difference to the steps of weight(): log2 e. Were it infinite, no difference would be
  // NaN.
  const double steps =
      std::min(1.4426950408889634 / options_.temperature, std::numeric_limits<double>::max());
  std::vector<Weighted> kept;
  std::uint64_t total = 0;
  for (const engine::Candidate& candidate : ordered) {
    const double below = (candidate.logit - ordered[0].logit) * numerics::kOne;
    kept.push_back({candidate.token, weight(std::floor(below * steps))});
    total += kept.back().weight;
  }

  if (options_.top_p < 1) {
    const double enough = options_.top_p * static_cast<double>(total);
    std::uint64_t sum = 0;
    std::size_t count = 0;
    while (count < kept.size() && static_cast<double>(sum) < enough) sum += kept[count++].weight;
    kept.resize(count);
    total = sum;
  }

  // A draw in [0, total), and the token in whose share it falls.
  __extension__ using Wide = unsigned __int128;
  auto draw = static_cast<std::uint64_t>((static_cast<Wide>(random_()) * total) >> 64);
  for (const Weighted& candidate : kept) {
    if (draw < candidate.weight) return candidate.token;
    draw -= candidate.weight;
  }
  return kept.front().token;
}

std::uint32_t greedy(std::span<const double> logits) {
  return static_cast<std::uint32_t>(std::max_element(logits.begin(), logits.end()) -
                                    logits.begin());
}

}  // namespace sterna::runtime
