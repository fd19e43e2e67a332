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

// Where a column is among the blocks of a tree, and what FFFIN leaves of it.
struct TreeWalk {
  const Operation& op;
  const Trees& trees;
  plan::elements::Rescale rescale;
  fix* out;
  std::uint32_t* records;
  std::uint32_t tree = 0, j = 0;           // depth in blocks
  std::uint32_t in_level = 0;              // the block's place among those of its depth
  std::uint32_t decisions = 0, place = 0;  // in the block
  bool clamped = false;

  __device__ TreeWalk(const Operation& of, std::uint32_t column)
      : op(of),
        trees(*of.trees),
        rescale{multiplier_of(of, column)},
        out(of.out.of(column)),
        records(of.left.of(column)) {}

  __device__ std::uint64_t block() const {
    return trees.first_block[j] + (std::uint64_t{tree} << trees.block_level[j]) + in_level;
  }
  __device__ const std::uint8_t* piece(std::uint32_t number) const {
    const PiecePlace at = piece_place(block(), number, trees.part_bytes, trees.channels);
    return trees.channel[at.channel] + at.line;
  }
  __device__ std::uint32_t element() const { return kTreeBlockLevels * (j * trees.trees + tree); }

  // By the sum of the node at `place`; one thread writes.
  __device__ void decide(std::uint32_t level, std::int32_t sum, bool writes) {
    const fix bias = reinterpret_cast<const fix*>(piece(kBlockGroups))[place];
    const fix logit = numerics::add(rescale(&clamped, sum), bias, &clamped);
    if (writes) out[element() + level] = logit;
    const std::uint32_t right = logit > 0 ? 1 : 0;
    decisions = decisions << 1 | right;
    place = 2 * place + 1 + right;
  }
  __device__ void leave_block(bool writes) {
    if (writes) {
      records[element() / kTreeBlockLevels] =
          static_cast<std::uint32_t>(block() * kBlockRecords) + (decisions >> 1);
    }
    const std::uint32_t levels = trees.block_levels[j];
    in_level = in_level << levels | decisions >> (kTreeBlockLevels - levels);
    decisions = place = 0;
  }
  __device__ std::uint32_t elements() const {
    return kTreeBlockLevels * trees.blocks * trees.trees;
  }
};

// The vector that goes through the trees, four elements a word.
struct TreeInput {
  const std::uint32_t* words;
  std::uint32_t count, last_mask;

  __device__ TreeInput(const Operation& op, std::uint32_t column)
      : words(reinterpret_cast<const std::uint32_t*>(op.in[0].of(column))),
        count((op.length + 3) / 4) {
    const std::uint32_t last_bytes = op.length - 4 * (count - 1);
    last_mask = last_bytes == 4 ? ~0u : (1u << 8 * last_bytes) - 1;
  }
  __device__ std::uint32_t operator[](std::uint32_t w) const {
    return words[w] & (w + 1 == count ? last_mask : ~0u);
  }
};

// A block for a column, where columns are few and time is what goes by between a load and its
// bytes: the sums of all nodes of a block of a tree, of which the path takes four. The bytes of
// five rows are the same ones, and what comes next is known without waiting for memory once more.
// Several warps share a tree where there are more of these than of those.
__device__ __forceinline__ void walk_by_blocks(TreeWalk& at, const TreeInput& x) {
  std::uint32_t team = 1;  // warps of a tree
  while (2 * team * at.trees.trees <= warps()) team *= 2;
  const std::uint32_t teams = warps() / team, mine = warp() / team;
  const std::uint32_t thread = threadIdx.x % (team * kWarp);
  std::int32_t* const sums = shared().sums[mine];
  for (std::uint32_t first = 0; first < at.trees.trees; first += teams) {
    at.tree = first + mine;
    at.in_level = 0;
    const bool is_tree = at.tree < at.trees.trees;
    for (at.j = 0; at.j < at.trees.blocks; ++at.j) {
      if (thread < kBlockNodes) sums[thread] = 0;
      __syncthreads();  // the vector is there, too
      if (is_tree) {
        std::int32_t all[kBlockGroups][kTritsPerByte] = {};
        std::int32_t of_x = 0;
        for (std::uint32_t w = thread; w < x.count; w += team * kWarp) {
          const std::uint32_t four = x[w];
          of_x = dot4(0x01010101, four, of_x);
          for (std::uint32_t g = 0; g < kBlockGroups; ++g) {
            add_packed(all[g], reinterpret_cast<const std::uint32_t*>(at.piece(g))[w], four);
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
      if (is_tree) {
        for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
          at.decide(level, sums[at.place], thread == 0);
        }
        at.leave_block(thread == 0);
      }
      __syncthreads();  // the sums are read
    }
  }
}

// A warp for a column, where there are so many that other warps compute while this one waits: the
// path's nodes alone.
__device__ __forceinline__ void walk_by_nodes(TreeWalk& at, const TreeInput& x) {
  std::int32_t of_x = 0;
  for (std::uint32_t w = lane(); w < x.count; w += kWarp) of_x = dot4(0x01010101, x[w], of_x);
  for (at.tree = 0; at.tree < at.trees.trees; ++at.tree) {
    at.in_level = 0;
    for (at.j = 0; at.j < at.trees.blocks; ++at.j) {
      for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
        const auto* const packed =
            reinterpret_cast<const std::uint32_t*>(at.piece(at.place / kTritsPerByte));
        std::uint32_t power = 1;  // of three: times it, a byte begins with the node's digit
        for (std::uint32_t i = 0; i < at.place % kTritsPerByte; ++i) power *= 3;
        std::int32_t sum = -of_x;
        for (std::uint32_t w = lane(); w < x.count; w += kWarp) {
          const std::uint32_t even = ((packed[w] & 0x00ff00ff) * power & 0x00ff00ff) * 3;
          const std::uint32_t odd = ((packed[w] >> 8 & 0x00ff00ff) * power & 0x00ff00ff) * 3;
          sum = dot4((even >> 8 & 0x00030003) | (odd & 0x03000300), x[w], sum);
        }
        at.decide(level, warp_sum(sum), lane() == 0);
      }
      at.leave_block(lane() == 0);
    }
  }
}

template <typename Team>
__device__ __forceinline__ void walk(const Operation& op, std::uint32_t column) {
  Team::sync();  // vector and scale are there
  TreeWalk at(op, column);
  const TreeInput x(op, column);
  if constexpr (Team::kIsWarp) {
    walk_by_nodes(at, x);
  } else {
    walk_by_blocks(at, x);
  }
  note_clamped(op, at.clamped);
  for (std::uint32_t e = at.elements() + Team::rank(); e < op.end; e += Team::size()) at.out[e] = 0;
  Team::sync();
}

// An output a thread: of each record the word of its sixteen outputs in each of four levels.
template <typename Team>
__device__ __forceinline__ void sum_path(const Operation& op, std::uint32_t column) {
  const Trees& trees = *op.trees;
  const auto* const q = reinterpret_cast<const std::int8_t*>(op.in[0].of(column));
  const std::uint32_t* const records = op.before.of(column);
  const plan::elements::Rescale rescale{multiplier_of(op, column)};
  fix* const out = op.out.of(column);
  bool clamped = false;
  Team::sync();  // path and vector are there
  for (std::uint32_t e = Team::rank(); e < op.end; e += Team::size()) {
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
  Team::sync();
}

}  // namespace
}  // namespace sterna::cuda
