// SPDX-License-Identifier: Apache-2.0
// The kernels. A step is one of them from beginning to end, with as many blocks as the GPU runs at
// once and a barrier over all of them between phases: at one column a token is a hundred short
// phases, and launches between them would take longer than they do.
#pragma once

#include "host/cuda/columns.h"
#include "host/cuda/products.h"
#include "host/cuda/trees.h"

namespace sterna::cuda {
namespace {  // no program has two kinds of kernels by one name: tests compile these for the CPU,
             // too

// The operations of a phase, on their way into shared memory while the one before it runs.
__device__ __forceinline__ void fetch_operations(const Step& step, const Phase& phase,
                                                 Operation* to) {
  const auto* const from = reinterpret_cast<const LaneWeights*>(step.operations + phase.first);
  const auto pieces =
      static_cast<std::uint32_t>(phase.count * sizeof(Operation) / sizeof(LaneWeights));
  for (std::uint32_t i = threadIdx.x; i < pieces; i += blockDim.x) {
    copy_async(reinterpret_cast<LaneWeights*>(to) + i, from + i);
  }
}

// A phase, and what is asked for while it runs, two phases before it does.
__device__ __forceinline__ void fetch_phase(const Step& step, std::uint32_t p) {
  static_assert(sizeof(Phase) % sizeof(std::int32_t) == 0 && sizeof(Phase) <= 32);
  if (p >= step.phase_count) return;
  if (threadIdx.x < kMostAhead) {
    copy_async(reinterpret_cast<LaneWeights*>(shared().ahead[p % 3]) + threadIdx.x,
               reinterpret_cast<const LaneWeights*>(step.ahead + p * kMostAhead) + threadIdx.x);
  } else if (threadIdx.x - kMostAhead < sizeof(Phase) / sizeof(std::int32_t)) {
    const std::uint32_t word = threadIdx.x - kMostAhead;
    copy_async(reinterpret_cast<std::int32_t*>(&shared().phases[p % 3]) + word,
               reinterpret_cast<const std::int32_t*>(step.phases + p) + word);
  }
}

// Addresses in place of offsets into what is the block's own, by the threads that have copied
// these.
__device__ __forceinline__ void find_own_places(const Step& step, const Phase& phase,
                                                Operation* ops) {
  constexpr auto kPieces = static_cast<std::uint32_t>(sizeof(Operation) / sizeof(LaneWeights));
  auto* const pieces = reinterpret_cast<std::byte*>(ops);
  for (std::uint32_t i = threadIdx.x; i < phase.count * kPieces; i += blockDim.x) {
    if (i % kPieces >= Operation::kPlaces) continue;
    std::uint64_t place[2];  // offset and stride
    memcpy(place, pieces + i * sizeof place, sizeof place);
    std::byte* base = nullptr;
    if (place[1] == Place<fix>::kInShared) base = own_memory(step);
    if (place[1] == Place<fix>::kOfBlock) base = step.of_blocks + blockIdx.x * step.of_block_bytes;
    if (base == nullptr) continue;
    place[0] += reinterpret_cast<std::uintptr_t>(base);
    place[1] = 0;
    memcpy(pieces + i * sizeof place, place, sizeof place);
  }
}

// Of what the next phases read that no phase writes, asks for this block's part, so that the memory
// is never idle. A warp asks for what `ahead` names.
__device__ __forceinline__ void ask_ahead(const Ahead& ahead) {
  constexpr std::uint32_t kLine = 128;
  const std::uint32_t lines = (ahead.bytes + kLine - 1) / kLine;
  for (std::uint32_t i = blockIdx.x * kWarp + lane(); i < lines; i += gridDim.x * kWarp) {
    prefetch(ahead.from + std::uint64_t{i} * kLine);
  }
}

// kMany: for passes of more than 8 columns, whose sums take twice the registers of a thread, and
// half as many threads: few columns want many loads under way instead.
template <bool kMany>
__global__ void __launch_bounds__(most_warps(kMany) * kWarp, 1) run_step(Step step) {
  fetch_tables(step.tables);
  fetch_phase(step, 0);
  fetch_phase(step, 1);
  fetch_operations(step, step.phases[0], shared().operations[0]);
  wait_for_copies();
  __syncthreads();
  for (std::uint32_t p = 0; p < step.phase_count; ++p) {
    const Phase& phase = shared().phases[p % 3];
    Operation* const ops = shared().operations[p % 2];
    wait_for_copies();
    if (step.alone) find_own_places(step, phase, ops);
    // All threads' copies are there, and the phase before the last is done with.
    if (phase.barrier) {
      grid_barrier(step.arrived);
    } else {
      __syncthreads();
    }
    // On their way while this phase runs.
    if (p + 1 < step.phase_count) {
      fetch_operations(step, shared().phases[(p + 1) % 3], shared().operations[(p + 1) % 2]);
    }
    fetch_phase(step, p + 2);
    ask_ahead(shared().ahead[p % 3][warp()]);
    switch (phase.kind) {
      case plan::PhaseKind::kColumns:
        // From half of the grid's warps on: a column each.
        if (kMany && 2 * step.column_count >= WarpTeam::count()) {
          run_columns<WarpTeam>(step, phase, ops);
        } else {
          run_columns<BlockTeam>(step, phase, ops);
        }
        break;
      case plan::PhaseKind::kScan:
        run_scans(step, phase, ops);
        break;
      case plan::PhaseKind::kStores:
        run_stores(step, phase, ops);
        break;
      case plan::PhaseKind::kProducts:
        run_products<kMany>(step, phase, ops);
        break;
    }
  }
  grid_barrier(step.arrived);
  if (blockIdx.x != 0) return;
  std::uint64_t count = 0;
  for (std::uint32_t i = threadIdx.x; i < step.operation_count; i += blockDim.x) {
    count += step.clamped[i];
    step.clamped[i] = 0;
  }
  count = BlockTeam{}.sum(count);
  if (threadIdx.x == 0) *step.saturated = static_cast<std::uint32_t>(count);
}

__global__ void repack(Repacking matrix) {
  const std::uint32_t column_tiles = tiles_of(matrix.columns, kTileColumns);
  const std::uint64_t group_bytes = q8_lines(matrix.columns) * kLineBytes;
  const std::uint64_t all =
      std::uint64_t{tiles_of(matrix.rows, kTileRows)} * column_tiles * kTileLanes;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < all;
       i += std::uint64_t{gridDim.x} * blockDim.x) {
    const std::uint64_t tile = i / kTileLanes;
    const auto l = static_cast<std::uint32_t>(i % kTileLanes);
    LaneWeights out{};
    for (std::uint32_t r = 0; r < 2; ++r) {
      const auto row = static_cast<std::uint32_t>(tile / column_tiles) * kTileRows + l / 4 + 8 * r;
      const std::uint32_t group = row / kTritsPerByte;
      const std::uint8_t* const bytes = matrix.channels[group % matrix.channel_count] +
                                        group / matrix.channel_count * group_bytes;
      std::uint32_t power = 1;  // of three: times it, a byte begins with the row's digit
      for (std::uint32_t k = 0; k < row % kTritsPerByte; ++k) power *= 3;
      for (std::uint32_t k = 0; k < kLaneColumns; ++k) {
        const std::uint32_t column =
            static_cast<std::uint32_t>(tile % column_tiles) * kTileColumns + l % 4 * kLaneColumns +
            k;
        std::uint32_t digit = 1;  // of zero, where there is nothing
        if (row < matrix.rows && column < matrix.columns) {
          digit = (bytes[column] * power & 0xff) * 3 >> 8;
        }
        out.words[2 * (k / 4 % 2) + r] |= digit << (8 * (k % 4) + 2 * (k / 8));
      }
    }
    matrix.tiles[i] = out;
  }
}

}  // namespace
}  // namespace sterna::cuda
