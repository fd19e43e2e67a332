// SPDX-License-Identifier: Apache-2.0
// How fast a model runs: the tests of llama-bench, by their names there.
#pragma once

#include <cstdint>
#include <string>

#include "host/engine/engine.h"

namespace sterna::runtime {

struct Benchmark {
  enum class Kind { kPrompt, kGeneration };
  Kind kind = Kind::kPrompt;
  std::uint64_t tokens = 0;  // of each sequence
  unsigned sequences = 1;    // side by side; 1 for a prompt
};

// "pp64": a prompt of 64 tokens is read, as many a step as a pass serves; "tg32": 32 tokens are
// generated, one after the other; "tg32 x8": by eight sequences at once.
std::string name(const Benchmark& benchmark);

struct Measurement {
  std::uint64_t tokens = 0;  // of all sequences
  std::uint64_t cycles = 0;  // of the hardware; 0 where nothing counts
  double seconds = 0;        // by the clock on the wall
};

// Runs it once, from fresh sequences. Tokens are made up: which is chosen makes no difference to
// the time, and choosing is none of the model's work. The head is computed where a token would be
// chosen. Throws what the engine throws.
Measurement measure(engine::Engine& engine, const Benchmark& benchmark);

}  // namespace sterna::runtime
