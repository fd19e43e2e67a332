// SPDX-License-Identifier: Apache-2.0
// FloatLayer against its definition, evaluated node by node in double precision. Weights and inputs
// are small integers, so that logits are exact, zeros among them, and paths beyond doubt.
#include "host/fff/float_layer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

#include "host/fff/aligned_array.h"
#include "support/error.h"
#include "tests/fff/kernels.h"

namespace sterna::fff {
namespace {

constexpr float kUntouched = 12345.0f;

struct Case {
  Shape shape;
  bool with_bias;
  OutputLayout layout;
};

struct Weights {
  std::vector<float> input, bias, output;
};

std::vector<float> integers(std::mt19937& random, std::size_t count, int limit) {
  std::uniform_int_distribution<int> values(-limit, limit);
  std::vector<float> v(count);
  for (float& f : v) f = static_cast<float>(values(random));
  return v;
}

Weights make_weights(std::mt19937& random, const Case& c) {
  const std::size_t nodes = c.shape.nodes();
  return {integers(random, nodes * c.shape.inputs, 2),
          c.with_bias ? integers(random, nodes, 3) : std::vector<float>{},
          integers(random, nodes * c.shape.outputs, 2)};
}

struct Result {
  std::vector<double> y;
  std::vector<std::uint32_t> leaves;
};

Result by_definition(const Case& c, const Weights& w, std::span<const float> x) {
  const Shape& s = c.shape;
  Result result{std::vector<double>(s.outputs), {}};
  for (std::size_t tree = 0; tree < s.trees; ++tree) {
    std::size_t node = 0;
    for (std::size_t level = 0; level < s.levels(); ++level) {
      const std::size_t n = tree * s.nodes_of_tree() + node;
      double logit = c.with_bias ? w.bias[n] : 0;
      for (std::size_t i = 0; i < s.inputs; ++i) logit += double{w.input[n * s.inputs + i]} * x[i];
      const double a = logit * 0.5 * std::erfc(-logit / std::sqrt(2.0));
      for (std::size_t j = 0; j < s.outputs; ++j) {
        result.y[j] += a * w.output[c.layout == OutputLayout::kNodesByOutputs ? n * s.outputs + j
                                                                              : j * s.nodes() + n];
      }
      if (level == s.depth)
        result.leaves.push_back(
            static_cast<std::uint32_t>(node - ((std::size_t{1} << s.depth) - 1)));
      node = 2 * node + (logit > 0 ? 2 : 1);
    }
  }
  return result;
}

// beyond_line: where the outputs begin, in elements behind a cache line's beginning.
void check(const Case& c, const FloatKernels& kernels, std::size_t samples, unsigned threads,
           std::uint32_t seed, std::size_t beyond_line = 0) {
  std::mt19937 random(seed);
  const Weights w = make_weights(random, c);
  const FloatLayer layer(c.shape, Activation::kGelu, w.input, w.bias, w.output, c.layout, kernels);
  const std::vector<float> x = integers(random, samples * c.shape.inputs, 2);
  // What lies beyond is not to be touched, and what is there before not to be added to.
  const std::size_t size = samples * c.shape.outputs;
  AlignedArray<float> storage(size + beyond_line + 1, std::numeric_limits<float>::quiet_NaN());
  std::vector<std::uint32_t> leaves(samples * c.shape.trees);
  const std::span<float> y(storage.get() + beyond_line, size);
  float& behind = storage.get()[beyond_line + size];
  behind = kUntouched;
  layer.forward(x, y, leaves, threads);
  EXPECT_EQ(behind, kUntouched);
  for (std::size_t s = 0; s < samples; ++s) {
    const Result want =
        by_definition(c, w, std::span(x).subspan(s * c.shape.inputs, c.shape.inputs));
    for (std::size_t t = 0; t < c.shape.trees; ++t)
      ASSERT_EQ(leaves[s * c.shape.trees + t], want.leaves[t]) << "sample " << s << " tree " << t;
    for (std::size_t j = 0; j < c.shape.outputs; ++j) {
      ASSERT_NEAR(y[s * c.shape.outputs + j], want.y[j],
                  1e-6 * (10 + std::abs(want.y[j])) * static_cast<double>(c.shape.inputs))
          << "sample " << s << " output " << j;
    }
  }
}

TEST(FloatLayer, ComputesWhatItsDefinitionSays) {
  constexpr auto kBy = OutputLayout::kNodesByOutputs, kAcross = OutputLayout::kOutputsByNodes;
  const Case cases[] = {
      {{1, 1, 1, 0}, true, kBy},       {{3, 2, 2, 1}, true, kAcross},
      {{7, 33, 1, 2}, false, kBy},     {{16, 16, 1, 3}, true, kAcross},
      {{33, 7, 3, 4}, true, kBy},      {{64, 40, 1, 5}, false, kAcross},
      {{17, 70, 2, 6}, true, kAcross}, {{5, 3, 1, 11}, true, kBy},
  };
  std::uint32_t seed = 1;
  for (const FloatKernels* kernels : tested_float_kernels()) {
    for (const Case& c : cases) {
      for (const std::size_t samples : {0u, 1u, 2u, 3u, 5u, 64u}) {
        SCOPED_TRACE(fmt::format("{}: {} inputs, {} outputs, {} trees of depth {}, {} samples",
                                 kernels->name, c.shape.inputs, c.shape.outputs, c.shape.trees,
                                 c.shape.depth, samples));
        check(c, *kernels, samples, 1, ++seed);
        if (HasFatalFailure()) return;
      }
    }
  }
}

// Groups beyond the cache take their tree by other steps.
TEST(FloatLayer, TakesManySamples) {
  for (const FloatKernels* kernels : float_kernels()) {
    SCOPED_TRACE(kernels->name);
    check({{256, 5, 1, 7}, true, OutputLayout::kNodesByOutputs}, *kernels, 1500, 1, 7);
    check({{48, 5, 2, 6}, true, OutputLayout::kNodesByOutputs}, *kernels, 300, 3, 8);
    if (HasFatalFailure()) return;
  }
}

// More outputs than a cache holds go past it, from wherever they begin.
TEST(FloatLayer, WritesPastTheCaches) {
  for (const FloatKernels* kernels : tested_float_kernels()) {
    for (const std::size_t outputs : {1024u, 1009u}) {
      for (const std::size_t beyond_line : {0u, 4u, 5u}) {
        SCOPED_TRACE(fmt::format("{}: {} outputs, {} elements beyond a line", kernels->name,
                                 outputs, beyond_line));
        check({{16, outputs, 1, 3}, true, OutputLayout::kNodesByOutputs}, *kernels, 262, 2, 11,
              beyond_line);
        check({{16, outputs, 2, 1}, true, OutputLayout::kNodesByOutputs}, *kernels, 262, 1, 12,
              beyond_line);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(FloatLayer, GivesTheSameBitsAloneAndAmongOthers) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  const Shape shape{100, 30, 2, 6};
  constexpr std::size_t kSamples = 200;
  const auto draw = [&](std::size_t count) {
    std::vector<float> v(count);
    for (float& f : v) f = normal(random);
    return v;
  };
  const auto input = draw(shape.nodes() * shape.inputs), bias = draw(shape.nodes()),
             output = draw(shape.nodes() * shape.outputs);
  const auto x = draw(kSamples * shape.inputs);
  for (const FloatKernels* kernels : tested_float_kernels()) {
    SCOPED_TRACE(kernels->name);
    const FloatLayer layer(shape, Activation::kSilu, input, bias, output,
                           OutputLayout::kNodesByOutputs, *kernels);
    std::vector<float> alone(kSamples * shape.outputs), together(alone.size()),
        threaded(alone.size());
    for (std::size_t s = 0; s < kSamples; ++s) {
      layer.forward(std::span(x).subspan(s * shape.inputs, shape.inputs),
                    std::span(alone).subspan(s * shape.outputs, shape.outputs));
    }
    layer.forward(x, together);
    layer.forward(x, threaded, {}, 3);
    EXPECT_EQ(alone, together);
    EXPECT_EQ(alone, threaded);
  }
}

std::string said(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

TEST(FloatLayer, RefusesWhatDoesNotFit) {
  const Shape shape{4, 3, 1, 1};
  const std::vector<float> input(12), bias(3), output(9), x(8), y(6);
  const auto make = [&](const Shape& s, std::size_t inputs, std::size_t biases,
                        std::size_t outputs) {
    return said([&] {
      FloatLayer(s, Activation::kNone, std::span(input).first(inputs),
                 std::span(bias).first(biases), std::span(output).first(outputs),
                 OutputLayout::kNodesByOutputs);
    });
  };
  EXPECT_EQ(make(shape, 12, 3, 9), "nothing");
  EXPECT_EQ(make(shape, 11, 3, 9), "FFF layer: the input weight has 11 numbers, not 12");
  EXPECT_EQ(make(shape, 12, 2, 9), "FFF layer: the bias has 2 numbers, not 3");
  EXPECT_EQ(make(shape, 12, 3, 8), "FFF layer: the output weight has 8 numbers, not 9");
  EXPECT_EQ(make({4, 3, 0, 1}, 12, 3, 9), "FFF layer: no inputs, outputs or trees");
  EXPECT_EQ(make({4, 3, 1, 21}, 12, 3, 9), "FFF layer: depth 21 is beyond 20");

  const FloatLayer layer(shape, Activation::kNone, input, bias, output,
                         OutputLayout::kNodesByOutputs);
  std::vector<float> out(6);
  std::vector<std::uint32_t> leaves(2);
  EXPECT_EQ(said([&] { layer.forward(std::span(x).first(7), out); }),
            "FFF layer: x has 7 numbers, not 4");
  EXPECT_EQ(said([&] { layer.forward(x, std::span(out).first(5)); }),
            "FFF layer: y has 5 numbers, not 6");
  EXPECT_EQ(said([&] { layer.forward(x, out, std::span(leaves).first(1)); }),
            "FFF layer: leaves has 1 numbers, not 2");
}

TEST(FloatKernels, TheEnvironmentChooses) {
  const std::string last(float_kernels().back()->name);
  ::setenv("STERNA_CPU", last.c_str(), 1);
  EXPECT_EQ(chosen_float_kernels().name, last);
  ::setenv("STERNA_CPU", "z80", 1);
  EXPECT_EQ(said([] {
              chosen_float_kernels();
            }).rfind("STERNA_CPU: 'z80' is none of what this processor can run here: ", 0),
            0u);
  ::unsetenv("STERNA_CPU");
  EXPECT_EQ(chosen_float_kernels().name, float_kernels().front()->name);
}

}  // namespace
}  // namespace sterna::fff
