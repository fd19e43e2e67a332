// SPDX-License-Identifier: Apache-2.0
// The kernels. A step is one of them from beginning to end, with as many blocks as the GPU runs at
// once and a barrier over all of them between phases: at one column a token is a hundred short
// phases, and launches between them would take longer than they do.
#pragma once

#include "host/cuda/columns.h"
#include "host/cuda/products.h"

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

// `bytes` from there on, a part of it for each of `threads`.
__device__ __forceinline__ void prefetch_all(const void* from, std::uint64_t bytes,
                                             std::uint64_t thread, std::uint64_t threads) {
  constexpr std::uint64_t kPart = 128;
  for (std::uint64_t at = thread * kPart; at < bytes; at += threads * kPart) {
    prefetch(static_cast<const std::byte*>(from) + at);
  }
}

// Other blocks wait for the slowest one: meanwhile those without a column of their own ask for what
// the next two phases read that no phase writes, matrices and weights of norms, so that the memory
// is never idle.
__device__ __forceinline__ void prefetch_weights(const Step& step, std::uint32_t after) {
  if (blockIdx.x < step.column_count) return;
  const std::uint64_t thread =
      std::uint64_t{blockIdx.x - step.column_count} * blockDim.x + threadIdx.x;
  const std::uint64_t threads = std::uint64_t{gridDim.x - step.column_count} * blockDim.x;
  for (std::uint32_t p = after + 1; p <= after + 2 && p < step.phase_count; ++p) {
    const Phase phase = step.phases[p];
    for (std::uint32_t i = 0; i < phase.count; ++i) {
      const Operation& op = step.operations[phase.first + i];
      if (op.kind == plan::Kind::kProduct) {
        const std::uint64_t tiles = std::uint64_t{op.row_tiles} * op.column_tiles;
        prefetch_all(op.matrix, tiles * kTileLanes * sizeof(LaneWeights), thread, threads);
      } else if (op.kind == plan::Kind::kNorm && op.in[1].stride == 0) {
        prefetch_all(op.in[1].words, std::uint64_t{op.length} * sizeof(fix), thread, threads);
      }
    }
  }
}

// kMany: for passes of more than 8 columns, whose sums take twice the registers of a thread, and
// half as many threads: few columns want many loads under way instead.
template <bool kMany>
__global__ void __launch_bounds__(most_warps(kMany) * kWarp, 1) run_step(Step step) {
  Phase next = step.phases[0];
  fetch_operations(step, next, shared().operations[0]);
  for (std::uint32_t p = 0; p < step.phase_count; ++p) {
    const Phase phase = next;
    const Operation* const ops = shared().operations[p % 2];
    wait_for_copies();
    if (phase.barrier) grid_barrier();
    __syncthreads();  // all threads' copies are there, and the phase before the last is done with
    if (p + 1 < step.phase_count) {
      next = step.phases[p + 1];
      fetch_operations(step, next, shared().operations[(p + 1) % 2]);
    }
    switch (phase.kind) {
      case plan::PhaseKind::kColumns:
        prefetch_weights(step, p);
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
  grid_barrier();
  if (blockIdx.x != 0) return;
  std::uint64_t count = 0;
  for (std::uint32_t i = threadIdx.x; i < step.operation_count; i += blockDim.x) {
    count += step.clamped[i];
    step.clamped[i] = 0;
  }
  count = BlockTeam::sum(count);
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
