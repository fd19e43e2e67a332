// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/benchmark.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

namespace sterna::runtime {
namespace {

// Somewhere in the vocabulary, another one each time.
std::uint32_t made_up(std::uint64_t i, std::uint32_t vocabulary) {
  return static_cast<std::uint32_t>((i * 977 + 7) % vocabulary);
}

void step(engine::Engine& engine, std::span<const engine::Column> columns, Measurement& sum) {
  engine.step(columns);
  sum.cycles += engine.figures().counters[Counter::kCycles];
}

void read_prompt(engine::Engine& engine, std::uint64_t tokens, Measurement& sum) {
  std::vector<engine::Column> part;
  for (std::uint64_t done = 0; done < tokens; done += part.size()) {
    part.resize(std::min<std::uint64_t>(engine.columns_per_pass(), tokens - done));
    for (std::size_t i = 0; i < part.size(); ++i) {
      part[i] = {0, made_up(done + i, engine.vocabulary()), engine::Head::kNone};
    }
    if (done + part.size() == tokens) part.back().head = engine::Head::kTop;
    step(engine, part, sum);
  }
}

void generate_tokens(engine::Engine& engine, const Benchmark& benchmark, Measurement& sum) {
  std::vector<engine::Column> columns(benchmark.sequences);
  for (std::uint64_t i = 0; i < benchmark.tokens; ++i) {
    for (unsigned s = 0; s < columns.size(); ++s) {
      columns[s] = {s, made_up(i * columns.size() + s, engine.vocabulary()), engine::Head::kTop};
    }
    step(engine, columns, sum);
    for (std::size_t c = 0; c < columns.size(); ++c) engine.top(c);
  }
}

}  // namespace

std::string name(const Benchmark& benchmark) {
  const bool prompt = benchmark.kind == Benchmark::Kind::kPrompt;
  return fmt::format("{}{}{}", prompt ? "pp" : "tg", benchmark.tokens,
                     benchmark.sequences > 1 ? fmt::format(" x{}", benchmark.sequences) : "");
}

Measurement measure(engine::Engine& engine, const Benchmark& benchmark) {
  for (unsigned sequence = 0; sequence < benchmark.sequences; ++sequence) engine.reset(sequence);
  Measurement sum{benchmark.tokens * benchmark.sequences, 0, 0};
  const auto start = std::chrono::steady_clock::now();
  if (benchmark.kind == Benchmark::Kind::kPrompt) {
    read_prompt(engine, benchmark.tokens, sum);
  } else {
    generate_tokens(engine, benchmark, sum);
  }
  sum.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return sum;
}

}  // namespace sterna::runtime
