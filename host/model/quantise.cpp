#include "host/model/quantise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "host/support/error.h"

namespace sterna {
namespace {

constexpr float kMinMean = 1e-5f;
constexpr std::uint32_t kGroupRows = 5;
constexpr std::uint64_t kGroupCols = 64;

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

TernaryMatrix quantise(const FloatTensor& weights) {
  TernaryMatrix matrix{static_cast<std::uint32_t>(weights.rows()),
                       static_cast<std::uint32_t>(weights.cols()),
                       mean_magnitude(weights),
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

std::uint64_t packed_group_bytes(std::uint32_t cols) {
  return (cols + kGroupCols - 1) / kGroupCols * kGroupCols;
}

std::uint64_t packed_bytes(std::uint32_t rows, std::uint32_t cols) {
  return (rows + std::uint64_t{kGroupRows} - 1) / kGroupRows * packed_group_bytes(cols);
}

void pack_group(std::span<const std::int8_t> trits, std::uint32_t cols, std::span<std::byte> out) {
  const std::size_t rows = trits.size() / cols;
  for (std::size_t c = 0; c < out.size(); ++c) {
    std::array<std::int8_t, kGroupRows> column{};
    for (std::size_t r = 0; r < rows && c < cols; ++r) column[r] = trits[r * cols + c];
    out[c] = static_cast<std::byte>(numerics::pack_trits(column.data()));
  }
}

void unpack_matrix(std::span<const std::byte> packed, std::uint32_t rows, std::uint32_t cols,
                   std::span<std::int8_t> out) {
  const std::uint64_t group = packed_group_bytes(cols);
  for (std::uint32_t first = 0; first < rows; first += kGroupRows) {
    const auto bytes = packed.subspan(first / kGroupRows * group, group);
    const std::uint32_t count = std::min(kGroupRows, rows - first);
    for (std::uint32_t c = 0; c < cols; ++c) {
      std::array<std::int8_t, kGroupRows> column;
      numerics::unpack_trits(std::to_integer<std::uint8_t>(bytes[c]), column.data());
      for (std::uint32_t r = 0; r < count; ++r) {
        out[(first + r) * std::size_t{cols} + c] = column[r];
      }
    }
  }
}

}  // namespace sterna
