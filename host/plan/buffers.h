// SPDX-License-Identifier: Apache-2.0
// Where the values of a plan are: those that are not needed at the same time share memory.
#pragma once

#include <cstddef>
#include <vector>

#include "host/plan/plan.h"
#include "host/plan/schedule.h"

namespace sterna::plan {

inline constexpr std::size_t kNoBuffer = ~std::size_t{0};
inline constexpr std::size_t kLineWords = kLineBytes / 4;

struct Buffers {
  std::vector<std::size_t> of_value;  // the buffer's number; kNoBuffer: fixed
  std::vector<std::size_t> words;     // of each buffer, for one column
};

// Of plans whose registers are wanted at the end each value has a buffer of its own.
Buffers assign_buffers(const Plan& plan, const std::vector<Phase>& phases,
                       const std::vector<bool>& fixed);

// Words that the operation leaves beside its vector: a scale, a lift, a path.
std::size_t words_beside(const Operation& op);

// Does the operation load whole lines of memory that nobody stores to? They are read where they
// are.
bool is_view(const Plan& plan, const Operation& op);

}  // namespace sterna::plan
