// SPDX-License-Identifier: Apache-2.0
// The inner loops of TernaryLayer, one set for each instruction set; all are the same source
// (ternary_kernels_impl.h). Integers: every set gives the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "host/fff/grouped_walk.h"

namespace sterna::fff {

// Rows of weights and of inputs are filled up to a multiple of so many bytes.
inline constexpr std::size_t kTernaryAlign = 64;

// The output rows of a path, arranged, and how many.
struct PathRows {
  const std::uint8_t* const* rows;  // a multiple of four: rows of zero trits behind the last
  std::size_t count;
};

// What a sample takes of them, and gives.
struct PathSample {
  const std::int32_t* values;  // of four rows each: four int8, the first in the low byte
  std::int32_t total;          // of all values
  std::uint32_t multiplier;
  std::int32_t* y;
};

struct TernaryKernels {
  std::string_view name;

  // sums[s * rows + r] = x[s] . w[r], rows = 2^levels - 1, plus the sum of x[s]: a byte of w is a
  // trit plus one, so that it has no sign. bytes: a multiple of kTernaryAlign. x goes on with as
  // many samples that are wanted next, which are prefetched.
  using Dots = void (*)(const std::int8_t* const* x, const std::uint8_t* const* w,
                        std::size_t bytes, std::int32_t* sums);
  Dots dots[kTileSamples][kMaxTileLevels];  // [samples - 1][levels - 1]

  // Puts a row, a multiple of kTernaryAlign bytes, into the order in which combine reads it.
  void (*arrange)(std::uint8_t* row, std::size_t columns);

  // y[j] = rs(acc * multiplier, 12) for j < outputs, acc the sum of value times trit. No |acc| may
  // be beyond 2^15 - 1, nor a result beyond 32 bits. scaled: false leaves acc in y, whatever it is.
  using Combine = void (*)(const PathRows& path, const PathSample* samples, std::size_t outputs,
                           bool scaled);
  Combine combine[kTileSamples];  // [samples - 1]
};

extern const TernaryKernels kBaselineTernary, kAvx2Ternary, kAvx512Ternary;

// Those of this program that the processor can run, the fastest first; never empty.
std::span<const TernaryKernels* const> ternary_kernels();

// The fastest, or those that the environment's STERNA_CPU names. Throws Error where it names none
// of them.
const TernaryKernels& chosen_ternary_kernels();

}  // namespace sterna::fff
