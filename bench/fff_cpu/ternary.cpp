// SPDX-License-Identifier: Apache-2.0
#include "bench/fff_cpu/ternary.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/error.h"

namespace sterna::bench {
namespace {

using namespace numerics;

// As a layer 768 wide has them: logits and outputs around 1.
constexpr std::uint32_t kInputScale = pack_scale({0x9b0000, 40});
constexpr std::uint32_t kOutputScale = pack_scale({0xa00000, 36});

std::vector<std::int8_t> random_trits(std::mt19937& random, std::size_t count) {
  std::vector<std::int8_t> trits(count);
  for (std::int8_t& t : trits) t = static_cast<std::int8_t>(static_cast<int>(random() % 3) - 1);
  return trits;
}

}  // namespace

TernaryBench::TernaryBench(std::mt19937& random, const fff::Shape& shape, std::size_t n,
                           unsigned threads)
    : shape_(shape),
      threads_(threads),
      input_(random_trits(random, shape.nodes() * shape.inputs)),
      output_(random_trits(random, shape.nodes() * shape.outputs)),
      bias_(shape.nodes()),
      inputs_(n * shape.inputs, 0),
      outputs_(n * shape.outputs, 0),
      quantised_(n * shape.inputs, 0),
      x_(inputs_.get(), n * shape.inputs),
      y_(outputs_.get(), n * shape.outputs),
      q_(quantised_.get(), n * shape.inputs),
      amax_(n),
      leaves_(n * shape.trees) {
  std::normal_distribution<float> normal;
  for (fix& v : x_) v = static_cast<fix>(normal(random) * static_cast<float>(kOne));
  for (fix& b : bias_) b = static_cast<fix>(0.01f * normal(random) * static_cast<float>(kOne));
  const fff::TernaryWeights weights{
      input_, bias_, output_, fff::OutputLayout::kNodesByOutputs, kInputScale, kOutputScale};
  fff::quantise(x_, q_, amax_);
  for (const fff::TernaryKernels* kernels : fff::ternary_kernels()) {
    layers_.emplace_back(shape, fff::Activation::kGelu, 0, weights, *kernels);
    layers_.back().forward(q_, amax_, y_, leaves_, threads);
    for (std::size_t s = 0; s < n; s += std::max<std::size_t>(1, n / 64)) check(s);
  }
}

std::vector<std::pair<std::string, std::function<void()>>> TernaryBench::runs() {
  std::vector<std::pair<std::string, std::function<void()>>> runs;
  for (const fff::TernaryLayer& layer : layers_) {
    const std::string name(layer.kernels().name);
    runs.emplace_back("FFF ternary " + name, [this, &layer] {
      fff::quantise(x_, q_, amax_);
      layer.forward(q_, amax_, y_, {}, threads_);
    });
    runs.emplace_back(fmt::format("FFF ternary {}, int8 in", name),
                      [this, &layer] { layer.forward(q_, amax_, y_, {}, threads_); });
  }
  return runs;
}

// A sample node by node.
void TernaryBench::check(std::size_t sample) const {
  std::vector<fix> values;
  std::vector<std::size_t> nodes;
  const std::uint32_t multiplier = matmul_multiplier(amax_[sample], unpack_scale(kInputScale));
  for (std::size_t tree = 0; tree < shape_.trees; ++tree) {
    for (std::size_t level = 0, node = 0; level < shape_.levels(); ++level) {
      nodes.push_back(tree * shape_.nodes_of_tree() + node);
      std::int32_t acc = 0;
      for (std::size_t i = 0; i < shape_.inputs; ++i) {
        acc += input_[nodes.back() * shape_.inputs + i] * q_[sample * shape_.inputs + i];
      }
      const fix logit = add(matmul_output(acc, multiplier), bias_[nodes.back()]);
      values.push_back(gelu(logit));
      node = 2 * node + (logit > 0 ? 2 : 1);
    }
  }
  std::uint32_t amax = 1;
  for (const fix v : values) amax = std::max(amax, magnitude(v));
  for (std::size_t j = 0; j < shape_.outputs; ++j) {
    std::int32_t acc = 0;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      acc += output_[nodes[k] * shape_.outputs + j] * quant(values[k], quant_factor(amax));
    }
    if (matmul_output(acc, matmul_multiplier(amax, unpack_scale(kOutputScale))) !=
        y_[sample * shape_.outputs + j]) {
      throw Error("ternary layer: sample {}, output {} is not as the numerics say", sample, j);
    }
  }
}

}  // namespace sterna::bench
