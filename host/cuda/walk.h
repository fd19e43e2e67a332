// SPDX-License-Identifier: Apache-2.0
// Fast Feedforward: FFFIN walks a column's trees, FFFOUT sums the records of its path.
#pragma once

#include "host/cuda/block.h"
#include "host/plan/elements.h"
#include "isa/trees.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

// Of five rows packed as in memory, four columns of each, times the same columns of a vector; the
// sums are of digits, trits plus one. Five times: three times the bytes carry a digit out of each.
__device__ __forceinline__ void add_packed(std::int32_t (&sums)[kTritsPerByte], std::uint32_t bytes,
                                           std::uint32_t x) {
  std::uint32_t even = bytes & 0x00ff00ff, odd = bytes >> 8 & 0x00ff00ff;
  for (std::uint32_t row = 0; row < kTritsPerByte; ++row) {
    even *= 3;
    odd *= 3;
    sums[row] = dot4((even >> 8 & 0x00030003) | (odd & 0x03000300), x, sums[row]);
    even &= 0x00ff00ff;
    odd &= 0x00ff00ff;
  }
}

// The sums of all nodes of a block of a tree, of which the path takes four, one after the other:
// the bytes of five rows are the same ones, and what comes next is known without waiting for
// memory once more. Several warps share a tree where there are more of these than of those.
__device__ __forceinline__ void walk(const Operation& op, std::uint32_t column) {
  const Trees& trees = *op.trees;
  const auto* const x = reinterpret_cast<const std::uint32_t*>(op.in[0].of(column));
  const std::uint32_t words = (op.length + 3) / 4, last_bytes = op.length - 4 * (words - 1);
  const std::uint32_t last_mask = last_bytes == 4 ? ~0u : (1u << 8 * last_bytes) - 1;
  const plan::elements::Rescale rescale{multiplier_of(op, column)};
  fix* const out = op.out.of(column);
  std::uint32_t* const records = op.left.of(column);

  std::uint32_t team = 1;  // warps of a tree
  while (2 * team * trees.trees <= warps()) team *= 2;
  const std::uint32_t teams = warps() / team, mine = warp() / team;
  const std::uint32_t thread = threadIdx.x % (team * kWarp);
  std::int32_t* const sums = shared().sums[mine];
  bool clamped = false;

  for (std::uint32_t first = 0; first < trees.trees; first += teams) {
    const std::uint32_t tree = first + mine;
    std::uint32_t in_level = 0;  // the block's place among those of its depth
    for (std::uint32_t j = 0; j < trees.blocks; ++j) {
      const std::uint64_t block =
          trees.first_block[j] + (std::uint64_t{tree} << trees.block_level[j]) + in_level;
      const auto piece = [&](std::uint32_t number) {
        const PiecePlace place = piece_place(block, number, trees.part_bytes, trees.channels);
        return trees.channel[place.channel] + place.line;
      };
      if (thread < kBlockNodes) sums[thread] = 0;
      __syncthreads();  // the vector is there, too
      if (tree < trees.trees) {
        std::int32_t all[kBlockGroups][kTritsPerByte] = {};
        std::int32_t of_x = 0;
        for (std::uint32_t w = thread; w < words; w += team * kWarp) {
          const std::uint32_t four = x[w] & (w + 1 == words ? last_mask : ~0u);
          of_x = dot4(0x01010101, four, of_x);
          for (std::uint32_t g = 0; g < kBlockGroups; ++g) {
            add_packed(all[g], reinterpret_cast<const std::uint32_t*>(piece(g))[w], four);
          }
        }
        for (std::uint32_t g = 0; g < kBlockGroups; ++g) {
          for (std::uint32_t row = 0; row < kTritsPerByte; ++row) {
            const std::int32_t sum = warp_sum(all[g][row] - of_x);
            if (lane() == 0) atomicAdd(&sums[g * kTritsPerByte + row], sum);
          }
        }
      }
      __syncthreads();
      if (tree < trees.trees) {
        const auto* const biases = reinterpret_cast<const fix*>(piece(kBlockGroups));
        const std::uint32_t element = kTreeBlockLevels * (j * trees.trees + tree);
        std::uint32_t decisions = 0, place = 0;
        for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
          const fix logit = numerics::add(rescale(&clamped, sums[place]), biases[place], &clamped);
          if (thread == 0) out[element + level] = logit;
          const std::uint32_t right = logit > 0 ? 1 : 0;
          decisions = decisions << 1 | right;
          place = 2 * place + 1 + right;
        }
        if (thread == 0) {
          records[element / kTreeBlockLevels] =
              static_cast<std::uint32_t>(block * kBlockRecords) + (decisions >> 1);
        }
        const std::uint32_t levels = trees.block_levels[j];
        in_level = in_level << levels | decisions >> (kTreeBlockLevels - levels);
      }
      __syncthreads();  // the sums are read
    }
  }
  note_clamped(op, clamped);
  const std::uint32_t elements = kTreeBlockLevels * trees.blocks * trees.trees;
  for (std::uint32_t e = elements + threadIdx.x; e < op.end; e += blockDim.x) out[e] = 0;
  __syncthreads();
}

// An output a thread: of each record the word of its sixteen outputs in each of four levels.
__device__ __forceinline__ void sum_path(const Operation& op, std::uint32_t column) {
  const Trees& trees = *op.trees;
  const auto* const q = reinterpret_cast<const std::int8_t*>(op.in[0].of(column));
  const std::uint32_t* const records = op.before.of(column);
  const plan::elements::Rescale rescale{multiplier_of(op, column)};
  fix* const out = op.out.of(column);
  bool clamped = false;
  __syncthreads();  // path and vector are there
  for (std::uint32_t e = threadIdx.x; e < op.end; e += blockDim.x) {
    std::int32_t sum = 0;
    for (std::uint32_t b = 0; b < trees.blocks * trees.trees && e < op.rows; ++b) {
      const std::uint8_t* const record =
          trees.channel[records[b] % trees.channels] +
          std::uint64_t{records[b] / trees.channels} * trees.part_bytes;
      const auto levels = reinterpret_cast<const LaneWeights*>(record)[e / kTreeOutputs];
      for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
        const std::uint32_t bits = levels.words[level] >> 2 * (e % kTreeOutputs);
        const auto trit =
            static_cast<std::int32_t>(bits & 1) * (1 - static_cast<std::int32_t>(bits & 2));
        sum += trit * q[kTreeBlockLevels * b + level];
      }
    }
    out[e] = e < op.rows ? rescale(&clamped, sum) : 0;
  }
  note_clamped(op, clamped);
  __syncthreads();
}

}  // namespace
}  // namespace sterna::cuda
