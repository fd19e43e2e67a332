// SPDX-License-Identifier: Apache-2.0
#include "host/cuda/cuda_engine.h"

#include <algorithm>
#include <utility>

#include "support/error.h"

namespace sterna::cuda {
CudaEngine::CudaEngine(const model::SternaFile& file, unsigned sequences, std::unique_ptr<Gpu> gpu)
    : PlannedEngine(file, sequences, kColumns), gpu_(std::move(gpu)) {
  planned::Plans plans = planned::make_plans(file);
  for (const model::Segment& segment : file.header().segments) {
    const std::uint32_t s = segment.index;
    if (segment.bytes == 0 || planned::is_result(s)) continue;
    if (s == model::kWeightsSegment) continue;  // kernels have a form of their own of them
    memory_[s] = GpuBytes(*gpu_, segment.bytes * (segment.per_lane ? sequences : 1));
    bases_[s] = memory_[s].data();
    if (!segment.in_file) continue;
    const auto bytes = file.section(segment.name);
    gpu_->upload(bases_[s], bytes.data(), bytes.size());
  }
  Matrices matrices({file.section("weights").data()}, *gpu_);
  logits_program_ = std::make_unique<Executor>(std::move(plans.logits), bases_, matrices, *gpu_);
  top_program_ = std::make_unique<Executor>(std::move(plans.top), bases_, matrices, *gpu_);
}

std::string CudaEngine::name() const { return fmt::format("cuda ({})", gpu_->name()); }

void CudaEngine::reset(unsigned sequence) {
  for (std::uint32_t bank = 0; bank < model::kModelBanks; ++bank) {
    const std::uint32_t s = model::kStateSegment + bank;
    if (bases_[s] != nullptr) gpu_->clear(bases_[s] + sequence * copy_bytes(s), copy_bytes(s));
  }
}

void CudaEngine::make_room(std::size_t results) {
  for (const std::uint32_t s : {model::kOutputSegment, model::kTopSegment}) {
    memory_[s] = {};
    memory_[s] = GpuBytes(*gpu_, copy_bytes(s) * results);
    bases_[s] = memory_[s].data();
  }
  logits_program_->move(bases_);
  top_program_->move(bases_);
}

std::uint64_t CudaEngine::run_pass(engine::Head head, std::span<const plan::PassColumn> columns) {
  Executor& program = head == engine::Head::kTop ? *top_program_ : *logits_program_;
  program.run(columns);
  return program.saturated();
}

const numerics::fix* CudaEngine::result(std::uint32_t segment, std::size_t copy) {
  result_.resize(copy_bytes(segment) / sizeof(numerics::fix));
  gpu_->download(result_.data(), bases_[segment] + copy * copy_bytes(segment), copy_bytes(segment));
  return result_.data();
}

}  // namespace sterna::cuda
