// SPDX-License-Identifier: Apache-2.0
// An engine that holds another's results against a reference, bit for bit.
#pragma once

#include <memory>

#include "host/engine/engine.h"

namespace sterna::engine {

class CheckingEngine final : public Engine {
 public:
  // Both must be of the same model and hold as many sequences. The reference computes in a thread
  // of its own, beside the engine. A step throws Error at the first result that differs, naming
  // step, sequence, token, logit and both values.
  CheckingEngine(std::unique_ptr<Engine> engine, std::unique_ptr<Engine> reference);

  std::string name() const override { return engine_->name(); }
  std::uint32_t vocabulary() const override { return engine_->vocabulary(); }
  unsigned sequences() const override { return engine_->sequences(); }
  unsigned columns_per_pass() const override { return engine_->columns_per_pass(); }
  void step(std::span<const Column> columns) override;
  std::span<const double> logits(std::size_t column) override { return engine_->logits(column); }
  std::span<const Candidate> top(std::size_t column) override { return engine_->top(column); }
  void reset(unsigned sequence) override;
  StepFigures figures() override { return engine_->figures(); }
  const Capabilities* hardware() const override { return engine_->hardware(); }
  std::string report() const override { return engine_->report(); }

 private:
  void compare(const Column& column, std::size_t place);
  void compare(const Column& column, const Candidate& ours, const Candidate& theirs) const;

  std::unique_ptr<Engine> engine_, reference_;
  std::uint64_t steps_ = 0;
};

}  // namespace sterna::engine
