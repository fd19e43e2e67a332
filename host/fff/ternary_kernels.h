// SPDX-License-Identifier: Apache-2.0
// The inner loops of TernaryLayer, one set for each instruction set; all are the same source
// (ternary_kernels_impl.h). Integers: every set gives the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "host/fff/grouped_walk.h"
#include "host/fff/shape.h"
#include "isa/numerics.h"

namespace sterna::fff {

// Rows of weights and of inputs are filled up to a multiple of so many bytes.
inline constexpr std::size_t kTernaryAlign = 64;

// Samples whose values are worked out together.
inline constexpr std::size_t kBatchSamples = 64;
// Values are filled up to a multiple of so many.
inline constexpr std::size_t kValuesAlign = 16;

// What nodes summed up for samples, and what makes logits of it: [rows][samples] each, but
// [samples] multipliers.
struct NodeSums {
  const std::int32_t* sums;
  const numerics::fix* biases;
  const std::uint32_t* multipliers;
  std::size_t rows, samples;
};

// What QUANT makes of the samples' values: [samples] each, but the values themselves.
struct QuantisedValues {
  std::int32_t* quads;    // [quads][samples]: four int8 of a sample, the first in the low byte
  std::int32_t* totals;   // the sum of a sample's
  std::uint32_t* bounds;  // and of their magnitudes
  std::uint32_t* amax;
};

// Samples that have the same paths: the paths' output rows, what each sample takes of them, and
// gives.
struct PathSamples {
  const std::uint8_t* const* rows;  // arranged; rows of zero trits fill up the last four
  std::size_t quads;                // four rows each
  const std::int32_t* values;       // [quads][stride], the first sample's first
  std::size_t stride;
  const std::int32_t* totals;
  const std::uint32_t* multipliers;
  std::int32_t* const* y;
  std::size_t count;
  bool scaled;            // y[j] = matmul_output_narrow(acc, multiplier), or acc itself
  bool stream;            // past the caches: each y is aligned to kTernaryAlign
  std::uint8_t* scratch;  // quads * 4 * kTernaryAlign, aligned to it
};

struct TernaryKernels {
  std::string_view name;

  // sums[s * rows + r] = x[s] . w[r], rows = 2^levels - 1, plus the sum of x[s]: a byte of w is a
  // trit plus one, so that it has no sign. bytes: a multiple of kTernaryAlign. x goes on with as
  // many samples that are wanted next, which are prefetched.
  using Dots = void (*)(const std::int8_t* const* x, const std::uint8_t* const* w,
                        std::size_t bytes, std::int32_t* sums);
  Dots dots[kTileSamples][kMaxTileLevels];  // [samples - 1][levels - 1]

  // values [rows][samples], and space to a multiple of kValuesAlign. power as SILUP's and GELU's
  // immediate has it.
  void (*activate)(Activation activation, int power, const NodeSums& nodes, numerics::fix* values);

  // values [rows][samples]. A last quad that is not full has zeros.
  void (*quantise)(const numerics::fix* values, std::size_t rows, std::size_t samples,
                   const QuantisedValues& out);

  // Puts a row, a multiple of kTernaryAlign bytes, into the order in which combine reads it.
  void (*arrange)(std::uint8_t* row, std::size_t columns);

  // y[j] of each sample for j < outputs, acc the sum of value times trit. Scaled, the bounds of
  // all |acc| are to fit (numerics::fits_narrow).
  void (*combine)(const PathSamples& samples, std::size_t outputs);

  // A finished row of outputs to where it belongs, past the caches.
  void (*copy_out)(std::int32_t* y, const std::int32_t* row, std::size_t outputs);
};

extern const TernaryKernels kBaselineTernary, kAvx2Ternary, kAvx512Ternary;

// Those of this program that the processor can run, the fastest first; never empty.
std::span<const TernaryKernels* const> ternary_kernels();

// The fastest, or those that the environment's STERNA_CPU names. Throws Error where it names none
// of them.
const TernaryKernels& chosen_ternary_kernels();

}  // namespace sterna::fff
