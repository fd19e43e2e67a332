// SPDX-License-Identifier: Apache-2.0
// The kernel of a single column: stages, each of which begins when the blocks that have rows of the
// one before it are done with them. Blocks without rows of a stage neither wait nor make vectors.
#pragma once

#include "host/cuda/row_forms.h"
#include "host/cuda/top.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

// Where a stage's words are for this column, by one warp; for all others behind the next barrier.
__device__ __forceinline__ void find_sources(const StagedStep& step, Stage& stage) {
  constexpr std::uint32_t kOfWhole = 2 + Whole::kWeights;
  if (stage.sets == 0) return;
  const std::uint32_t loads = stage.loads_end[stage.sets - 1], ops = stage.ops_end[stage.sets - 1];
  for (std::uint32_t i = lane(); i < kOfWhole + loads + ops; i += kWarp) {
    Source* const source = i == 0                 ? &stage.whole.a
                           : i == 1               ? &stage.whole.b
                           : i < kOfWhole         ? &stage.whole.weights[i - 2]
                           : i < kOfWhole + loads ? &stage.loads[i - kOfWhole].from
                                                  : &stage.ops[i - kOfWhole - loads].store;
    if (source->from != nullptr) find_column(*source, step.column);
  }
}

// The stages of which a block has what they are in its shared memory.
struct StageRing {
  Stage *now, *next, *behind;
  __device__ explicit StageRing(StagedShared& own)
      : now(&own.stages[0]), next(&own.stages[1]), behind(&own.stages[2]) {}
  __device__ void advance() {
    Stage* const done = now;
    now = next;
    next = behind;
    behind = done;
  }
};

// The ring of a stage's tiles.
__device__ __forceinline__ std::uint32_t ring_of_stage(const StagedStep& step,
                                                       std::uint32_t number) {
  return number % 2 * step.other_ring;
}
__device__ __forceinline__ bool has_ring_for_next(const StagedStep& step, const Stage& now) {
  return step.other_ring != 0 && now.whole_tiles;
}

// By one warp: into the second-level cache this block's part of what the stage behind the next one
// reads.
__device__ __forceinline__ void prefetch_part(const Stage& stage) {
  const Ahead& ahead = stage.ahead[lane() % kMostAhead];
  const std::uint32_t begin = blockIdx.x * ahead.part;
  if (lane() >= kMostAhead || begin >= ahead.bytes) return;
  prefetch(ahead.from + begin, min(ahead.part, ahead.bytes - begin));
}

// By one warp: a stage's weights of norms, and what the stage of the given number is.
__device__ __forceinline__ void ask_for_weights(const StagedStep& step, StagedShared& shared,
                                                const Stage* stage, std::uint32_t number,
                                                Stage* to) {
  order_copies();
  const bool works = stage != nullptr && own_groups(*stage) != 0;
  const std::uint32_t l = lane();
  void* place = to;
  const void* from = step.stages + number;
  std::uint32_t bytes = 0;
  if (l < Whole::kWeights) {
    if (works && stage->whole.weights[l].from != nullptr) {
      bytes = (stage->whole.length.length + 3) / 4 * static_cast<std::uint32_t>(sizeof(Quad));
      place = area() + step.weights_at + stage->whole.weight_place[l] * bytes;
      from = words_of(stage->whole.weights[l]);
    }
  } else if (l == Whole::kWeights && number < step.stage_count) {
    bytes = sizeof(Stage);
  }
  copy_lanes(place, from, bytes, &shared.first_copies);
  end_phase(&shared.first_copies);
}

// By one warp: the tiles of the stage of the given number.
__device__ __forceinline__ void ask_for_tiles_of(const StagedStep& step, StagedShared& shared,
                                                 const Stage* stage, std::uint32_t number) {
  const std::uint32_t groups = stage == nullptr ? 0 : own_groups(*stage);
  if (groups != 0) {
    order_copies();
    copy_tiles(*stage, min(groups, kRoundGroups), ring_of_stage(step, number), &shared.tile_copies);
  }
  end_phase(&shared.tile_copies);
}

