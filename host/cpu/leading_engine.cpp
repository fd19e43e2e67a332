// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/leading_engine.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

namespace sterna::cpu {
namespace {

enum class Order : std::int32_t { kStep, kReset, kEnd };

// What rank 0 says: an order, a number that belongs to it (columns, or a sequence), and the first
// columns, mostly all of them; the others come in a message of their own.
constexpr std::size_t kColumnWords = 3, kFirstColumns = 16;
using Message = std::array<std::int32_t, 2 + kColumnWords * kFirstColumns>;

Message message(Order order, std::size_t number = 0) {
  return {static_cast<std::int32_t>(order), static_cast<std::int32_t>(number)};
}

std::vector<std::int32_t> pack(std::span<const engine::Column> columns) {
  std::vector<std::int32_t> words;
  for (const engine::Column& column : columns) {
    words.push_back(static_cast<std::int32_t>(column.sequence));
    words.push_back(static_cast<std::int32_t>(column.token));
    words.push_back(static_cast<std::int32_t>(column.head));
  }
  return words;
}

std::vector<engine::Column> unpack(std::span<const std::int32_t> words) {
  std::vector<engine::Column> columns;
  for (std::size_t i = 0; i < words.size(); i += kColumnWords) {
    columns.push_back({static_cast<unsigned>(words[i]), static_cast<std::uint32_t>(words[i + 1]),
                       static_cast<engine::Head>(words[i + 2])});
  }
  return columns;
}

void step_or_abort(CpuEngine& engine, std::span<const engine::Column> columns,
                   ranks::Ranks& ranks) {
  try {
    engine.step(columns);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sterna: rank %u: %s\n", ranks.rank(), error.what());
    ranks.abort();
  }
}

}  // namespace

LeadingEngine::LeadingEngine(std::unique_ptr<CpuEngine> engine, ranks::Ranks& ranks)
    : engine_(std::move(engine)), ranks_(ranks) {}

LeadingEngine::~LeadingEngine() {
  Message end = message(Order::kEnd);
  ranks_.broadcast(end);
}

void LeadingEngine::step(std::span<const engine::Column> columns) {
  engine::check_columns(*engine_, columns);
  std::vector<std::int32_t> words = pack(columns);
  Message head = message(Order::kStep, columns.size());
  const std::size_t first = std::min(words.size(), head.size() - 2);
  std::copy_n(words.begin(), first, head.begin() + 2);
  ranks_.broadcast(head);
  if (words.size() > first) ranks_.broadcast(std::span(words).subspan(first));
  step_or_abort(*engine_, columns, ranks_);
}

void LeadingEngine::reset(unsigned sequence) {
  Message reset = message(Order::kReset, sequence);
  ranks_.broadcast(reset);
  engine_->reset(sequence);
}

void follow(CpuEngine& engine, ranks::Ranks& ranks) {
  for (;;) {
    Message head{};
    ranks.broadcast(head);
    const auto number = static_cast<std::uint32_t>(head[1]);
    switch (static_cast<Order>(head[0])) {
      case Order::kStep: {
        std::vector<std::int32_t> words(kColumnWords * number);
        const std::size_t first = std::min(words.size(), head.size() - 2);
        std::copy_n(head.begin() + 2, first, words.begin());
        if (words.size() > first) ranks.broadcast(std::span(words).subspan(first));
        step_or_abort(engine, unpack(words), ranks);
        break;
      }
      case Order::kReset:
        engine.reset(number);
        break;
      case Order::kEnd:
        return;
    }
  }
}

}  // namespace sterna::cpu
