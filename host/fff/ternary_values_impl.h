// SPDX-License-Identifier: Apache-2.0
// What a node is worth, for TernaryKernels: activations and QUANT of many samples' values. Included
// by ternary_kernels_impl.h.
#pragma once

#include "host/fff/ternary_kernels.h"
#include "isa/numerics.h"
#include "isa/symmetric_vectors.h"

// All calls inside are inlined.
#define STERNA_KERNEL [[gnu::flatten]]

namespace sterna::fff {
namespace {

using numerics::fix;

STERNA_KERNEL void activate_values(Activation activation, int power, const NodeSums& nodes,
                                   fix* values) {
  for (std::size_t r = 0; r < nodes.rows; ++r) {
    const std::size_t first = r * nodes.samples;
    for (std::size_t s = 0; s < nodes.samples; ++s) {
      values[first + s] =
          numerics::add(numerics::matmul_output(nodes.sums[first + s], nodes.multipliers[s]),
                        nodes.biases[first + s]);
    }
  }
  // Whole vectors: what lies behind the last value is anything.
  const std::size_t count =
      (nodes.rows * nodes.samples + kValuesAlign - 1) / kValuesAlign * kValuesAlign;
  std::size_t done = 0;
  switch (activation) {
    case Activation::kNone:
      break;
    case Activation::kRelu:
      for (std::size_t i = 0; i < count; ++i) values[i] = numerics::relu(values[i]);
      break;
    case Activation::kSilu:
      done = numerics::silu_vectors(count, values, values, power);
      for (; done < count; ++done) values[done] = numerics::silu(values[done], power);
      break;
    case Activation::kGelu:
      done = numerics::gelu_vectors(count, values, values, power);
      for (; done < count; ++done) values[done] = numerics::gelu(values[done], power);
      break;
  }
}

// Of kCount samples, from the first-th on: so many are known, that loops over them have no ends.
template <std::size_t kCount>
[[gnu::always_inline]] inline void quantise_some(const fix* values, std::size_t rows,
                                                 std::size_t samples, std::size_t first,
                                                 const QuantisedValues& out) {
  std::uint32_t amax[kCount], bounds[kCount] = {};
  std::int32_t totals[kCount] = {};
  std::int64_t mantissas[kCount], halves[kCount], shifts[kCount];
  for (std::size_t s = 0; s < kCount; ++s) amax[s] = 1;
  for (std::size_t r = 0; r < rows; ++r) {
    const fix* const row = values + r * samples + first;
    for (std::size_t s = 0; s < kCount; ++s) {
      const std::uint32_t magnitude = numerics::magnitude(row[s]);
      amax[s] = magnitude > amax[s] ? magnitude : amax[s];
    }
  }
  for (std::size_t s = 0; s < kCount; ++s) {
    const numerics::Factor factor = numerics::quant_factor(amax[s]);
    mantissas[s] = factor.mantissa;
    shifts[s] = factor.shift;  // 19 and up
    halves[s] = std::int64_t{1} << (factor.shift - 1);
  }
  for (std::size_t r = 0; r < rows; r += 4) {
    std::uint32_t quads[kCount] = {};
    for (std::size_t k = 0; k < 4 && r + k < rows; ++k) {
      const fix* const row = values + (r + k) * samples + first;
      for (std::size_t s = 0; s < kCount; ++s) {
        std::int64_t rounded = (row[s] * mantissas[s] + halves[s]) >> shifts[s];
        rounded = rounded < -127 ? -127 : rounded;
        rounded = rounded > 127 ? 127 : rounded;
        const auto q = static_cast<std::int32_t>(rounded);
        totals[s] += q;
        bounds[s] += static_cast<std::uint32_t>(q < 0 ? -q : q);
        quads[s] |= (static_cast<std::uint32_t>(q) & 0xff) << 8 * k;
      }
    }
    for (std::size_t s = 0; s < kCount; ++s) {
      out.quads[r / 4 * samples + first + s] = static_cast<std::int32_t>(quads[s]);
    }
  }
  for (std::size_t s = 0; s < kCount; ++s) {
    out.amax[first + s] = amax[s];
    out.totals[first + s] = totals[s];
    out.bounds[first + s] = bounds[s];
  }
}

STERNA_KERNEL void quantise_values(const fix* values, std::size_t rows, std::size_t samples,
                                   const QuantisedValues& out) {
  constexpr std::size_t kMany = 16;
  std::size_t first = 0;
  for (; first + kMany <= samples; first += kMany) {
    quantise_some<kMany>(values, rows, samples, first, out);
  }
  for (; first < samples; ++first) quantise_some<1>(values, rows, samples, first, out);
}

}  // namespace
}  // namespace sterna::fff
