// SPDX-License-Identifier: Apache-2.0
// The kernel of a single column: stages, each of which begins when the blocks that have rows of the
// one before it are done with them. Blocks without rows of a stage neither wait nor make vectors.
#pragma once

#include "host/cuda/rows.h"
#include "host/cuda/top.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

__device__ __forceinline__ void fetch_stage(const StagedStep& step, std::uint32_t number,
                                            Stage& to) {
  if (number >= step.stage_count) return;
  const auto* const from = reinterpret_cast<const LaneWeights*>(step.stages + number);
  for (std::uint32_t i = threadIdx.x; i < sizeof(Stage) / sizeof(LaneWeights); i += blockDim.x) {
    copy_async(reinterpret_cast<LaneWeights*>(&to) + i, from + i);
  }
}

// Of a stage's weights, what its first round needs: they do not depend on what others do.
template <unsigned kWarps>
__device__ __forceinline__ void ask_ahead_of(const StagedStep& step, const Stage& stage) {
  const std::uint32_t groups = own_groups(stage);
  if (groups != 0) ask_for_weights(step, stage);
  commit_copies();
  if (groups != 0) ask_for_tiles<kWarps>(stage, 0, min(groups, kRoundGroups));
  commit_copies();
}

// Of what the stage behind the next one reads this block's part, into the second-level cache.
__device__ __forceinline__ void prefetch_part(const Stage& stage) {
  constexpr std::uint32_t kLine = 128;
  if (warp() >= kMostAhead) return;
  const Ahead& ahead = stage.ahead[warp()];
  const std::uint32_t lines = (ahead.bytes + kLine - 1) / kLine;
  const std::uint32_t blocks = min(stage.groups, gridDim.x);
  for (std::uint32_t i = blockIdx.x * kWarp + lane(); i < lines; i += blocks * kWarp) {
    prefetch(ahead.from + std::uint64_t{i} * kLine);
  }
}

template <unsigned kWarps>
__device__ __forceinline__ void make_vectors_of(const StagedStep& step, const Stage& stage,
                                                StagedShared& shared, std::uint32_t groups) {
  const std::uint32_t quads = (stage.whole.length.length + 3) / 4;
  const auto meanwhile = [&] {
    begin_rows(step, stage, 0, groups);
    prefetch_part(stage);
  };
  if (quads <= blockDim.x) return make_vectors<kWarps, 1>(step, stage, shared, meanwhile);
  if (quads <= 3 * blockDim.x) return make_vectors<kWarps, 3>(step, stage, shared, meanwhile);
  make_vectors<kWarps, kMostQuads / (kWarps * kWarp)>(step, stage, shared, meanwhile);
}

template <unsigned kWarps>
__device__ __forceinline__ void run_stage(const StagedStep& step, const Stage& stage,
                                          StagedShared& shared) {
  const std::uint32_t all = own_groups(stage);
  for (std::uint32_t done = 0, round = 0; done < all; done += kRoundGroups, ++round) {
    const std::uint32_t groups = min(all - done, kRoundGroups);
    if (round != 0) {
      __syncthreads();  // the last one's sums are read
      ask_for_tiles<kWarps>(stage, round, groups);
    }
    if (round == 0) {
      wait_for_copies_but<2>();  // weights of norms are there; tiles and a stage may be on their
                                 // way
      make_vectors_of<kWarps>(step, stage, shared, groups);
    } else {
      begin_rows(step, stage, round, groups);
    }
    wait_for_copies();
    __syncthreads();  // vectors and zeros are there
    multiply_tiles<kWarps>(step, stage, round, groups);
    __syncthreads();
    finish_rows(step, stage, shared, round, groups);
  }
}

// TOPK and stores of its list, by the first block.
template <unsigned kWarps>
__device__ __forceinline__ void run_tail(const StagedStep& step, const Stage& stage) {
  BlockTeam team;
  for (std::uint32_t i = 0; i < stage.tail; ++i) {
    const Operation& op = step.tail[stage.tail_first + i];
    if (op.kind == plan::Kind::kTop) {
      top<BlockTeam, kMaxVectorLength / (kWarps * kWarp)>(team, op, 0);
      continue;
    }
    const fix* const from = op.in[0].of(0);
    fix* const to = memory_of(op, step.column);
    for (std::uint32_t e = threadIdx.x; e < op.end; e += blockDim.x) {
      to[e] = e < op.length ? from[e] : 0;
    }
  }
}

template <unsigned kWarps>
__global__ __launch_bounds__(kWarps* kWarp, 1) void run_stages(StagedStep step) {
  auto& own = *reinterpret_cast<StagedShared*>(area() + step.shared_at);
  fetch_tables(step.tables);
  for (std::uint32_t i = threadIdx.x; i < sizeof(FactorTables) / sizeof(LaneWeights);
       i += blockDim.x) {
    copy_async(reinterpret_cast<LaneWeights*>(&own.factors) + i,
               reinterpret_cast<const LaneWeights*>(step.factors) + i);
  }
  fetch_stage(step, 0, own.stages[0]);
  fetch_stage(step, 1, own.stages[1]);
  wait_for_copies();
  __syncthreads();
  ask_ahead_of<kWarps>(step, own.stages[0]);
  Stage *stage = &own.stages[0], *next = &own.stages[1], *behind = &own.stages[2];
  for (std::uint32_t n = 0; n < step.stage_count; ++n) {
    // Where the stage before the last was: all threads are done with it, and have waited for the
    // copies of the next one.
    fetch_stage(step, n + 2, *behind);
    commit_copies();
    if (own_groups(*stage) != 0) {
      wait_for_arrivals(step.arrived, stage->arrived_before);
      run_stage<kWarps>(step, *stage, own);
      __syncthreads();
      if (threadIdx.x == 0) arrive(step.arrived);
    } else {
      if (stage->tail != 0 && blockIdx.x == 0) {
        wait_for_arrivals(step.arrived, stage->arrived_before);
        run_tail<kWarps>(step, *stage);
      }
      wait_for_copies();
      __syncthreads();
    }
    if (n + 1 < step.stage_count)
      ask_ahead_of<kWarps>(step, *next);  // on its way while others finish
    Stage* const done = stage;
    stage = next;
    next = behind;
    behind = done;
  }
  if (blockIdx.x != 0) return;
  wait_for_arrivals(step.arrived, step.arrivals);
  std::uint64_t count = 0;
  for (std::uint32_t i = threadIdx.x; i < step.operation_count; i += blockDim.x) {
    count += step.clamped[i];
    step.clamped[i] = 0;
  }
  for (std::uint32_t i = threadIdx.x; i < step.cell_count; i += blockDim.x) step.cells[i] = 0;
  count = BlockTeam{}.sum(count);
  if (threadIdx.x != 0) return;
  *step.saturated = static_cast<std::uint32_t>(count);
  *step.arrived = 0;  // nobody waits any more
}

}  // namespace
}  // namespace sterna::cuda
