// SPDX-License-Identifier: Apache-2.0
// Which values of a plan share memory: those that are not needed at the same time.
#pragma once

#include <cstddef>
#include <vector>

#include "host/plan/plan.h"
#include "host/plan/schedule.h"

namespace sterna::cpu {

inline constexpr std::size_t kNoBuffer = ~std::size_t{0};
inline constexpr std::size_t kLineWords = kLineBytes / 4;

struct Buffers {
  std::vector<std::size_t> of_value;  // the buffer's number; kNoBuffer: fixed
  std::vector<std::size_t> words;     // of each buffer, for one column
};

// Of plans whose registers are wanted at the end each value has a buffer of its own.
Buffers assign_buffers(const plan::Plan& plan, const std::vector<plan::Phase>& phases,
                       const std::vector<bool>& fixed);

}  // namespace sterna::cpu