// By one warp, while others multiply: what the next stage needs that does not depend on what others
// do. Its tiles only where it has a ring of its own; else they have to wait until this stage's are
// multiplied.
__device__ __forceinline__ void ask_ahead(const StagedStep& step, std::uint32_t number,
                                          const StageRing& ring, StagedShared& shared) {
  const bool more = number + 1 < step.stage_count;
  if (more) find_sources(step, *ring.next);
  __syncwarp();
  ask_for_weights(step, shared, more ? ring.next : nullptr, number + 2, ring.behind);
  if (has_ring_for_next(step, *ring.now)) {
    ask_for_tiles_of(step, shared, more ? ring.next : nullptr, number + 1);
  }
  prefetch_part(*ring.now);
}
__device__ __forceinline__ void ask_for_next_tiles(const StagedStep& step, std::uint32_t number,
                                                   const StageRing& ring, StagedShared& shared) {
  if (!has_ring_for_next(step, *ring.now)) {
    ask_for_tiles_of(step, shared, number + 1 < step.stage_count ? ring.next : nullptr, number + 1);
  }
}

// By code of the stage's form, for vectors of the length that it has in most models; by code for
// all forms and lengths else.
template <unsigned kWarps>
__device__ __forceinline__ void make_vectors(const StagedStep& step, const Stage& stage,
                                             StagedShared& shared, std::uint32_t groups) {
  constexpr unsigned kFew = kWarps <= kFewStageWarps ? 1 : 2;
  const auto meanwhile = [&] { begin_rows(step, stage, 0, groups); };
  const std::uint32_t quads = (stage.whole.length.length + 3) / 4;
  if (quads <= kFew * blockDim.x) {
    switch (stage.whole_form) {
      case WholeForm::kNormed:
        return make_vectors<kWarps, kFew, WholeForm::kNormed>(step, stage, shared, meanwhile);
      case WholeForm::kNormedThree:
        return make_vectors<kWarps, kFew, WholeForm::kNormedThree>(step, stage, shared, meanwhile);
      case WholeForm::kNormLifted:
        return make_vectors<kWarps, kFew, WholeForm::kNormLifted>(step, stage, shared, meanwhile);
      default:
        break;
    }
  }
  if (stage.whole_form == WholeForm::kTimesLifted && quads <= most_quads(kWarps) * blockDim.x) {
    return make_vectors<kWarps, most_quads(kWarps), WholeForm::kTimesLifted>(step, stage, shared,
                                                                             meanwhile);
  }
  make_vectors<kWarps, most_quads(kWarps), WholeForm::kAny>(step, stage, shared, meanwhile);
}

// The rows of a stage's last round. What is asked for then would be in the way of what is
// published, and comes behind it.
__device__ __forceinline__ void finish_stage(const StagedStep& step, std::uint32_t number,
                                             const StageRing& ring, StagedShared& shared,
                                             std::uint32_t round, std::uint32_t groups) {
  const Stage& stage = *ring.now;
  const std::uint32_t of_rows = warps_of_rows(stage, groups);
  if (stage.row_form == RowForm::kAny) {
    finish_rows(step, stage, shared, round, groups);  // a barrier of the block is its end
    if (threadIdx.x == 0) arrive(step.arrived);
  } else if (warp() < of_rows) {
    finish_form(step, stage, shared, round, groups, of_rows);
    __syncwarp();
    if (lane() == 0) arrive(step.arrived);
  }
  if (!has_ring_for_next(step, stage)) __syncthreads();
  if (warp() == warps() - 1) ask_for_next_tiles(step, number, ring, shared);
}

