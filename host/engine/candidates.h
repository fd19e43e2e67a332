// SPDX-License-Identifier: Apache-2.0
// The most probable tokens of all logits, as hardware lists them: for engines that compute these
// alone.
#pragma once

#include <span>
#include <vector>

#include "host/engine/engine.h"

namespace sterna::engine {

// The kTopEntries largest logits, or all where there are fewer: ordered, of equal ones the lower
// token first.
std::vector<Candidate> top_candidates(std::span<const double> logits);

}  // namespace sterna::engine
