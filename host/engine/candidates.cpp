// SPDX-License-Identifier: Apache-2.0
#include "host/engine/candidates.h"

#include <algorithm>
#include <cstddef>

#include "isa/generated/isa.h"

namespace sterna::engine {

std::vector<Candidate> top_candidates(std::span<const double> logits) {
  std::vector<Candidate> all(logits.size());
  for (std::uint32_t token = 0; token < all.size(); ++token) all[token] = {token, logits[token]};
  const std::size_t count = std::min<std::size_t>(kTopEntries, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(),
                    [](const Candidate& a, const Candidate& b) {
                      return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
                    });
  all.resize(count);
  return all;
}

}  // namespace sterna::engine
