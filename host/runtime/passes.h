// SPDX-License-Identifier: Apache-2.0
// How hardware with lanes reads the columns of a step: as passes over the weights.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "host/engine/engine.h"

namespace sterna::runtime {

// Columns that are read together, by their places in the step.
struct Pass {
  bool prefill = false;  // consecutive tokens of one sequence, position p in lane p; else a token
                         // of each of several sequences, each in its own lane
  std::vector<std::size_t> columns;
};

// The fewest passes that read all columns, with each sequence's in order. A pass takes `lanes`
// columns at most; sequences are below `lanes`.
std::vector<Pass> plan_passes(std::span<const engine::Column> columns, unsigned lanes);

}  // namespace sterna::runtime
