// SPDX-License-Identifier: Apache-2.0
// The inner loops of FloatLayer, one set for each instruction set; all are the same source
// (float_kernels_impl.h).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "host/fff/grouped_walk.h"
#include "host/fff/shape.h"

namespace sterna::fff {

// Weight rows are aligned to kRowAlign floats and filled up with zeros to a multiple of it; samples
// need neither.
inline constexpr std::size_t kRowAlign = 16;

// What becomes of outputs: they are written, added to what is there, or written past the caches,
// for which each y is to be aligned to a line.
enum class OutputStore { kWrite, kAdd, kPast };

struct FloatKernels {
  std::string_view name;

  // logits[s * rows + r] = x[s] . w[r], rows = 2^levels - 1. A dot product is summed in one order,
  // whatever the tile that it is computed in: so paths do not depend on the batch. x goes on with
  // as many samples that are wanted next, which are prefetched.
  using Dots = void (*)(const float* const* x, const float* const* w, std::size_t inputs,
                        float* logits);
  Dots dots[kTileSamples][kMaxTileLevels];  // [samples - 1][levels - 1]

  // y[s][j] is given the sum over r of a[s * rows + r] * w[r][j], for `count` samples.
  void (*combine)(const float* a, const float* const* w, std::size_t rows, std::size_t outputs,
                  float* const* y, std::size_t count, OutputStore how);

  // In place; count is a multiple of kRowAlign.
  void (*activate)(Activation activation, float* values, std::size_t count);

  // A finished row of outputs to where it belongs, past the caches.
  void (*copy_out)(float* y, const float* row, std::size_t outputs);
};

extern const FloatKernels kBaselineFloat, kAvx2Float, kAvx512Float;

// Those of this program that the processor can run, the fastest first; never empty.
std::span<const FloatKernels* const> float_kernels();

// The fastest, or those that the environment's STERNA_CPU names. Throws Error where it names none
// of them.
const FloatKernels& chosen_float_kernels();

}  // namespace sterna::fff
