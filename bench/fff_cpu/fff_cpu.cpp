// SPDX-License-Identifier: Apache-2.0
// Fast Feedforward layers on the CPU beside dense layers of vendors' libraries, in the same run:
// the table of bench/fff.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "bench/fff_cpu/rivals.h"
#include "bench/fff_cpu/ternary.h"
#include "host/fff/aligned_array.h"
#include "host/fff/float_layer.h"
#include "support/error.h"

namespace sterna::bench {
namespace {

using fff::FloatLayer;
using fff::Shape;

struct Options {
  std::vector<std::size_t> batches = {1, 16, 256, 2048, 16384};
  std::size_t width = 768;
  std::size_t trees = 1;
  unsigned depth = 11;
  unsigned threads = 1;
  std::vector<std::size_t> dense = {3072, 4095};
  double seconds = 1;  // of each measurement
};

constexpr std::size_t kFewInputs = 16;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<float> uniform(std::mt19937& random, std::size_t count, double limit) {
  std::uniform_real_distribution<float> values(static_cast<float>(-limit),
                                               static_cast<float>(limit));
  std::vector<float> v(count);
  for (float& f : v) f = values(random);
  return v;
}

std::vector<float> normal(std::mt19937& random, std::size_t count) {
  std::normal_distribution<float> values;
  std::vector<float> v(count);
  for (float& f : v) f = values(random);
  return v;
}

double median(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

// Seconds of each run, each in turn until all have had their time: the medians. A turn begins with
// a run that does not count, since the others have taken the caches, and lasts for kTurn.
std::vector<double> measure_warm(const std::vector<std::function<void()>>& runs, double seconds) {
  constexpr double kTurn = 0.05, kClock = 1e-4;
  std::vector<std::vector<double>> times(runs.size());
  const double end = now() + seconds * static_cast<double>(runs.size());
  do {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      runs[i]();
      const double turn = now();
      do {
        // Fast ones several times: a clock's reading should not count.
        const double begin = now();
        double taken = 0;
        unsigned count = 0;
        for (; count == 0 || taken < kClock; ++count) {
          runs[i]();
          taken = now() - begin;
        }
        times[i].push_back(taken / count);
      } while (now() - turn < kTurn);
    }
  } while (now() < end || times.front().size() < 3);
  std::vector<double> medians(runs.size());
  std::transform(times.begin(), times.end(), medians.begin(), median);
  return medians;
}

// The same where each run finds the caches full of something else.
std::vector<double> measure_cold(const std::vector<std::function<void()>>& runs) {
  constexpr std::size_t kBytes = std::size_t{512} << 20, kLine = 64;
  constexpr std::size_t kTimes = 5;
  std::vector<char> other(kBytes);
  std::vector<double> medians;
  for (const auto& run : runs) {
    std::vector<double> times;
    for (std::size_t i = 0; i < kTimes; ++i) {
      for (std::size_t at = 0; at < kBytes; at += kLine) ++other[at];
      const double begin = now();
      run();
      times.push_back(now() - begin);
    }
    medians.push_back(median(times));
  }
  return medians;
}

double entropy(std::span<const std::uint32_t> leaves) {
  std::map<std::uint32_t, std::size_t> counts;
  for (const std::uint32_t leaf : leaves) ++counts[leaf];
  double bits = 0;
  for (const auto& [leaf, count] : counts) {
    const double p = static_cast<double>(count) / static_cast<double>(leaves.size());
    bits -= p * std::log2(p);
  }
  return bits;
}

struct Weights {
  std::vector<float> input, bias, output;
};

// The layer's published initial values. The biases are as small as a decision's: paths stay
// balanced.
Weights random_weights(std::mt19937& random, const Shape& shape) {
  return {uniform(random, shape.nodes() * shape.inputs,
                  std::sqrt(1.0 / static_cast<double>(shape.inputs))),
          uniform(random, shape.nodes(), 0.01),
          uniform(random, shape.nodes() * shape.outputs,
                  std::sqrt(1.0 / static_cast<double>(shape.levels() * shape.trees)))};
}

// The largest error of a sample of the outputs against double precision along the paths that were
// taken.
double worst_error(const Shape& shape, const Weights& w, std::span<const float> x,
                   std::span<const float> y, std::span<const std::uint32_t> leaves) {
  double worst = 0;
  const std::size_t samples = y.size() / shape.outputs,
                    step = std::max<std::size_t>(1, samples / 64);
  for (std::size_t s = 0; s < samples; s += step) {
    std::vector<double> want(shape.outputs);
    for (std::size_t tree = 0; tree < shape.trees; ++tree) {
      std::size_t node = leaves[s * shape.trees + tree] + (std::size_t{1} << shape.depth) - 1;
      for (std::size_t level = 0; level < shape.levels(); ++level, node = (node - 1) / 2) {
        const std::size_t n = tree * shape.nodes_of_tree() + node;
        double logit = w.bias[n];
        for (std::size_t i = 0; i < shape.inputs; ++i)
          logit += double{w.input[n * shape.inputs + i]} * x[s * shape.inputs + i];
        const double a = logit * 0.5 * std::erfc(-logit / std::sqrt(2.0));
        for (std::size_t j = 0; j < shape.outputs; ++j)
          want[j] += a * w.output[n * shape.outputs + j];
      }
    }
    for (std::size_t j = 0; j < shape.outputs; ++j)
      worst = std::max(worst, std::abs(want[j] - y[s * shape.outputs + j]));
  }
  return worst;
}

void run(const Options& options) {
  std::mt19937 random(1);
  const Shape shape{options.width, options.width, options.trees, options.depth};
  const Weights weights = random_weights(random, shape);
  std::vector<std::vector<float>> dense1, dense2;
  for (const std::size_t neurons : options.dense) {
    dense1.push_back(uniform(random, neurons * options.width,
                             std::sqrt(1.0 / static_cast<double>(options.width))));
    dense2.push_back(
        uniform(random, neurons * options.width, std::sqrt(1.0 / static_cast<double>(neurons))));
  }
  fmt::print("rivals     {}\nFFF        {}x{}, {} wide, {} threads, distinct normal inputs\n\n",
             rival_versions(), options.trees, options.depth, options.width, options.threads);
  for (const std::size_t n : options.batches) {
    // On a cache line's beginning, for all.
    fff::AlignedArray<float> inputs(n * options.width, 0), outputs(n * options.width, 0);
    const std::span<float> x(inputs.get(), n * options.width), y(outputs.get(), x.size());
    std::ranges::copy(normal(random, x.size()), x.begin());
    std::vector<std::uint32_t> leaves(n * options.trees);
    std::vector<std::string> names;
    std::vector<std::function<void()>> runs;
    std::vector<FloatLayer> layers;
    layers.reserve(fff::float_kernels().size());
    double worst = 0;
    for (const fff::FloatKernels* kernels : fff::float_kernels()) {
      layers.emplace_back(shape, fff::Activation::kGelu, weights.input, weights.bias,
                          weights.output, fff::OutputLayout::kNodesByOutputs, *kernels);
      layers.back().forward(x, y, leaves, options.threads);
      worst = std::max(worst, worst_error(shape, weights, x, y, leaves));
      names.push_back(fmt::format("FFF fp32 {}", kernels->name));
      runs.emplace_back([&, layer = &layers.back()] { layer->forward(x, y, {}, options.threads); });
    }
    TernaryBench ternary(random, shape, n, options.threads);
    for (auto& [name, ternary_run] : ternary.runs()) {
      names.push_back(name);
      runs.push_back(ternary_run);
    }
    std::vector<DenseLayer> rivals;
    for (std::size_t d = 0; d < options.dense.size(); ++d) {
      for (DenseLayer& rival :
           make_rivals(n, options.width, options.dense[d], dense1[d], dense2[d]))
        rivals.push_back(std::move(rival));
    }
    for (const DenseLayer& rival : rivals) {
      names.push_back(rival.name);
      runs.emplace_back([&, forward = rival.forward] { forward(x.data(), y.data()); });
    }
    const std::vector<double> warm = measure_warm(runs, options.seconds);
    // Many inputs bring more with them than the caches hold, cold or not.
    std::vector<double> cold;
    if (n <= kFewInputs) cold = measure_cold(runs);
    fmt::print(
        "batch {}: leaf entropy {:.1f} (ternary {:.1f}) of {} bits, worst error {:.1e} (ternary "
        "exact)\n",
        n, entropy(leaves), entropy(ternary.leaves()),
        std::min<double>(options.depth, std::log2(n)), worst);
    const auto of_a_sample = [&](double seconds) { return seconds / static_cast<double>(n) * 1e6; };
    for (std::size_t i = 0; i < warm.size(); ++i) {
      fmt::print("  {:<28}{:>12.3f} us a sample{:>10.1f} times FFF's", names[i],
                 of_a_sample(warm[i]), warm[i] / warm[0]);
      if (!cold.empty())
        fmt::print("; cold {:.2f} us, {:.1f} times", of_a_sample(cold[i]), cold[i] / cold[0]);
      fmt::print("\n");
    }
  }
}

}  // namespace
}  // namespace sterna::bench

int main(int argc, char** argv) {
  sterna::bench::Options options;
  CLI::App app("Fast Feedforward layers on the CPU beside dense ones");
  app.add_option("--batch", options.batches, "Inputs at a time")->delimiter(',');
  app.add_option("--width", options.width, "Inputs and outputs of the layers");
  app.add_option("--trees", options.trees);
  app.add_option("--depth", options.depth);
  app.add_option("--threads", options.threads,
                 "Of FFF; the libraries' follow OMP_NUM_THREADS and OPENBLAS_NUM_THREADS");
  app.add_option("--dense", options.dense, "Neurons of the dense layers")->delimiter(',');
  app.add_option("--seconds", options.seconds, "For each measurement");
  CLI11_PARSE(app, argc, argv);
  try {
    sterna::bench::run(options);
  } catch (const sterna::Error& error) {
    fmt::print(stderr, "bench_fff: {}\n", error.what());
    return 1;
  }
}
