// SPDX-License-Identifier: Apache-2.0
#include "host/cuda/alone.h"

#include <algorithm>
#include <optional>

namespace sterna::cuda {
namespace {

using plan::Kind;
using plan::kNoValue;
using plan::PhaseKind;
using plan::Value;

constexpr std::size_t kPiece = 16;  // bytes that places are multiples of

// Blocks are between the same two barriers, but not in step: one may have stored what another one
// has still to load. So a store for which memory has been loaded waits for the next barrier. Null
// where that would be too late for a load.
std::optional<std::vector<plan::Phase>> with_late_stores(const plan::Plan& plan,
                                                         std::span<const plan::Phase> phases) {
  std::vector<std::size_t> phase_of(plan.operations.size(), phases.size());
  for (std::size_t p = 0; p < phases.size(); ++p) {
    for (const std::uint32_t i : phases[p].operations) phase_of[i] = p;
  }
  std::vector<plan::Phase> moved;
  for (const plan::Phase& phase : phases) moved.push_back({phase.kind, {}});
  const auto next_behind_barrier = [&](std::size_t p) {  // columns behind the next products
    while (p < phases.size() && phases[p].kind != PhaseKind::kProducts) ++p;
    while (p < phases.size() && phases[p].kind == PhaseKind::kProducts) ++p;
    return p;
  };
  std::vector<std::pair<std::size_t, std::uint32_t>> late;
  for (std::size_t p = 0; p < phases.size(); ++p) {
    for (const std::uint32_t i : phases[p].operations) {
      const plan::Operation& op = plan.operations[i];
      std::size_t at = p;
      if (op.kind == Kind::kStore) {
        std::vector<std::size_t> others;  // phases of what touches the same memory
        for (std::uint32_t j = 0; j < plan.operations.size(); ++j) {
          const plan::Operation& other = plan.operations[j];
          const bool in_memory = other.kind == Kind::kLoad || other.kind == Kind::kStore;
          if (j == i || !in_memory || phase_of[j] == phases.size()) continue;
          if (!conflict(plan, op, other)) continue;
          if (other.kind == Kind::kStore) return std::nullopt;  // which one stays?
          if (phase_of[j] == p && j > i) return std::nullopt;   // it loads what is stored
          others.push_back(phase_of[j]);
        }
        if (!others.empty()) at = next_behind_barrier(p);
        for (const std::size_t other : others) {
          const bool seen = other > at && next_behind_barrier(at) <= other;
          if (other > p && !seen) return std::nullopt;
        }
        if (at != p) {
          late.emplace_back(at, i);
          continue;
        }
      }
      moved[at].operations.push_back(i);
    }
  }
  // First in their phase: what they store is still there.
  if (std::ranges::any_of(late, [&](const auto& each) { return each.first == phases.size(); })) {
    return std::nullopt;
  }
  for (const auto& [at, i] : late) {
    auto& operations = moved[at].operations;
    operations.insert(operations.begin(), i);
  }
  std::erase_if(moved, [](const plan::Phase& phase) { return phase.operations.empty(); });
  return moved;
}

// What is between two barriers as one phase: what a block still reads there no other one may
// overwrite.
std::vector<plan::Phase> between_barriers(std::span<const plan::Phase> phases) {
  std::vector<plan::Phase> all;
  bool ended = true;
  for (const plan::Phase& phase : phases) {
    if (ended) all.push_back({PhaseKind::kProducts, {}});
    all.back().operations.insert(all.back().operations.end(), phase.operations.begin(),
                                 phase.operations.end());
    ended = phase.kind == PhaseKind::kProducts;
  }
  return all;
}

// Which operations of columns only one product of the phase behind them needs, and which.
std::vector<std::uint32_t> find_only_for(const plan::Plan& plan,
                                         std::span<const plan::Phase> phases) {
  constexpr std::uint32_t kUnused = Alone::kNobody - 1;
  std::vector<std::uint32_t> only_for(plan.operations.size(), kUnused);
  std::vector<std::size_t> phase_of(plan.operations.size(), 0);
  const auto is_needed = [&](std::uint32_t i, std::uint32_t by) {
    only_for[i] = only_for[i] == kUnused || only_for[i] == by ? by : Alone::kNobody;
  };
  for (std::size_t p = phases.size(); p-- > 0;) {
    for (const std::uint32_t i : phases[p].operations) phase_of[i] = p;
  }
  // Backwards: whoever needs an operation's result comes behind it.
  for (std::size_t p = phases.size(); p-- > 0;) {
    const auto& operations = phases[p].operations;
    for (auto at = operations.rbegin(); at != operations.rend(); ++at) {
      const plan::Operation& op = plan.operations[*at];
      const bool is_product = op.kind == Kind::kProduct;
      const std::uint32_t by = is_product           ? *at
                               : op.out == kNoValue ? Alone::kNobody
                                                    : only_for[*at];
      for (const Value value : op.needs()) {
        if (value == kNoValue) continue;
        const std::uint32_t from = plan.values[value].operation;
        const bool near = phase_of[from] == p || (is_product && phase_of[from] + 1 == p);
        is_needed(from, near && by != kUnused ? by : Alone::kNobody);
      }
    }
  }
  for (std::uint32_t& each : only_for) {
    if (each == kUnused) each = Alone::kNobody;
  }
  return only_for;
}

class Rooms {
 public:
  Rooms(Alone& alone, std::size_t shared_bytes) : alone_(alone), most_(shared_bytes) {}

