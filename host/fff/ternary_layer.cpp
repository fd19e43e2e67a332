// SPDX-License-Identifier: Apache-2.0
#include "host/fff/ternary_layer.h"

#include <algorithm>
#include <limits>

#include "host/fff/layer_parts.h"
#include "host/fff/single_walk.h"
#include "host/fff/ternary_walk.h"
#include "support/error.h"
#include "support/multiversion.h"

namespace sterna::fff {
using namespace numerics;

namespace {

std::size_t padded(std::size_t count) {
  return (count + kTernaryAlign - 1) / kTernaryAlign * kTernaryAlign;
}

WeightScale checked_scale(const char* what, std::uint32_t imm) {
  if (!valid_scale(imm)) throw Error("FFF layer: {} {:#x} is no scale", what, imm);
  return unpack_scale(imm);
}

std::uint8_t byte_of(std::int8_t trit) {
  if (trit < -1 || trit > 1) throw Error("FFF layer: a weight is {}, not -1, 0 or 1", int{trit});
  return static_cast<std::uint8_t>(trit + 1);
}

// add(rs(p, 12), bias) > 0 iff p > threshold(bias). No clamped rs is above zero with the two least
// biases.
std::int64_t threshold(fix bias) {
  return bias <= -kFixMax ? std::numeric_limits<std::int64_t>::max()
                          : -(std::int64_t{bias} << 12) + (1 << 11) - 1;
}

STERNA_MULTIVERSION
std::uint32_t amax_of(const fix* x, std::size_t count) {
  std::uint32_t most = 1;
  for (std::size_t i = 0; i < count; ++i) most = std::max(most, magnitude(x[i]));
  return most;
}

STERNA_MULTIVERSION
void quantise_row(const fix* x, std::int8_t* q, std::size_t count, Factor factor) {
  for (std::size_t i = 0; i < count; ++i) q[i] = quant(x[i], factor);
}

}  // namespace

void quantise(std::span<const fix> x, std::span<std::int8_t> q, std::span<std::uint32_t> amax) {
  check_size("q", q.size(), x.size());
  const std::size_t length = amax.empty() ? 0 : x.size() / amax.size();
  check_size("x", x.size(), length * amax.size());
  for (std::size_t i = 0; i < amax.size(); ++i) {
    amax[i] = amax_of(&x[i * length], length);
    quantise_row(&x[i * length], &q[i * length], length, quant_factor(amax[i]));
  }
}

TernaryLayer::Rows::Rows(std::size_t count, std::size_t columns)
    : stride_(padded(columns)), bytes_(count * stride_, byte_of(0)) {}

TernaryLayer::TernaryLayer(const Shape& shape, Activation activation, int power,
                           const TernaryWeights& weights, const TernaryKernels& kernels)
    : shape_(checked(shape)),
      activation_(activation),
      power_(power),
      kernels_(&kernels),
      input_scale_(checked_scale("the input weight's scale", weights.input_scale)),
      output_scale_(checked_scale("the output weight's scale", weights.output_scale)),
      input_(shape.nodes() + 1, shape.inputs),
      output_(shape.nodes() + 1, shape.outputs),
      bias_(shape.nodes()),
      thresholds_(shape.nodes()) {
  const std::size_t nodes = shape.nodes();
  check_size("the input weight", weights.input.size(), nodes * shape.inputs);
  if (!weights.bias.empty()) check_size("the bias", weights.bias.size(), nodes);
  check_size("the output weight", weights.output.size(), nodes * shape.outputs);
  std::copy(weights.bias.begin(), weights.bias.end(), bias_.begin());
  std::transform(bias_.begin(), bias_.end(), thresholds_.begin(), threshold);
  const bool by_nodes = weights.layout == OutputLayout::kNodesByOutputs;
  for (std::size_t n = 0; n < nodes; ++n) {
    for (std::size_t i = 0; i < shape.inputs; ++i) {
      input_[n][i] = byte_of(weights.input[n * shape.inputs + i]);
    }
    for (std::size_t j = 0; j < shape.outputs; ++j) {
      output_[n][j] = byte_of(weights.output[by_nodes ? n * shape.outputs + j : j * nodes + n]);
    }
    kernels.arrange(output_[n], output_.stride());
  }
}

void TernaryLayer::forward_alone(const std::int8_t* q, std::uint32_t amax, fix* y,
                                 std::uint32_t* leaves) const {
  const std::size_t levels = shape_.levels(), count = shape_.trees * levels;
  std::array<std::uint32_t, kMostSingleNodes> nodes;
  alignas(kLineBytes) std::array<std::int32_t, kMostSingleNodes> sums;
  std::array<fix, kMostSingleNodes> biases;
  alignas(kLineBytes) std::array<fix, kMostSingleNodes> values;
  // A byte of a row is a trit plus one: a product has the sum of the input besides, and so has one
  // with zero trits.
  const std::array<const std::int8_t*, 2> x{q, q};
  const auto dots = [&](const std::uint8_t* const* w, unsigned n, std::int32_t* to) {
    kernels_->dots[0][n - 1](x.data(), w, input_.stride(), to);
  };
  std::int32_t total;
  const std::uint8_t* const ones = input_[shape_.nodes()];
  dots(&ones, 1, &total);
  const std::uint32_t multiplier = matmul_multiplier(amax, input_scale_);
  for (std::size_t tree = 0; tree < shape_.trees; ++tree) {
    const std::size_t leaf = walk_alone<kMaxTileLevels>(
        shape_, tree, dots, [&](std::size_t node) { return input_[node]; },
        [&](std::size_t node, std::int32_t sum) {
          return std::int64_t{sum - total} * multiplier > thresholds_[node];
        },
        &nodes[tree * levels], &sums[tree * levels]);
    if (leaves != nullptr) leaves[tree] = static_cast<std::uint32_t>(leaf);
  }

  const std::size_t quads = (count + 3) / 4;
  std::array<const std::uint8_t*, kMostSingleNodes> rows;
  std::fill(&rows[count], rows.data() + 4 * quads, output_[shape_.nodes()]);
  for (std::size_t i = 0; i < count; ++i) {
    sums[i] -= total;
    biases[i] = bias_[nodes[i]];
    rows[i] = output_[nodes[i]];
  }
  kernels_->activate(activation_, power_, {sums.data(), biases.data(), &multiplier, count, 1},
                     values.data());
  std::array<std::int32_t, kMostSingleNodes / 4> quads_of_values;
  std::int32_t total_of_values;
  std::uint32_t bound, amax_of_values;
  kernels_->quantise(values.data(), count, 1,
                     {quads_of_values.data(), &total_of_values, &bound, &amax_of_values});
  const std::uint32_t output_multiplier = matmul_multiplier(amax_of_values, output_scale_);
  const bool scaled = fits_narrow(bound, output_multiplier);
  kernels_->combine({rows.data(), quads, quads_of_values.data(), 1, &total_of_values,
                     &output_multiplier, &y, 1, scaled, false, nullptr},
                    shape_.outputs);
  for (std::size_t j = 0; j < shape_.outputs && !scaled; ++j) {
    y[j] = matmul_output(y[j], output_multiplier);
  }
}

void TernaryLayer::forward(std::span<const std::int8_t> q, std::span<const std::uint32_t> amax,
                           std::span<fix> y, std::span<std::uint32_t> leaves,
                           unsigned threads) const {
  const std::size_t samples = amax.size();
  check_size("q", q.size(), samples * shape_.inputs);
  check_size("y", y.size(), samples * shape_.outputs);
  if (!leaves.empty()) check_size("leaves", leaves.size(), samples * shape_.trees);
  if (samples == 1 && input_.stride() == shape_.inputs &&
      shape_.trees * shape_.levels() <= kMostSingleNodes) {
    return forward_alone(q.data(), amax[0], y.data(), leaves.empty() ? nullptr : leaves.data());
  }
  const bool stream = y.size_bytes() >= kStreamBytes;
  const auto part = [&](std::size_t begin, std::size_t end) {
    TernaryWalk(*this, q.subspan(begin * shape_.inputs, (end - begin) * shape_.inputs),
                amax.subspan(begin, end - begin), y.data() + begin * shape_.outputs,
                leaves.empty() ? nullptr : leaves.data() + begin * shape_.trees, stream)
        .run();
    if (stream) streamed();
  };
  in_parts(samples, threads, part);
}

}  // namespace sterna::fff
