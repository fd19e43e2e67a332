// SPDX-License-Identifier: Apache-2.0
#include "host/plan/schedule.h"

#include <algorithm>
#include <cstddef>

namespace sterna::plan {
namespace {

// Phases of all four kinds in turn; slot s is of kind s mod 4, and mostly empty.
constexpr std::uint32_t kKinds = 4;

Phase::Kind phase_kind(const Operation& op) {
  switch (op.kind) {
    case Kind::kScan:
      return Phase::Kind::kScan;
    case Kind::kStore:
      return Phase::Kind::kStores;
    case Kind::kProduct:
      return Phase::Kind::kProducts;
    default:
      return Phase::Kind::kColumns;
  }
}

class Scheduler {
 public:
  explicit Scheduler(const Plan& plan) : plan_(plan), slots_(plan.operations.size(), kNone) {}

  std::vector<Phase> run() {
    for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
      const Operation& op = plan_.operations[i];
      if (op.kind == Kind::kLoad) {
        loads_.push_back(i);
        continue;  // until somebody needs it
      }
      place(i, earliest(i));
    }
    for (const std::uint32_t load : loads_) {  // that nobody needs
      if (slots_[load] == kNone) place(load, earliest(load));
    }
    return phases();
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // The first slot of the operation's kind at or, if it must not be the same phase, behind `slot`.
  std::uint32_t at_or_behind(const Operation& op, std::uint32_t slot) const {
    const auto kind = static_cast<std::uint32_t>(phase_kind(op));
    return slot + (kind + kKinds - slot % kKinds) % kKinds;
  }

  // The first slot in which everything that operation i needs is there.
  std::uint32_t earliest(std::uint32_t i) {
    const Operation& op = plan_.operations[i];
    std::uint32_t first = at_or_behind(op, 0);
    const auto after = [&](std::uint32_t other) {
      const std::uint32_t slot = slots_[other];
      const bool same = phase_kind(op) == Phase::Kind::kColumns && slot % kKinds == 0;
      first = std::max(first, at_or_behind(op, same ? slot : slot + 1));
    };
    std::vector<std::uint32_t> waiting;  // loads that it is the first to need
    for (const Value value : op.needs()) {
      if (value == kNoValue) continue;
      const std::uint32_t from = plan_.values[value].operation;
      if (slots_[from] != kNone) {
        after(from);
      } else {
        waiting.push_back(from);
      }
    }
    if (op.kind == Kind::kLoad || op.kind == Kind::kStore) order_memory(i, after);
    for (const std::uint32_t load : waiting) {
      // As late as may be: in the last phase of columns before this.
      const std::uint32_t late = first / kKinds * kKinds;
      place(load, std::max(late, earliest(load)));
      after(load);
    }
    return first;
  }

  // Behind the operations before it whose memory it touches.
  template <typename After>
  void order_memory(std::uint32_t i, After&& after) {
    const Operation& op = plan_.operations[i];
    for (const std::uint32_t store : stores_) {
      if (store < i && conflict(plan_, plan_.operations[store], op)) after(store);
    }
    if (op.kind == Kind::kLoad) return;
    stores_.push_back(i);
    for (const std::uint32_t load : loads_) {
      if (!conflict(plan_, op, plan_.operations[load])) continue;
      if (slots_[load] == kNone) place(load, earliest(load));
      after(load);
    }
  }

  void place(std::uint32_t i, std::uint32_t slot) { slots_[i] = slot; }

  std::vector<Phase> phases() const {
    const std::uint32_t last = slots_.empty() ? 0 : *std::ranges::max_element(slots_);
    std::vector<Phase> all(std::size_t{last} + 1);
    for (std::uint32_t i = 0; i < slots_.size(); ++i) {
      all[slots_[i]].kind = phase_kind(plan_.operations[i]);
      all[slots_[i]].operations.push_back(i);
    }
    std::erase_if(all, [](const Phase& phase) { return phase.operations.empty(); });
    return all;
  }

  const Plan& plan_;
  std::vector<std::uint32_t> slots_;  // of each operation
  std::vector<std::uint32_t> loads_, stores_;
};

}  // namespace

std::vector<Phase> schedule(const Plan& plan) { return Scheduler(plan).run(); }

}  // namespace sterna::plan
