// SPDX-License-Identifier: Apache-2.0
// A stepper that holds another's results against a reference, bit for bit.
#pragma once

#include <cstdint>
#include <vector>

#include "host/runtime/stepper.h"

namespace sterna {

class CheckedStepper final : public Stepper {
 public:
  // Both must be of the same model, with the same number of lanes, and outlive this. The reference
  // runs in a thread of its own beside the device. A step throws Error at the first difference,
  // naming pass, lane, logit and both values.
  CheckedStepper(Stepper& device, Stepper& reference) : device_(device), reference_(reference) {}

  unsigned lanes() const override { return device_.lanes(); }
  void step(std::span<const LaneToken> tokens, Head head) override;
  void prefill(unsigned lane, std::span<const std::uint32_t> tokens, Head head) override;
  std::span<const numerics::fix> logits(unsigned lane) override { return device_.logits(lane); }
  std::span<const Candidate> top(unsigned lane) override { return device_.top(lane); }
  void reset(unsigned lane) override;
  Counters counters() override { return device_.counters(); }

 private:
  template <typename Run>
  void beside(Run run);
  void compare(std::span<const LaneToken> lanes, Head head);
  void compare(unsigned lane, std::uint32_t token, const Candidate& mine,
               const Candidate& theirs) const;

  Stepper& device_;
  Stepper& reference_;
  std::uint64_t passes_ = 0;
};

}  // namespace sterna
