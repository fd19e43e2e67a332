// SPDX-License-Identifier: Apache-2.0
// What engines that execute a model's programs as plans have in common: which columns go into a
// pass, where their results are, what becomes of these.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "host/engine/engine.h"
#include "host/model/sterna_file.h"
#include "host/plan/pass.h"
#include "host/plan/plan.h"
#include "isa/numerics.h"

namespace sterna::planned {

// The host reads what is stored to these segments, nobody else.
constexpr bool is_result(std::uint32_t segment) {
  return segment == model::kOutputSegment || segment == model::kTopSegment;
}

// A model's programs that end in logits, and in the list of the most probable tokens. Throws what
// make_plan throws.
struct Plans {
  plan::Plan logits, top;
};
Plans make_plans(const model::SternaFile& file);

class PlannedEngine : public engine::Engine {
 public:
  std::uint32_t vocabulary() const final { return vocabulary_; }
  unsigned sequences() const final { return sequences_; }
  unsigned columns_per_pass() const final { return columns_; }
  void step(std::span<const engine::Column> columns) final;
  std::span<const double> logits(std::size_t column) final;
  std::span<const engine::Candidate> top(std::size_t column) final;
  engine::StepFigures figures() final { return figures_; }

 protected:
  PlannedEngine(const model::SternaFile& file, unsigned sequences, unsigned columns_per_pass);

  // Of segments with copies.
  std::uint64_t copy_bytes(std::uint32_t segment) const { return copy_bytes_[segment]; }

 private:
  // What is known of a column of the last step.
  struct Answer {
    engine::Head wanted{}, computed{};
    std::size_t result = plan::PassColumn::kNone;  // its copy of the result segments
  };

  // Memory for so many copies of the result segments; never fewer than before.
  virtual void make_room(std::size_t results) = 0;
  // A pass of the program with that head; how many operations saturated.
  virtual std::uint64_t run_pass(engine::Head head, std::span<const plan::PassColumn> columns) = 0;
  // A copy of a result segment, valid until the next call of anything here.
  virtual const numerics::fix* result(std::uint32_t segment, std::size_t copy) = 0;

  void run(std::span<const engine::Column> columns, std::size_t first);
  const Answer& answer(std::size_t column, engine::Head head) const;

  const std::uint32_t vocabulary_;
  const unsigned sequences_, columns_;
  std::array<std::uint64_t, kSegments> copy_bytes_{};
  std::size_t result_copies_ = 0;  // that there is room for
  std::vector<Answer> answers_;
  std::vector<double> logits_;
  std::vector<engine::Candidate> top_;
  engine::StepFigures figures_;  // of counters SATURATED alone
};

}  // namespace sterna::planned
