// SPDX-License-Identifier: Apache-2.0
// TernaryLayer against its definition: every node's product, one after the other, with the
// machine's arithmetic. All is integers: every set of kernels gives the same bits.
#include "host/fff/ternary_layer.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "support/error.h"
#include "tests/fff/kernels.h"

namespace sterna::fff {
using namespace numerics;

namespace {

struct TernaryCase {
  Shape shape;
  Activation activation;
  int power;
  OutputLayout layout;
  unsigned zeros;   // of ten weights, so many are zero; 10: ties everywhere
  unsigned shrink;  // by which power of two the second scale is smaller than the least
};

struct RandomTernary {
  std::vector<std::int8_t> input, output;
  std::vector<fix> bias;
  TernaryWeights weights;

  RandomTernary(std::mt19937& random, const TernaryCase& c)
      : input(c.shape.nodes() * c.shape.inputs), output(c.shape.nodes() * c.shape.outputs) {
    for (auto* trits : {&input, &output}) {
      for (std::int8_t& t : *trits)
        t = static_cast<std::int8_t>(random() % 10 < c.zeros ? 0 : 1 - 2 * int(random() % 2));
    }
    if (c.zeros < 10) {
      bias.resize(c.shape.nodes());
      for (fix& b : bias) b = static_cast<fix>(random()) >> 9;
    }
    weights = {input,
               bias,
               output,
               c.layout,
               pack_scale({0x800000 + static_cast<std::uint32_t>(random() % 0x400000), 31}),
               pack_scale({0x900000, 13 + c.shrink})};
  }
};

fix activated(const TernaryCase& c, fix x) {
  switch (c.activation) {
    case Activation::kRelu:
      return relu(x);
    case Activation::kSilu:
      return silu(x, c.power);
    case Activation::kGelu:
      return gelu(x, c.power);
    case Activation::kNone:
      break;
  }
  return x;
}

struct TernaryResult {
  std::vector<fix> y;
  std::vector<std::uint32_t> leaves;
};

// All nodes, zero off the path, as the numerics say.
TernaryResult ternary_by_definition(const TernaryCase& c, const RandomTernary& layer,
                                    const std::int8_t* q, std::uint32_t amax) {
  const Shape& s = c.shape;
  std::vector<fix> values(s.nodes());
  TernaryResult result;
  const std::uint32_t multiplier = matmul_multiplier(amax, unpack_scale(layer.weights.input_scale));
  for (std::size_t tree = 0; tree < s.trees; ++tree) {
    std::size_t node = 0;
    for (std::size_t level = 0; level < s.levels(); ++level) {
      const std::size_t n = tree * s.nodes_of_tree() + node;
      std::int32_t acc = 0;
      for (std::size_t i = 0; i < s.inputs; ++i) acc += layer.input[n * s.inputs + i] * q[i];
      const fix logit = add(matmul_output(acc, multiplier), layer.bias.empty() ? 0 : layer.bias[n]);
      values[n] = activated(c, logit);
      if (level == s.depth) {
        result.leaves.push_back(
            static_cast<std::uint32_t>(node - ((std::size_t{1} << s.depth) - 1)));
      }
      node = 2 * node + (logit > 0 ? 2 : 1);
    }
  }
  std::uint32_t values_amax = 1;
  for (const fix v : values) values_amax = std::max(values_amax, magnitude(v));
  const Factor factor = quant_factor(values_amax);
  const std::uint32_t output_multiplier =
      matmul_multiplier(values_amax, unpack_scale(layer.weights.output_scale));
  for (std::size_t j = 0; j < s.outputs; ++j) {
    std::int32_t acc = 0;
    for (std::size_t n = 0; n < s.nodes(); ++n) {
      acc += quant(values[n], factor) *
             layer.output[c.layout == OutputLayout::kNodesByOutputs ? n * s.outputs + j
                                                                    : j * s.nodes() + n];
    }
    result.y.push_back(matmul_output(acc, output_multiplier));
  }
  return result;
}

constexpr fix kUntouchedFix = 12345;

void check_ternary(const TernaryCase& c, const TernaryKernels& kernels, std::size_t samples,
                   unsigned threads, std::uint32_t seed) {
  std::mt19937 random(seed);
  const RandomTernary weights(random, c);
  const TernaryLayer layer(c.shape, c.activation, c.power, weights.weights, kernels);
  std::vector<std::int8_t> q(samples * c.shape.inputs);
  for (std::int8_t& v : q) v = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
  std::vector<std::uint32_t> amax(samples);
  for (std::uint32_t& a : amax) a = 1 + static_cast<std::uint32_t>(random()) % (1u << 26);
  std::vector<fix> y(samples * c.shape.outputs + 1, kUntouchedFix);
  std::vector<std::uint32_t> leaves(samples * c.shape.trees);
  layer.forward(q, amax, std::span(y).first(y.size() - 1), leaves, threads);
  EXPECT_EQ(y.back(), kUntouchedFix);
  for (std::size_t s = 0; s < samples; ++s) {
    const TernaryResult want = ternary_by_definition(c, weights, &q[s * c.shape.inputs], amax[s]);
    const auto row = [&](const auto& all, std::size_t width) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(s * width);
      return std::vector(begin, begin + static_cast<std::ptrdiff_t>(width));
    };
    ASSERT_EQ(row(leaves, c.shape.trees), want.leaves) << "sample " << s;
    ASSERT_EQ(row(y, c.shape.outputs), want.y) << "sample " << s;
  }
}

TEST(TernaryLayer, ComputesWhatItsDefinitionSays) {
  constexpr auto kBy = OutputLayout::kNodesByOutputs, kAcross = OutputLayout::kOutputsByNodes;
  using enum Activation;
  const TernaryCase cases[] = {
      {{1, 1, 1, 0}, kNone, 0, kBy, 3, 9},       {{3, 2, 2, 1}, kRelu, 0, kAcross, 3, 9},
      {{7, 33, 1, 2}, kSilu, 0, kBy, 3, 9},      {{64, 64, 1, 3}, kGelu, 0, kAcross, 3, 9},
      {{65, 7, 3, 4}, kGelu, 3, kBy, 3, 9},      {{128, 80, 1, 5}, kSilu, -5, kAcross, 3, 9},
      {{17, 70, 2, 6}, kRelu, 0, kAcross, 0, 9}, {{5, 3, 1, 11}, kNone, 0, kBy, 3, 9},
      {{200, 30, 1, 4}, kNone, 0, kBy, 10, 9},  // all weights zero: all ties
      {{90, 100, 1, 5}, kNone, 0, kBy, 0, 0},   // results beyond 32 bits
      {{40, 20, 40, 8}, kNone, 0, kBy, 0, 2},   // and sums beyond 2^15
  };
  std::uint32_t seed = 1;
  for (const TernaryKernels* kernels : tested_ternary_kernels()) {
    for (const TernaryCase& c : cases) {
      for (const std::size_t samples : {0u, 1u, 2u, 3u, 5u, 40u}) {
        SCOPED_TRACE(fmt::format("{}: {} inputs, {} outputs, {} trees of depth {}, {} samples",
                                 kernels->name, c.shape.inputs, c.shape.outputs, c.shape.trees,
                                 c.shape.depth, samples));
        check_ternary(c, *kernels, samples, 1, ++seed);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(TernaryLayer, TakesManySamples) {
  const TernaryCase many{{256, 5, 1, 7}, Activation::kRelu, 0, OutputLayout::kNodesByOutputs, 3, 9};
  const TernaryCase parts{
      {48, 16, 2, 6}, Activation::kSilu, 0, OutputLayout::kNodesByOutputs, 3, 9};
  for (const TernaryKernels* kernels : ternary_kernels()) {
    SCOPED_TRACE(kernels->name);
    check_ternary(many, *kernels, 9000, 1, 7);
    check_ternary(parts, *kernels, 300, 3, 8);
    if (HasFatalFailure()) return;
  }
}

TEST(TernaryLayer, QuantisesAsTheMachineDoes) {
  std::mt19937 random(4);
  std::vector<fix> x(3 * 37);
  for (fix& v : x) v = static_cast<fix>(random());
  x[5] = kFixMin;
  std::fill(x.begin() + 74, x.end(), 0);
  std::vector<std::int8_t> q(x.size());
  std::vector<std::uint32_t> amax(3);
  quantise(x, q, amax);
  for (std::size_t i = 0; i < 3; ++i) {
    std::uint32_t most = 1;
    for (std::size_t k = 0; k < 37; ++k) most = std::max(most, magnitude(x[i * 37 + k]));
    EXPECT_EQ(amax[i], most);
    for (std::size_t k = 0; k < 37; ++k)
      EXPECT_EQ(q[i * 37 + k], quant(x[i * 37 + k], quant_factor(most)));
  }
}

std::string refusal(const Shape& shape, std::size_t inputs, std::int8_t weight,
                    std::uint32_t scale) {
  std::vector<std::int8_t> input(inputs, weight), output(9);
  TernaryWeights weights{input, {}, output, OutputLayout::kNodesByOutputs, scale, scale};
  try {
    TernaryLayer(shape, Activation::kNone, 0, weights);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(TernaryLayer, RefusesWhatDoesNotFit) {
  const Shape shape{4, 3, 1, 1};
  const std::uint32_t scale = pack_scale({1, 20});
  EXPECT_EQ(refusal(shape, 12, 1, scale), "none");
  EXPECT_EQ(refusal(shape, 11, 1, scale), "FFF layer: the input weight has 11 numbers, not 12");
  EXPECT_EQ(refusal(shape, 12, 2, scale), "FFF layer: a weight is 2, not -1, 0 or 1");
  EXPECT_EQ(refusal(shape, 12, 1, 5), "FFF layer: the input weight's scale 0x5 is no scale");
  EXPECT_EQ(refusal({4, 3, 0, 1}, 12, 1, scale), "FFF layer: no inputs, outputs or trees");
}

}  // namespace
}  // namespace sterna::fff
