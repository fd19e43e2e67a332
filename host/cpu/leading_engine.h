// SPDX-License-Identifier: Apache-2.0
// One model in several processes: rank 0 has an engine like any other, the other ranks follow it.
#pragma once

#include <memory>

#include "host/cpu/cpu_engine.h"
#include "host/ranks/ranks.h"

namespace sterna::cpu {

// On rank 0. What it is told it tells the others first; when it ends, so do they. What goes wrong
// within a step, when others may be waiting for this rank's share, ends all processes with a line.
class LeadingEngine final : public engine::Engine {
 public:
  // The ranks must outlive it.
  LeadingEngine(std::unique_ptr<CpuEngine> engine, ranks::Ranks& ranks);
  ~LeadingEngine() override;
  LeadingEngine(const LeadingEngine&) = delete;
  LeadingEngine& operator=(const LeadingEngine&) = delete;

  std::string name() const override { return engine_->name(); }
  std::uint32_t vocabulary() const override { return engine_->vocabulary(); }
  unsigned sequences() const override { return engine_->sequences(); }
  unsigned columns_per_pass() const override { return engine_->columns_per_pass(); }
  void step(std::span<const engine::Column> columns) override;
  std::span<const double> logits(std::size_t column) override { return engine_->logits(column); }
  std::span<const engine::Candidate> top(std::size_t column) override {
    return engine_->top(column);
  }
  void reset(unsigned sequence) override;
  engine::StepFigures figures() override { return engine_->figures(); }

 private:
  const std::unique_ptr<CpuEngine> engine_;
  ranks::Ranks& ranks_;
};

// On all other ranks: does as rank 0's engine does until that ends.
void follow(CpuEngine& engine, ranks::Ranks& ranks);

}  // namespace sterna::cpu