template <unsigned kWarps>
__device__ __forceinline__ void run_stage(const StagedStep& step, std::uint32_t number,
                                          const StageRing& ring, StagedShared& shared) {
  const Stage& stage = *ring.now;
  const std::uint32_t all = own_groups(stage);
  for (std::uint32_t done = 0, round = 0; done < all; done += kRoundGroups, ++round) {
    const std::uint32_t groups = min(all - done, kRoundGroups);
    if (round != 0) __syncthreads();  // the last one's sums are read
    if (!stage.whole_tiles) ask_for_tiles<kWarps>(stage, round, groups);
    if (round == 0) {
      make_vectors<kWarps>(step, stage, shared, groups);
    } else {
      begin_rows(step, stage, round, groups);
    }
    wait_for_copies();
    wait_for_phase(&shared.tile_copies, number);
    __syncthreads();  // vectors are there
    if (warp() == warps() - 1 && done + groups == all) ask_ahead(step, number, ring, shared);
    multiply_tiles<kWarps>(step, stage, ring_of_stage(step, number), round, groups);
    __syncthreads();
    if (done + groups == all) {
      finish_stage(step, number, ring, shared, round, groups);
    } else if (stage.row_form == RowForm::kAny) {
      finish_rows(step, stage, shared, round, groups);
    } else {
      finish_form(step, stage, shared, round, groups, warps());
    }
  }
}

// TOPK and stores of its list, by the first block. Lists that all blocks have found their part of
// are merged.
template <unsigned kWarps>
__device__ __forceinline__ void run_tail(const StagedStep& step, const Stage& stage) {
  BlockTeam team;
  if (stage.shared_lists != 0) {
    merge_lists(step.lists, stage.list);
  }
  for (std::uint32_t i = stage.shared_lists; i < stage.tail; ++i) {
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
  auto* const first = reinterpret_cast<LaneWeights*>(own.stages);
  constexpr std::uint32_t kPieces = sizeof(Stage) / sizeof(LaneWeights);
  for (std::uint32_t i = threadIdx.x; i < min(2u, step.stage_count) * kPieces; i += blockDim.x) {
    copy_async(first + i, reinterpret_cast<const LaneWeights*>(step.stages) + i);
  }
  if (threadIdx.x == 0) {
    begin_phases(&own.first_copies);
    begin_phases(&own.tile_copies);
  }
  wait_for_copies();
  auto* const sums = reinterpret_cast<std::int32_t*>(area() + step.sums_at);
  for (std::uint32_t i = threadIdx.x; i < (step.slots_at - step.sums_at) / 4; i += blockDim.x) {
    sums[i] = 0;
  }
  if (threadIdx.x < kMostStageWarps) {
    own.sums[0][threadIdx.x] = own.sums[1][threadIdx.x] = 0;
    STERNA_UNROLL
    for (auto& of_chain : own.maxima) of_chain[threadIdx.x] = 0;
  }
  __syncthreads();
  StageRing ring(own);
  if (warp() == warps() - 1) {
    find_sources(step, *ring.now);
    __syncwarp();
    ask_for_weights(step, own, ring.now, step.stage_count, nullptr);
    ask_for_tiles_of(step, own, ring.now, 0);
  }
  for (std::uint32_t n = 0; n < step.stage_count; ++n, ring.advance()) {
    const Stage& stage = *ring.now;
    wait_for_phase(&own.first_copies, n);
    if (own_groups(stage) != 0) {
      run_stage<kWarps>(step, n, ring, own);
      continue;
    }
    if (stage.shared_lists != 0) {
      wait_for_arrivals(step.arrived, stage.arrived_before);
      find_list(stage, step.lists);
      __syncthreads();
      if (threadIdx.x == 0) arrive(step.arrived);
    }
    if (stage.tail != 0 && blockIdx.x == 0) {
      wait_for_arrivals(step.arrived,
                        stage.arrived_before + (stage.shared_lists != 0 ? gridDim.x : 0));
      run_tail<kWarps>(step, stage);
    }
    __syncthreads();  // nobody needs the stage before this one any more
    if (warp() == warps() - 1) {
      ask_ahead(step, n, ring, own);
      ask_for_next_tiles(step, n, ring, own);
    }
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
  *step.arrived = 0;  // nobody waits any more
  *step.answer = 1 + static_cast<std::uint32_t>(count);
}

}  // namespace
}  // namespace sterna::cuda
