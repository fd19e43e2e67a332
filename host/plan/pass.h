// SPDX-License-Identifier: Apache-2.0
// One column of a pass of an executor: a token of a sequence.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sterna::plan {

// Columns of one sequence (`previous`) stand in order; those that share a copy are one sequence.
struct PassColumn {
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::size_t copy = 0;  // of the segments with a stride
  std::uint32_t token = 0;
  std::size_t previous = kNone;  // the column before it of its sequence, in this pass
  std::size_t result = kNone;    // its copy of result segments; none: it wants no result
};

}  // namespace sterna::plan
