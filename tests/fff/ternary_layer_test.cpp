// SPDX-License-Identifier: Apache-2.0
// TernaryLayer against its definition: every node's product, one after the other, with the
// machine's arithmetic. All is integers: every set of kernels gives the same bits.
#include "host/fff/ternary_layer.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "host/fff/aligned_array.h"
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

std::vector<std::int8_t> random_inputs(std::mt19937& random, std::size_t count) {
  std::vector<std::int8_t> q(count);
  for (std::int8_t& v : q) v = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
  return q;
}

// beyond_line: where the outputs begin, in elements behind a cache line's beginning.
void check_layer(const TernaryCase& c, const RandomTernary& weights, std::span<const std::int8_t> q,
                 const TernaryKernels& kernels, std::size_t samples, unsigned threads,
                 std::uint32_t seed, std::size_t beyond_line = 0) {
  std::mt19937 random(seed);
  const TernaryLayer layer(c.shape, c.activation, c.power, weights.weights, kernels);
  std::vector<std::uint32_t> amax(samples);
  for (std::uint32_t& a : amax) a = 1 + static_cast<std::uint32_t>(random()) % (1u << 26);
  const std::size_t size = samples * c.shape.outputs;
  AlignedArray<fix> storage(size + beyond_line + 1, kUntouchedFix);
  const std::span<fix> y(storage.get() + beyond_line, size);
  std::vector<std::uint32_t> leaves(samples * c.shape.trees);
  layer.forward(q, amax, y, leaves, threads);
  EXPECT_EQ(storage.get()[beyond_line + size], kUntouchedFix);
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

void check_ternary(const TernaryCase& c, const TernaryKernels& kernels, std::size_t samples,
                   unsigned threads, std::uint32_t seed, std::size_t beyond_line = 0) {
  std::mt19937 random(seed);
  const RandomTernary weights(random, c);
  const auto q = random_inputs(random, samples * c.shape.inputs);
  check_layer(c, weights, q, kernels, samples, threads, seed, beyond_line);
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

// Batches that are full, and all but; groups of every size; and all samples at one leaf.
TEST(TernaryLayer, TakesGroupsOfEverySize) {
  constexpr auto kBy = OutputLayout::kNodesByOutputs;
  const TernaryCase cases[] = {{{20, 35, 1, 2}, Activation::kGelu, 0, kBy, 3, 9},
                               {{20, 128, 1, 3}, Activation::kSilu, 2, kBy, 3, 9},
                               {{20, 70, 2, 1}, Activation::kGelu, 0, kBy, 3, 9},
                               {{70, 40, 1, 3}, Activation::kNone, 0, kBy, 10, 9}};
  std::uint32_t seed = 100;
  for (const TernaryKernels* kernels : tested_ternary_kernels()) {
    for (const TernaryCase& c : cases) {
      for (const std::size_t samples : {63u, 64u, 65u, 150u}) {
        SCOPED_TRACE(
            fmt::format("{}: {} outputs, {} samples", kernels->name, c.shape.outputs, samples));
        check_ternary(c, *kernels, samples, 1, ++seed);
        if (HasFatalFailure()) return;
      }
    }
  }
}

// More outputs than a cache holds go past it, from wherever they begin.
TEST(TernaryLayer, WritesPastTheCaches) {
  constexpr auto kBy = OutputLayout::kNodesByOutputs;
  for (const TernaryKernels* kernels : tested_ternary_kernels()) {
    for (const std::size_t outputs : {1024u, 1009u}) {
      for (const std::size_t beyond_line : {0u, 4u, 5u}) {
        SCOPED_TRACE(fmt::format("{}: {} outputs, {} elements beyond a line", kernels->name,
                                 outputs, beyond_line));
        const TernaryCase one{{16, outputs, 1, 3}, Activation::kGelu, 0, kBy, 3, 9},
            two{{16, outputs, 2, 1}, Activation::kGelu, 0, kBy, 3, 9},
            wide{{16, outputs, 1, 2}, Activation::kNone, 0, kBy, 0, 0};  // beyond 32 bits
        for (const TernaryCase& c : {one, two, wide}) {
          check_ternary(c, *kernels, 262, 2, 11, beyond_line);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

// Sums of bytes that are as long as they get, of more of them than 16 bits hold, and values' that
// are as long as can be scaled in 32 bits, or longer.
TEST(TernaryLayer, AddsUpTheLargestProducts) {
  constexpr auto kBy = OutputLayout::kNodesByOutputs;
  const TernaryCase cases[] = {{{4500, 20, 1, 1}, Activation::kNone, 0, kBy, 0, 9},
                               {{1, 20, 4100, 0}, Activation::kNone, 0, kBy, 0, 27},
                               {{1, 20, 8200, 0}, Activation::kNone, 0, kBy, 0, 27}};
  for (const TernaryKernels* kernels : tested_ternary_kernels()) {
    for (const TernaryCase& c : cases) {
      for (const int sign : {-1, 1}) {
        SCOPED_TRACE(fmt::format("{}: {} inputs times {}", kernels->name, c.shape.inputs, sign));
        std::mt19937 random(5);
        RandomTernary weights(random, c);
        std::fill(weights.input.begin(), weights.input.end(), std::int8_t{1});
        std::fill(weights.output.begin(), weights.output.end(), std::int8_t{1});
        std::fill(weights.bias.begin(), weights.bias.end(), 0);
        const std::vector<std::int8_t> q(5 * c.shape.inputs, static_cast<std::int8_t>(127 * sign));
        check_layer(c, weights, q, *kernels, 5, 1, 6);
        if (HasFatalFailure()) return;
      }
    }
  }
}

// Right iff the clamped logit, with a clamped bias added, is above zero.
TEST(TernaryLayer, DecidesAtTheEndsOfTheNumbers) {
  const TernaryCase c{{400, 8, 1, 5}, Activation::kNone, 0, OutputLayout::kNodesByOutputs, 0, 9};
  for (const std::uint32_t exponent : {14u, 24u, 40u}) {
    std::mt19937 random(exponent);
    RandomTernary weights(random, c);
    weights.weights.input_scale = pack_scale({0x800001, exponent});
    for (fix& b : weights.bias) {
      const fix ends[] = {kFixMin, kFixMin + 1, kFixMin + 2, kFixMax, kFixMax - 1, -1, 0, 1};
      b = ends[random() % std::size(ends)];
    }
    const auto q = random_inputs(random, 300 * c.shape.inputs);
    check_layer(c, weights, q, *ternary_kernels().front(), 300, 1, exponent);
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
