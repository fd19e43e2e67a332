// SPDX-License-Identifier: Apache-2.0
#include "host/plan/buffers.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace sterna::plan {
namespace {

constexpr std::size_t kNever = ~std::size_t{0};

class Assignment {
 public:
  Assignment(const Plan& plan, const std::vector<Phase>& phases, const std::vector<bool>& fixed)
      : plan_(plan),
        fixed_(fixed),
        last_use_(plan.values.size(), kNever),
        free_already_(plan.values.size(), false) {
    buffers_.of_value.assign(plan.values.size(), kNoBuffer);
    find_last_uses(phases);
  }

  Buffers run(const std::vector<Phase>& phases) {
    std::size_t now = 0;
    for (const Phase& phase : phases) {
      const std::size_t end = now + phase.operations.size() - 1;
      for (const std::uint32_t i : phase.operations) {
        const Operation& op = plan_.operations[i];
        if (in_turn(phase) && in_place(op)) release(op, now);
        take(op);
        if (in_turn(phase)) {
          release(op, now);
          release_unused(op);
        }
        ++now;
      }
      if (in_turn(phase)) continue;
      for (const std::uint32_t i : phase.operations) {
        release(plan_.operations[i], end);
        release_unused(plan_.operations[i]);
      }
    }
    return std::move(buffers_);
  }

 private:
  // Do its operations follow each other, in each column? Else nothing that one of them reads may be
  // what another one writes.
  static bool in_turn(const Phase& phase) {
    return phase.kind == Phase::Kind::kColumns || phase.kind == Phase::Kind::kScan;
  }
  // May the result take the place of a source?
  static bool in_place(const Operation& op) {
    return op.kind == Kind::kElementwise || op.kind == Kind::kScan || op.kind == Kind::kNorm ||
           op.kind == Kind::kLift;
  }

  void find_last_uses(const std::vector<Phase>& phases) {
    std::size_t now = 0;
    for (const Phase& phase : phases) {
      const std::size_t end = now + phase.operations.size() - 1;
      for (const std::uint32_t i : phase.operations) {
        for (const Value value : plan_.operations[i].needs()) {
          if (value != kNoValue) last_use_[value] = in_turn(phase) ? now : end;
        }
        ++now;
      }
    }
  }

  void take(const Operation& op) {
    if (op.out == kNoValue || fixed_[op.out]) return;
    const std::size_t words = plan_.values[op.out].lines * kLineWords;
    auto& free = free_[words];
    if (free.empty()) {
      free.push_back(buffers_.words.size());
      buffers_.words.push_back(words);
    }
    buffers_.of_value[op.out] = free.back();
    free.pop_back();
  }

  void release(const Operation& op, std::size_t now) {
    for (const Value value : op.needs()) {
      if (value != kNoValue && last_use_[value] == now) give_back(value);
    }
  }
  void release_unused(const Operation& op) {
    if (op.out != kNoValue && last_use_[op.out] == kNever) give_back(op.out);
  }

  void give_back(Value value) {
    if (plan_.keeps_registers || buffers_.of_value[value] == kNoBuffer || free_already_[value])
      return;
    free_already_[value] = true;
    free_[plan_.values[value].lines * kLineWords].push_back(buffers_.of_value[value]);
  }

  const Plan& plan_;
  const std::vector<bool>& fixed_;
  std::vector<std::size_t> last_use_;  // when, of each value; kNever: never
  std::vector<bool> free_already_;     // by value
  Buffers buffers_;
  std::map<std::size_t, std::vector<std::size_t>> free_;  // by words
};

}  // namespace

Buffers assign_buffers(const Plan& plan, const std::vector<Phase>& phases,
                       const std::vector<bool>& fixed) {
  return Assignment(plan, phases, fixed).run(phases);
}

std::size_t words_beside(const Operation& op) {
  switch (op.kind) {
    case Kind::kQuantise:
    case Kind::kLift:
      return 1;
    case Kind::kWalk:
      return op.trees.elements() / kTreeBlockLevels;
    default:
      return 0;
  }
}

bool is_view(const Plan& plan, const Operation& op) {
  if (op.opcode != Opcode::kLdv || op.length % kLineWords != 0 ||
      plan.segments[op.segment].stride != 0) {
    return false;
  }
  return std::ranges::none_of(plan.operations, [&](const Operation& other) {
    return other.kind == Kind::kStore && conflict(plan, other, op);
  });
}

}  // namespace sterna::plan
