// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/checked.h"

#include <future>

#include "host/model/quantise.h"
#include "support/error.h"

namespace sterna {

template <typename Run>
void CheckedStepper::beside(Run run) {
  auto reference = std::async(std::launch::async, run, std::ref(reference_));
  run(device_);
  reference.get();
  ++passes_;
}

void CheckedStepper::step(std::span<const LaneToken> tokens, Head head) {
  beside([&](Stepper& s) { s.step(tokens, head); });
  compare(tokens, head);
}

void CheckedStepper::prefill(unsigned lane, std::span<const std::uint32_t> tokens, Head head) {
  beside([&](Stepper& s) { s.prefill(lane, tokens, head); });
  std::vector<LaneToken> positions;
  for (unsigned p = 0; p < tokens.size(); ++p) positions.push_back({p, tokens[p]});
  compare(positions, head);
}

void CheckedStepper::reset(unsigned lane) {
  device_.reset(lane);
  reference_.reset(lane);
}

void CheckedStepper::compare(std::span<const LaneToken> lanes, Head head) {
  for (const auto& [lane, token] : lanes) {
    if (head == Head::kLogits) {
      const auto mine = device_.logits(lane), theirs = reference_.logits(lane);
      for (std::uint32_t i = 0; i < theirs.size(); ++i) {
        compare(lane, token, {i, mine[i]}, {i, theirs[i]});
      }
    } else if (head == Head::kTop) {
      const auto mine = device_.top(lane), theirs = reference_.top(lane);
      for (std::size_t i = 0; i < theirs.size(); ++i) compare(lane, token, mine[i], theirs[i]);
    }
  }
}

void CheckedStepper::compare(unsigned lane, std::uint32_t token, const Candidate& mine,
                             const Candidate& theirs) const {
  if (mine.token == theirs.token && mine.logit == theirs.logit) return;
  throw Error(
      "pass {}, lane {} (token {}): logit {} is {} ({:#010x}), golden says logit {} is {} "
      "({:#010x})",
      passes_, lane, token, mine.token, to_float(mine.logit),
      static_cast<std::uint32_t>(mine.logit), theirs.token, to_float(theirs.logit),
      static_cast<std::uint32_t>(theirs.logit));
}

}  // namespace sterna
