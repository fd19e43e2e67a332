// SPDX-License-Identifier: Apache-2.0
// How probable the model held the tokens: natural logarithms, of its own distribution (temperature
// 1, all tokens), whatever was sampled from.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace sterna::server {

class Logprobs {
 public:
  // Of all logits of a position.
  explicit Logprobs(std::span<const double> logits);

  double of(std::uint32_t token) const { return logits_[token] - sum_; }
  // The `count` likeliest, of equal ones the lower first.
  std::vector<std::uint32_t> top(std::size_t count) const;

 private:
  std::vector<double> logits_;
  double sum_ = 0;  // as a logarithm
};

}  // namespace sterna::server
