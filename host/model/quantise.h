// SPDX-License-Identifier: Apache-2.0
// From floats to what the machine computes with (docs/numerics.md, "What the host does").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/model/tensor.h"
#include "isa/numerics.h"
#include "isa/trits.h"

namespace sterna::model {

// round(v * 2^kFractionBits), halves to even, saturated.
numerics::fix to_fix(double value);
inline float to_float(numerics::fix value) {
  return static_cast<float>(value) / static_cast<float>(numerics::kOne);
}

// mean|W| over the whole tensor: summed in double, rounded to float. Throws Error for NaN or
// infinite weights.
float mean_magnitude(const FloatTensor& weights);

// clamp(round_half_even(w / max(mean, 1e-5)), -1, 1), element by element; `out` is as long as
// `weights`.
void quantise_row(std::span<const float> weights, float mean, std::span<std::int8_t> out);

// The weight scale max(mean, 1e-5) / 127 as TMATMUL's immediate. Throws Error, naming the tensor,
// when the mean is too large for it (above 260,000).
std::uint32_t scale_immediate(float mean, const std::string& name);

// Such an immediate times 2^power. Throws Error, naming the tensor, when that is too large.
std::uint32_t scaled(std::uint32_t immediate, int power, const std::string& name);

// A BitLinear's matrix: trits in row-major order, each worth max(mean, 1e-5).
struct TernaryMatrix {
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  float mean = 0;
  std::vector<std::int8_t> trits;
};
TernaryMatrix quantise(const FloatTensor& weights);
TernaryMatrix quantise(const FloatTensor& weights, float mean);  // whose mean |W| is known

// The forget gates' lower bounds, [layers, d]: the running sum over the layers of softmax(raw, over
// the layers), minus its first row.
std::vector<double> lower_bounds(const FloatTensor& raw);

}  // namespace sterna::model