  Alone::Room take(std::size_t bytes) {
    bytes = (bytes + kPiece - 1) / kPiece * kPiece;
    const bool fits = alone_.shared_bytes + bytes <= most_;
    std::size_t& end = fits ? alone_.shared_bytes : alone_.of_block_bytes;
    const Alone::Room room{fits ? Alone::Where::kInShared : Alone::Where::kOfBlock, end};
    end += bytes;
    return room;
  }

 private:
  Alone& alone_;
  std::size_t most_;
};

}  // namespace

Alone plan_alone(const plan::Plan& plan, std::span<const plan::Phase> phases,
                 const std::vector<bool>& fixed, std::size_t shared_bytes) {
  Alone alone;
  const bool alike = std::ranges::all_of(phases, [](const plan::Phase& phase) {
    return phase.kind == PhaseKind::kColumns || phase.kind == PhaseKind::kProducts;
  });
  if (plan.keeps_registers || !alike) return alone;
  std::optional<std::vector<plan::Phase>> moved = with_late_stores(plan, phases);
  if (!moved) return alone;
  alone.phases = std::move(*moved);
  alone.only_for = find_only_for(plan, alone.phases);
  alone.vectors.resize(plan.values.size());
  alone.beside.resize(plan.values.size());

  std::vector<bool> not_own = fixed, not_exchanged = fixed;
  for (Value value = 0; value < plan.values.size(); ++value) {
    const bool of_product = plan.operations[plan.values[value].operation].kind == Kind::kProduct;
    (of_product ? not_own : not_exchanged)[value] = true;
  }
  const plan::Buffers own = assign_buffers(plan, alone.phases, not_own);
  const plan::Buffers exchanged =
      assign_buffers(plan, between_barriers(alone.phases), not_exchanged);
  Rooms rooms(alone, shared_bytes);
  // What stands beside vectors first: it is small.
  for (const plan::Operation& op : plan.operations) {
    const std::size_t words = plan::words_beside(op);
    if (words != 0 && op.out != kNoValue) {
      alone.beside[op.out] = rooms.take(words * sizeof(std::uint32_t));
    }
  }
  std::vector<Alone::Room> of_buffers;
  for (const std::size_t words : own.words) of_buffers.push_back(rooms.take(4 * words));
  std::vector<std::size_t> exchange_first;
  for (const std::size_t words : exchanged.words) {
    exchange_first.push_back(alone.exchanged_bytes);
    alone.exchanged_bytes += 4 * words;
  }
  for (Value value = 0; value < plan.values.size(); ++value) {
    if (own.of_value[value] != plan::kNoBuffer) {
      alone.vectors[value] = of_buffers[own.of_value[value]];
    } else if (exchanged.of_value[value] != plan::kNoBuffer) {
      alone.vectors[value] = {Alone::Where::kExchanged, exchange_first[exchanged.of_value[value]]};
    }
  }
  return alone;
}

}  // namespace sterna::cuda
