// SPDX-License-Identifier: Apache-2.0
// What a model does, a step at a time, wherever it runs: each lane holds one sequence, a token a
// lane goes in, what is known of the next one comes out.
#pragma once

#include <cstdint>
#include <span>

#include "host/program/program.h"
#include "host/runtime/sampler.h"

namespace sterna {

// What a step computes behind the last layer.
enum class Head {
  kNone,    // nothing: the token is read, its successor is not asked for
  kTop,     // the kTopEntries most probable tokens
  kLogits,  // all logits
};

struct LaneToken {
  unsigned lane = 0;
  std::uint32_t token = 0;
};

class Stepper {
 public:
  virtual ~Stepper() = default;

  virtual unsigned lanes() const = 0;

  // One token on each of the lanes named, which must differ. Throws Error for a token beyond the
  // vocabulary, a lane that is not there, and when the device fails.
  virtual void step(std::span<const LaneToken> tokens, Head head) = 0;

  // Consecutive tokens, 1 to lanes() of them, of the sequence that lives in `lane`, in one pass
  // over the weights: position p is computed in lane p. Throws like step.
  virtual void prefill(unsigned lane, std::span<const std::uint32_t> tokens, Head head) = 0;

  // Of the last step with that head. `lane`: the lane; after prefill the position. Logits are
  // [vocab_size]; candidates are ordered by logit, of equal ones the lower token first. Valid until
  // the next call of anything here.
  virtual std::span<const numerics::fix> logits(unsigned lane) = 0;
  virtual std::span<const Candidate> top(unsigned lane) = 0;

  // Forgets the sequence in the lane.
  virtual void reset(unsigned lane) = 0;

  // The hardware's counters over the last step; zeros where nothing counts.
  virtual Counters counters() = 0;
};

}  // namespace sterna
