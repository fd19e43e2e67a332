// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/benchmark.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace sterna {
namespace {

// Somewhere in the vocabulary, another one each time.
std::uint32_t made_up(std::uint64_t i, std::uint32_t vocabulary) {
  return static_cast<std::uint32_t>((i * 977 + 7) % vocabulary);
}

void read_prompt(Stepper& stepper, std::uint64_t tokens, std::uint32_t vocabulary,
                 Measurement& sum) {
  std::vector<std::uint32_t> part;
  for (std::uint64_t done = 0; done < tokens; done += part.size()) {
    part.resize(std::min<std::uint64_t>(stepper.lanes(), tokens - done));
    for (std::size_t i = 0; i < part.size(); ++i) part[i] = made_up(done + i, vocabulary);
    stepper.prefill(0, part, done + part.size() == tokens ? Head::kTop : Head::kNone);
    sum.cycles += stepper.counters()[Counter::kCycles];
  }
}

void generate_tokens(Stepper& stepper, const Benchmark& benchmark, std::uint32_t vocabulary,
                     Measurement& sum) {
  std::vector<LaneToken> tokens(benchmark.sequences);
  for (std::uint64_t i = 0; i < benchmark.tokens; ++i) {
    for (unsigned lane = 0; lane < tokens.size(); ++lane) {
      tokens[lane] = {lane, made_up(i * tokens.size() + lane, vocabulary)};
    }
    stepper.step(tokens, Head::kTop);
    sum.cycles += stepper.counters()[Counter::kCycles];
    for (unsigned lane = 0; lane < tokens.size(); ++lane) stepper.top(lane);
  }
}

}  // namespace

std::string name(const Benchmark& benchmark) {
  const bool prompt = benchmark.kind == Benchmark::Kind::kPrompt;
  return fmt::format("{}{}{}", prompt ? "pp" : "tg", benchmark.tokens,
                     benchmark.sequences > 1 ? fmt::format(" x{}", benchmark.sequences) : "");
}

Measurement measure(Stepper& stepper, const Benchmark& benchmark, std::uint32_t vocabulary) {
  for (unsigned lane = 0; lane < benchmark.sequences; ++lane) stepper.reset(lane);
  Measurement sum{benchmark.tokens * benchmark.sequences, 0, 0};
  const auto start = std::chrono::steady_clock::now();
  if (benchmark.kind == Benchmark::Kind::kPrompt) {
    read_prompt(stepper, benchmark.tokens, vocabulary, sum);
  } else {
    generate_tokens(stepper, benchmark, vocabulary, sum);
  }
  sum.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return sum;
}

}  // namespace sterna
