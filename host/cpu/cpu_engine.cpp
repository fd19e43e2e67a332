// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/cpu_engine.h"

#include <sched.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

namespace sterna::cpu {

unsigned default_threads(const ranks::Ranks* ranks) {
  const unsigned all = std::max(1u, std::thread::hardware_concurrency());
  unsigned processors = all;
  cpu_set_t bound;  // mpirun, taskset or a container may have bound this process to some of them
  if (::sched_getaffinity(0, sizeof bound, &bound) == 0) {
    processors = std::max(1u, static_cast<unsigned>(CPU_COUNT(&bound)));
  }
  if (ranks == nullptr) return processors;
  return std::max(1u, std::min(processors, all / ranks->on_this_machine()));
}

CpuEngine::CpuEngine(const model::SternaFile& file, unsigned sequences, unsigned threads,
                     const Kernels& kernels, ranks::Ranks* ranks)
    : PlannedEngine(file, sequences, kColumns), kernels_(kernels), ranks_(ranks), team_(threads) {
  planned::Plans plans = planned::make_plans(file);
  for (const model::Segment& segment : file.header().segments) {
    const std::uint32_t s = segment.index;
    if (segment.bytes == 0 || planned::is_result(s)) continue;
    memory_[s] = AlignedBytes(segment.bytes * (segment.per_lane ? sequences : 1));
    bases_[s] = memory_[s].data();
    if (!segment.in_file) continue;
    const auto bytes = file.section(segment.name);
    if (s == model::kWeightsSegment) {
      copy_trees(plans.logits, bytes);
    } else {
      std::memcpy(bases_[s], bytes.data(), bytes.size());
    }
  }
  const Share share = ranks == nullptr ? Share{} : Share{ranks->rank(), ranks->size()};
  Matrices matrices({file.section("weights").data()}, team_, share);
  logits_program_ =
      std::make_unique<Executor>(std::move(plans.logits), bases_, matrices, kernels_, team_, ranks);
  top_program_ =
      std::make_unique<Executor>(std::move(plans.top), bases_, matrices, kernels_, team_, ranks);
}

// Products have a form of their own of their matrices; trees are read as they stand in the file.
// What is not copied takes no memory.
void CpuEngine::copy_trees(const plan::Plan& plan, std::span<const std::byte> weights) {
  for (const plan::Operation& op : plan.operations) {
    if (op.kind != plan::Kind::kWalk && op.kind != plan::Kind::kSumPath) continue;
    const auto lines = weights.subspan(op.lines.first * kLineBytes, op.lines.count * kLineBytes);
    std::memcpy(bases_[model::kWeightsSegment] + op.lines.first * kLineBytes, lines.data(),
                lines.size());
  }
}

std::string CpuEngine::name() const {
  std::string text = fmt::format("cpu ({}", kernels_.name);
  if (team_.size() > 1) text += fmt::format(", {} threads", team_.size());
  if (ranks_ != nullptr) text += fmt::format(", {} ranks", ranks_->size());
  return text + ")";
}

void CpuEngine::reset(unsigned sequence) {
  for (std::uint32_t bank = 0; bank < model::kModelBanks; ++bank) {
    const std::uint32_t s = model::kStateSegment + bank;
    if (bases_[s] != nullptr) {
      std::memset(bases_[s] + sequence * copy_bytes(s), 0, copy_bytes(s));
    }
  }
}

void CpuEngine::make_room(std::size_t results) {
  for (const std::uint32_t s : {model::kOutputSegment, model::kTopSegment}) {
    memory_[s] = AlignedBytes(copy_bytes(s) * results);
    bases_[s] = memory_[s].data();
  }
  logits_program_->move(bases_);
  top_program_->move(bases_);
}

std::uint64_t CpuEngine::run_pass(engine::Head head, std::span<const plan::PassColumn> columns) {
  Executor& program = head == engine::Head::kTop ? *top_program_ : *logits_program_;
  program.run(columns);
  return program.saturated();
}

const numerics::fix* CpuEngine::result(std::uint32_t segment, std::size_t copy) {
  return reinterpret_cast<const numerics::fix*>(bases_[segment] + copy * copy_bytes(segment));
}

}  // namespace sterna::cpu
