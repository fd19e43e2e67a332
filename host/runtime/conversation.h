// SPDX-License-Identifier: Apache-2.0
// A sequence that goes on from turn to turn. The model is recurrent: its state is the whole past,
// so that nothing is read twice.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/runtime/scheduler.h"

namespace sterna::runtime {

class Conversation {
 public:
  // In sequence 0 of the engine, which must outlive this and serve it alone.
  explicit Conversation(engine::Engine& engine) : engine_(engine) {}

  // Is there nothing yet to go on from?
  bool empty() const { return !begun_; }

  // Reads what the last turn generated last, then `tokens`, and generates as generate() does, with
  // its events. Throws Error when there is nothing to read. An event may throw, which ends the turn
  // there: what was read stays read.
  void turn(std::span<const std::uint32_t> tokens, std::uint64_t count,
            const SamplerOptions& sampler, SchedulerEvents events);

  // Forgets everything.
  void reset();

 private:
  engine::Engine& engine_;
  bool begun_ = false;
  std::vector<std::uint32_t> unread_;  // generated, but not read yet: one token or none
};

}  // namespace sterna::runtime
