// SPDX-License-Identifier: Apache-2.0
// The ternary matrix product's inner loop: the one place in golden that is written for speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sterna::golden {

inline constexpr std::size_t kGroupRows = 5;     // rows that share a byte
inline constexpr std::size_t kLineColumns = 64;  // columns in a line
inline constexpr std::size_t kMaxLines = 128;

// One group of five rows times a vector: sums[r] = sum over c of trit(r, c) * q[c], exactly.
// `lines` lines of 64 packed bytes at `weights`, at most kMaxLines; q holds 64 * lines values in
// -128..127, q_sum is their sum.
void ternary_group(const std::uint8_t* weights, const std::int16_t* q, std::size_t lines,
                   std::int32_t q_sum, std::int32_t sums[kGroupRows]);

}  // namespace sterna::golden
