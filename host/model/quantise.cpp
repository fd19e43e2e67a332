// SPDX-License-Identifier: Apache-2.0
#include "host/model/quantise.h"

#include <algorithm>
#include <cmath>

#include "support/error.h"

namespace sterna::model {
namespace {

constexpr float kMinMean = 1e-5f;

}  // namespace

numerics::fix to_fix(double value) {
  const double scaled = std::nearbyint(value * numerics::kOne);  // the default mode: halves to even
  return static_cast<numerics::fix>(std::clamp(scaled, static_cast<double>(numerics::kFixMin),
                                               static_cast<double>(numerics::kFixMax)));
}

float mean_magnitude(const FloatTensor& weights) {
  std::vector<float> row(weights.cols());
  double sum = 0;
  for (std::uint64_t r = 0; r < weights.rows(); ++r) {
    weights.row(r, row);
    for (const float w : row) sum += std::abs(static_cast<double>(w));
  }
  return static_cast<float>(
      sum / (static_cast<double>(weights.rows()) * static_cast<double>(weights.cols())));
}

void quantise_row(std::span<const float> weights, float mean, std::span<std::int8_t> out) {
  const float scale = 1.0f / std::max(mean, kMinMean);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    // Rounding halves to even and clamping to one leaves only: above a half, below minus a half,
    // between.
    const float w = weights[i] * scale;
    out[i] = static_cast<std::int8_t>((w > 0.5f ? 1 : 0) - (w < -0.5f ? 1 : 0));
  }
}

std::uint32_t scale_immediate(float mean, const std::string& name) {
  int exponent = 0;
  const double fraction =
      std::frexp(static_cast<double>(std::max(mean, kMinMean)) / 127, &exponent);  // [0.5, 1)
  // Never rounds up to 2^kScaleMantissaBits: the floats beside 127 * 2^n are too far from it.
  const auto mantissa = static_cast<std::uint32_t>(
      std::nearbyint(std::ldexp(fraction, static_cast<int>(kScaleMantissaBits))));
  const int shift = static_cast<int>(kScaleMantissaBits) - exponent;
  if (shift < static_cast<int>(kMinScaleExponent)) {
    throw Error("tensor {}: mean magnitude {} is too large for a weight scale", name, mean);
  }
  return numerics::pack_scale({mantissa, static_cast<std::uint32_t>(shift)});
}

std::uint32_t scaled(std::uint32_t immediate, int power, const std::string& name) {
  constexpr int kGreatest = (1 << kScaleExponentBits) - 1;
  numerics::WeightScale scale = numerics::unpack_scale(immediate);
  const int exponent = static_cast<int>(scale.exponent) - power;
  if (exponent < static_cast<int>(kMinScaleExponent)) {
    throw Error("tensor {}: its weight scale times 2^{} is too large", name, power);
  }
  if (exponent > kGreatest) {  // what it loses is below fix's steps
    scale.mantissa >>= std::min(exponent - kGreatest, static_cast<int>(kScaleMantissaBits));
  }
  scale.exponent = static_cast<std::uint32_t>(std::min(exponent, kGreatest));
  return numerics::pack_scale(scale);
}

TernaryMatrix quantise(const FloatTensor& weights) {
  return quantise(weights, mean_magnitude(weights));
}

TernaryMatrix quantise(const FloatTensor& weights, float mean) {
  TernaryMatrix matrix{static_cast<std::uint32_t>(weights.rows()),
                       static_cast<std::uint32_t>(weights.cols()),
                       mean,
                       {}};
  matrix.trits.resize(weights.rows() * weights.cols());
  std::vector<float> row(weights.cols());
  for (std::uint64_t r = 0; r < weights.rows(); ++r) {
    weights.row(r, row);
    quantise_row(row, matrix.mean,
                 std::span(matrix.trits).subspan(r * weights.cols(), weights.cols()));
  }
  return matrix;
}

std::vector<double> lower_bounds(const FloatTensor& raw) {
  const std::uint64_t layers = raw.rows(), d = raw.cols();
  const std::vector<float> values = raw.values();
  std::vector<double> bounds(values.size());
  for (std::uint64_t c = 0; c < d; ++c) {
    double largest = values[c];
    for (std::uint64_t l = 0; l < layers; ++l) {
      largest = std::max(largest, static_cast<double>(values[l * d + c]));
    }
    double total = 0;
    for (std::uint64_t l = 0; l < layers; ++l) {
      bounds[l * d + c] = std::exp(values[l * d + c] - largest);
      total += bounds[l * d + c];
    }
    double sum = 0;  // over the layers after the first: its own share is what upstream subtracts
    for (std::uint64_t l = 0; l < layers; ++l) {
      if (l > 0) sum += bounds[l * d + c] / total;
      bounds[l * d + c] = sum;
    }
  }
  return bounds;
}

}  // namespace sterna::model
