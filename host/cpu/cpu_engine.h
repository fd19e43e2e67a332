// SPDX-License-Identifier: Apache-2.0
// The engine of the CPU it runs on: a model's programs as plans.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>

#include "host/cpu/executor.h"
#include "host/model/sterna_file.h"
#include "host/planned/planned_engine.h"
#include "host/ranks/ranks.h"

namespace sterna::cpu {

// Threads that an engine has without being told: one a processor that this process may run on,
// which ranks on the same machine share.
unsigned default_threads(const ranks::Ranks* ranks = nullptr);

class CpuEngine final : public planned::PlannedEngine {
 public:
  // Throws Error where the programs cannot be planned, or STERNA_CPU names no kernels that there
  // are. The file is needed only here. With ranks, which must outlive it, each of them holds a
  // share of the matrices' rows, and all must take the same steps: leading_engine.h sees to that.
  CpuEngine(const model::SternaFile& file, unsigned sequences, unsigned threads,
            const Kernels& kernels = chosen_kernels(), ranks::Ranks* ranks = nullptr);

  std::string name() const override;
  void reset(unsigned sequence) override;

 private:
  // More in one pass gain nothing: the weights are no longer what takes the time.
  static constexpr unsigned kColumns = 96;

  void copy_trees(const plan::Plan& plan, std::span<const std::byte> weights);
  void make_room(std::size_t results) override;
  std::uint64_t run_pass(engine::Head head, std::span<const plan::PassColumn> columns) override;
  const numerics::fix* result(std::uint32_t segment, std::size_t copy) override;

  const Kernels& kernels_;
  const ranks::Ranks* const ranks_;
  std::array<AlignedBytes, kSegments> memory_;
  Bases bases_{};
  Team team_;
  std::unique_ptr<Executor> logits_program_, top_program_;
};

}  // namespace sterna::cpu
