// SPDX-License-Identifier: Apache-2.0
// usage: bench_model FILE.sterna D LAYERS INTERMEDIATE VOCABULARY
// A random model of that shape, for measurements.
#include <fmt/format.h>

#include <cstdlib>
#include <exception>

#include "bench/random_model.h"
#include "isa/generated/isa.h"

int main(int argc, char** argv) {
  if (argc != 6) {
    fmt::print(stderr, "usage: bench_model FILE.sterna D LAYERS INTERMEDIATE VOCABULARY\n");
    return 1;
  }
  try {
    const auto number = [&](int i) { return static_cast<std::uint32_t>(std::atoi(argv[i])); };
    sterna::model::ModelConfig model;
    model.hidden_size = number(2);
    model.layers.resize(number(3));
    model.intermediate_size = number(4);
    model.vocab_size = number(5);
    sterna::write_random_model(argv[1], model, sterna::kMaxVectorLength, 1);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_model: {}\n", error.what());
    return 1;
  }
}
