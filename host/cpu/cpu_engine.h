// SPDX-License-Identifier: Apache-2.0
// The engine of the CPU it runs on: a model's programs as plans.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/cpu/executor.h"
#include "host/engine/engine.h"
#include "host/model/sterna_file.h"
#include "host/ranks/ranks.h"

namespace sterna::cpu {

// Threads that an engine has without being told: one a processor, which ranks on the same machine
// share.
unsigned default_threads(const ranks::Ranks* ranks = nullptr);

class CpuEngine final : public engine::Engine {
 public:
  // Throws Error where the programs cannot be planned, or STERNA_CPU names no kernels that there
  // are. The file is needed only here. With ranks, which must outlive it, each of them holds a
  // share of the matrices' rows, and all must take the same steps: leading_engine.h sees to that.
  CpuEngine(const model::SternaFile& file, unsigned sequences, unsigned threads,
            const Kernels& kernels = chosen_kernels(), ranks::Ranks* ranks = nullptr);

  std::string name() const override;
  std::uint32_t vocabulary() const override { return vocabulary_; }
  unsigned sequences() const override { return sequences_; }
  unsigned columns_per_pass() const override { return kColumns; }
  void step(std::span<const engine::Column> columns) override;
  std::span<const double> logits(std::size_t column) override;
  std::span<const engine::Candidate> top(std::size_t column) override;
  void reset(unsigned sequence) override;
  engine::StepFigures figures() override { return figures_; }

 private:
  // More in one pass gain nothing: the weights are no longer what takes the time.
  static constexpr unsigned kColumns = 96;

  // What is known of a column of the last step.
  struct Answer {
    engine::Head wanted{}, computed{};
    std::size_t result = ExecutorColumn::kNone;  // its copy of the result segments
  };

  void copy_trees(const plan::Plan& plan, std::span<const std::byte> weights);
  void run(std::span<const engine::Column> columns, std::size_t first);
  const Answer& answer(std::size_t column, engine::Head head) const;
  const numerics::fix* result(std::uint32_t segment, std::size_t copy) const;

  const Kernels& kernels_;
  const ranks::Ranks* const ranks_;
  const std::uint32_t vocabulary_;
  const unsigned sequences_;
  std::array<AlignedBytes, kSegments> memory_;
  Bases bases_{};
  Team team_;
  std::unique_ptr<Executor> logits_program_, top_program_;
  std::array<std::uint64_t, kSegments> copy_bytes_{};  // of segments with copies
  std::size_t result_copies_ = 0;                      // that there is room for
  std::vector<Answer> answers_;
  std::vector<double> logits_;
  std::vector<engine::Candidate> top_;
  engine::StepFigures figures_;  // of counters SATURATED alone
};

}  // namespace sterna::cpu
