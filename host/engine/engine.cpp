// SPDX-License-Identifier: Apache-2.0
#include "host/engine/engine.h"

#include "support/error.h"

namespace sterna::engine {

void check_columns(const Engine& engine, std::span<const Column> columns) {
  for (const Column& column : columns) {
    if (column.token >= engine.vocabulary()) {
      throw Error("token {} is beyond the vocabulary of {}", column.token, engine.vocabulary());
    }
    if (column.sequence >= engine.sequences()) {
      throw Error("sequence {}: {} holds {}", column.sequence, engine.name(), engine.sequences());
    }
  }
}

std::span<const double> predict(Engine& engine, std::uint32_t token) {
  const Column column{0, token, Head::kLogits};
  engine.step({&column, 1});
  return engine.logits(0);
}

}  // namespace sterna::engine
