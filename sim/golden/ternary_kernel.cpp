// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/ternary_kernel.h"

#include "support/multiversion.h"

namespace sterna::golden {

// Works on digits, which are trits + 1. A digit times q is in -256..254, so that a column's sum
// over 128 lines still fits 16 bits (-32768 at worst): half the width, twice the speed. The digits'
// offset is taken off at the end.
STERNA_MULTIVERSION
void ternary_group(const std::uint8_t* weights, const std::int16_t* q, std::size_t lines,
                   std::int32_t q_sum, std::int32_t sums[kGroupRows]) {
  std::int16_t digit_sums[kGroupRows][kLineColumns] = {};
  for (std::size_t line = 0; line < lines; ++line) {
    std::uint16_t rest[kLineColumns];
    for (std::size_t c = 0; c < kLineColumns; ++c) rest[c] = weights[c];
    for (std::size_t r = 0; r < kGroupRows; ++r) {
      for (std::size_t c = 0; c < kLineColumns; ++c) {
        const auto tripled = static_cast<std::uint16_t>(rest[c] * 3);
        const auto digit = static_cast<std::int16_t>(tripled >> 8);
        rest[c] = tripled & 0xFF;
        digit_sums[r][c] = static_cast<std::int16_t>(digit_sums[r][c] + digit * q[c]);
      }
    }
    weights += kLineColumns;
    q += kLineColumns;
  }
  for (std::size_t r = 0; r < kGroupRows; ++r) {
    std::int32_t sum = 0;
    for (std::size_t c = 0; c < kLineColumns; ++c) sum += digit_sums[r][c];
    sums[r] = sum - q_sum;
  }
}

}  // namespace sterna::golden
