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
  Clamped clamped;

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
    return trees.piece(block(), number);
  }
  __device__ const fix* biases() const { return reinterpret_cast<const fix*>(piece(kBlockGroups)); }
  __device__ std::uint32_t element() const { return kTreeBlockLevels * (j * trees.trees + tree); }

  // By the sum of the node at `place`, and the biases of its block; one thread writes.
  __device__ void decide(std::uint32_t level, std::int32_t sum, const fix* biases, bool writes) {
    const fix logit = numerics::add(rescale(&clamped, sum), biases[place], &clamped);
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
        const std::uint32_t* groups[kBlockGroups];
        for (std::uint32_t g = 0; g < kBlockGroups; ++g) {
          groups[g] = reinterpret_cast<const std::uint32_t*>(at.piece(g));
        }
        for (std::uint32_t w = thread; w < x.count; w += team * kWarp) {
          const std::uint32_t four = x[w];
          of_x = dot4(0x01010101, four, of_x);
          for (std::uint32_t g = 0; g < kBlockGroups; ++g) {
            add_packed(all[g], groups[g][w], four);
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
        const fix* const biases = at.biases();
        for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
          at.decide(level, sums[at.place], biases, thread == 0);
        }
        at.leave_block(thread == 0);
      }
      __syncthreads();  // the sums are read
    }
  }
}

// Four columns of a row whose digit the bytes begin with when they are multiplied by that power of
// three, times the same columns of a vector.
__device__ __forceinline__ std::int32_t add_row(std::int32_t sum, std::uint32_t bytes,
                                                std::uint32_t power, std::uint32_t x) {
  const std::uint32_t even = ((bytes & 0x00ff00ff) * power & 0x00ff00ff) * 3;
  const std::uint32_t odd = ((bytes >> 8 & 0x00ff00ff) * power & 0x00ff00ff) * 3;
  return dot4((even >> 8 & 0x00030003) | (odd & 0x03000300), x, sum);
}

// A warp for a column, where there are so many that other warps compute while this one waits: the
// path's nodes alone. Of a vector that is no longer than that each lane has its words in registers,
// and asks for all of a node's at once.
__device__ __forceinline__ void walk_by_nodes(TreeWalk& at, const TreeInput& x) {
  constexpr unsigned kHeld = 8;
  const bool is_held = x.count <= kHeld * kWarp;
  std::uint32_t held[kHeld] = {};
  std::int32_t of_x = 0;
  STERNA_UNROLL
  for (unsigned i = 0; i < kHeld; ++i) {
    const std::uint32_t w = lane() + i * kWarp;
    if (is_held && w < x.count) held[i] = x[w];
    of_x = dot4(0x01010101, held[i], of_x);
  }
  for (std::uint32_t w = lane(); w < x.count && !is_held; w += kWarp) {
    of_x = dot4(0x01010101, x[w], of_x);
  }
  for (at.tree = 0; at.tree < at.trees.trees; ++at.tree) {
    at.in_level = 0;
    for (at.j = 0; at.j < at.trees.blocks; ++at.j) {
      const fix* const biases = at.biases();
      for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
        const auto* const packed =
            reinterpret_cast<const std::uint32_t*>(at.piece(at.place / kTritsPerByte));
        std::uint32_t power = 1;  // of three: times it, a byte begins with the node's digit
        for (std::uint32_t i = 0; i < at.place % kTritsPerByte; ++i) power *= 3;
        std::int32_t sum = -of_x;
        if (is_held) {
          std::uint32_t bytes[kHeld] = {};
          STERNA_UNROLL
          for (unsigned i = 0; i < kHeld; ++i) {
            const std::uint32_t w = lane() + i * kWarp;
            if (w < x.count) bytes[i] = packed[w];
          }
          STERNA_UNROLL
          for (unsigned i = 0; i < kHeld; ++i) sum = add_row(sum, bytes[i], power, held[i]);
        } else {
          for (std::uint32_t w = lane(); w < x.count; w += kWarp) {
            sum = add_row(sum, packed[w], power, x[w]);
          }
        }
        at.decide(level, warp_sum(sum), biases, lane() == 0);
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

// Of four words the first bytes as a word, the second ones, and so on.
__device__ __forceinline__ void transpose(std::uint32_t (&words)[4]) {
  const std::uint32_t low01 = __byte_perm(words[0], words[1], 0x5140);
  const std::uint32_t low23 = __byte_perm(words[2], words[3], 0x5140);
  const std::uint32_t high01 = __byte_perm(words[0], words[1], 0x7362);
  const std::uint32_t high23 = __byte_perm(words[2], words[3], 0x7362);
  words[0] = __byte_perm(low01, low23, 0x5410);
  words[1] = __byte_perm(low01, low23, 0x7632);
  words[2] = __byte_perm(high01, high23, 0x5410);
  words[3] = __byte_perm(high01, high23, 0x7632);
}

// Four outputs a thread, of the sixteen that lie together every fourth: a word of each of a
// record's four levels has their trits in its bytes, which become digits, trits plus one; the other
// way round they are the operands of products with the block's four elements.
template <typename Team>
__device__ __forceinline__ void sum_path(const Operation& op, std::uint32_t column) {
  constexpr std::uint32_t kEach = kTreeOutputs / 4;
  constexpr unsigned kRecords = 4;  // that are asked for before the first one is needed
  const Trees& trees = *op.trees;
  const auto* const q = reinterpret_cast<const std::uint32_t*>(op.in[0].of(column));
  const std::uint32_t* const records = op.before.of(column);
  const std::uint32_t blocks = trees.blocks * trees.trees;
  const plan::elements::Rescale rescale{multiplier_of(op, column)};
  fix* const out = op.out.of(column);
  Clamped clamped;
  Team::sync();  // path and vector are there
  std::int32_t of_q = 0;
  for (std::uint32_t b = 0; b < blocks; ++b) of_q = dot4(0x01010101, q[b], of_q);
  for (std::uint32_t i = Team::rank(); i < op.end / kEach; i += Team::size()) {
    const std::uint32_t first = i / 4 * kTreeOutputs + i % 4;
    std::int32_t sums[kEach] = {};
    for (std::uint32_t b0 = 0; b0 < blocks && first < op.rows; b0 += kRecords) {
      LaneWeights levels[kRecords] = {};
      std::uint32_t elements[kRecords] = {};
      STERNA_UNROLL
      for (unsigned r = 0; r < kRecords; ++r) {
        if (b0 + r >= blocks) continue;
        levels[r] = reinterpret_cast<const LaneWeights*>(trees.record(records[b0 + r]))[i / 4];
        elements[r] = q[b0 + r];  // zeros where there is no record
      }
      STERNA_UNROLL
      for (unsigned r = 0; r < kRecords; ++r) {
        std::uint32_t digits[kTreeBlockLevels];
        STERNA_UNROLL
        for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
          const std::uint32_t bits = levels[r].words[level] >> 2 * (i % 4);
          const std::uint32_t some = bits & 0x01010101, negative = bits >> 1 & some;
          digits[level] = 0x01010101 + some - 2 * negative;
        }
        transpose(digits);
        STERNA_UNROLL
        for (std::uint32_t k = 0; k < kEach; ++k) sums[k] = dot4(digits[k], elements[r], sums[k]);
      }
    }
    STERNA_UNROLL
    for (std::uint32_t k = 0; k < kEach; ++k) {
      const std::uint32_t e = first + 4 * k;
      out[e] = e < op.rows ? rescale(&clamped, sums[k] - of_q) : 0;
    }
  }
  note_clamped(op, clamped);
  Team::sync();
}

}  // namespace
}  // namespace sterna::cuda
