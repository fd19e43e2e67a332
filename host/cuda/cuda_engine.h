// SPDX-License-Identifier: Apache-2.0
// The engine of a GPU: a model's programs as plans. Weights, states and values stay in its memory;
// tokens go down, results come back.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/cuda/executor.h"
#include "host/cuda/gpu.h"
#include "host/model/sterna_file.h"
#include "host/planned/planned_engine.h"

namespace sterna::cuda {

class CudaEngine final : public planned::PlannedEngine {
 public:
  // Throws Error where the programs cannot be planned, and what the GPU throws. The file is needed
  // only here.
  CudaEngine(const model::SternaFile& file, unsigned sequences, std::unique_ptr<Gpu> gpu);

  std::string name() const override;
  void reset(unsigned sequence) override;

 private:
  // More in one pass gain nothing: the tensor cores are what takes the time.
  static constexpr unsigned kColumns = 512;

  void make_room(std::size_t results) override;
  std::uint64_t run_pass(engine::Head head, std::span<const plan::PassColumn> columns) override;
  const numerics::fix* result(std::uint32_t segment, std::size_t copy) override;

  std::unique_ptr<Gpu> gpu_;
  std::array<GpuBytes, kSegments> memory_;
  Bases bases_{};
  std::unique_ptr<Executor> logits_program_, top_program_;
  std::vector<numerics::fix> result_;  // the copy that was asked for last
};

}  // namespace sterna::cuda
