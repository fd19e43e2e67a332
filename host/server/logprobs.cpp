// SPDX-License-Identifier: Apache-2.0
#include "host/server/logprobs.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sterna::server {

Logprobs::Logprobs(std::span<const double> logits) : logits_(logits.begin(), logits.end()) {
  const double largest = *std::max_element(logits_.begin(), logits_.end());
  for (const double logit : logits_) sum_ += std::exp(logit - largest);
  sum_ = std::log(sum_) + largest;
}

std::vector<std::uint32_t> Logprobs::top(std::size_t count) const {
  std::vector<std::uint32_t> tokens(logits_.size());
  std::iota(tokens.begin(), tokens.end(), 0);
  count = std::min(count, tokens.size());
  std::partial_sort(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count),
                    tokens.end(), [this](std::uint32_t a, std::uint32_t b) {
                      return logits_[a] != logits_[b] ? logits_[a] > logits_[b] : a < b;
                    });
  tokens.resize(count);
  return tokens;
}

}  // namespace sterna::server
