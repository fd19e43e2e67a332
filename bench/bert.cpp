// SPDX-License-Identifier: Apache-2.0
// usage: bench_bert ENCODER_FOLDER OTHER_FOLDER [--tokens N] [--threads N] [--passes N]
// Two encoders of the same shape in turn, on the same tokens: medians and their ratio.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "host/bert/encoder.h"

namespace {

using sterna::bert::Encoder;

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

double milliseconds(const Encoder& encoder, const std::vector<std::uint32_t>& tokens) {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<float> vectors = encoder.encode(tokens);
  const auto end = std::chrono::steady_clock::now();
  return std::chrono::duration<double, std::milli>(end - begin).count();
}

std::string name(const sterna::bert::Config& config) {
  return config.fast ? fmt::format("FFF {}x{}", config.trees, config.depth)
                     : fmt::format("FF-{}", config.neurons);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app;
  std::string folder, other_folder;
  std::size_t count = 128, passes = 15;
  unsigned threads = 1;
  app.add_option("folder", folder)->required();
  app.add_option("other", other_folder)->required();
  app.add_option("--tokens", count);
  app.add_option("--passes", passes);
  app.add_option("--threads", threads);
  CLI11_PARSE(app, argc, argv);

  const Encoder encoder(folder, threads), other(other_folder, threads);
  std::mt19937 random(1);
  std::vector<std::uint32_t> tokens(count);
  for (std::uint32_t& token : tokens) {
    token = static_cast<std::uint32_t>(random() % encoder.config().vocab);
  }
  std::vector<double> times, other_times;
  for (std::size_t pass = 0; pass <= passes; ++pass) {
    const double time = milliseconds(encoder, tokens), other_time = milliseconds(other, tokens);
    if (pass == 0) continue;  // warms up
    times.push_back(time);
    other_times.push_back(other_time);
  }
  fmt::print(
      "{} tokens, {} layers, width {}, threads {}: {} {:.1f} ms, {} {:.1f} ms, {:.2f} times\n",
      count, encoder.config().layers, encoder.config().width, threads, name(encoder.config()),
      median(times), name(other.config()), median(other_times),
      median(other_times) / median(times));
}
