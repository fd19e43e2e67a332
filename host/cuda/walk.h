// SPDX-License-Identifier: Apache-2.0
// Fast Feedforward: FFFIN walks a column's trees, FFFOUT sums the records of its path. Trees lie in
// memory as trees.h says.
#pragma once

#include "host/cuda/block.h"
#include "host/cuda/tiles.h"
#include "host/plan/elements.h"
#include "isa/trees.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

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

  __device__ std::uint32_t block() const { return block_of(j, in_level); }
  __device__ std::uint32_t element() const { return kTreeBlockLevels * (j * trees.trees + tree); }
  __device__ std::uint32_t elements() const {
    return kTreeBlockLevels * trees.blocks * trees.trees;
  }
  // The block that the path goes on with if the last node of this one decides so.
  __device__ std::uint32_t block_behind(bool right) const {
    return block_of(j + 1, in_level_behind(decisions << 1 | (right ? 1 : 0)));
  }

  // What a node's sum is with its bias.
  __device__ fix logit(std::int32_t sum, fix bias, Clamped* flag) const {
    return numerics::add(rescale(flag, sum), bias, flag);
  }
  // Below the node at `place`, of which one thread writes the logit.
  __device__ void go_on(std::uint32_t level, fix logit, bool writes) {
    if (writes) out[element() + level] = logit;
    const std::uint32_t right = logit > 0 ? 1 : 0;
    decisions = decisions << 1 | right;
    place = 2 * place + 1 + right;
  }
  __device__ void leave_block(bool writes) {
    if (writes) {
      records[element() / kTreeBlockLevels] = block() * kBlockRecords + (decisions >> 1);
    }
    in_level = in_level_behind(decisions);
    decisions = place = 0;
  }

 private:
  __device__ std::uint32_t block_of(std::uint32_t depth, std::uint32_t number) const {
    return trees.first_block[depth] + (tree << trees.block_level[depth]) + number;
  }
  __device__ std::uint32_t in_level_behind(std::uint32_t all_decisions) const {
    const std::uint32_t levels = trees.block_levels[j];
    return in_level << levels | all_decisions >> (kTreeBlockLevels - levels);
  }
};

// Elements of a vector that a lane multiplies by a node's Digits.
struct LaneElements {
  LaneWeights words[2];
};

__device__ __forceinline__ std::int32_t add_products(std::int32_t sum, const Digits& digits,
                                                     const LaneElements& x) {
  STERNA_UNROLL
  for (std::uint32_t h = 0; h < 2; ++h) {
    STERNA_UNROLL
    for (std::uint32_t s = 0; s < 4; ++s) {
      sum = dot4(digits.words[h] >> 2 * s & kDigits, x.words[h].words[s], sum);
    }
  }
  return sum;
}

// The vector that goes through the trees, as a warp multiplies it: a lane has its first elements,
// which are all of them up to 1,024, in registers where these suffice (kHolds). What memory holds
// behind the vector is multiplied by zero's digit, and goes out of the sum as digits' excess does:
// they are trits plus one.
template <bool kHolds>
struct TreeInput {
  const LaneElements* pieces;
  std::uint32_t count;
  LaneElements first = {};
  std::int32_t sum = 0;  // of this lane's elements

  __device__ TreeInput(const Operation& op, std::uint32_t column)
      : pieces(reinterpret_cast<const LaneElements*>(op.in[0].of(column))),
        count(tiles_of(op.length, kLaneColumns)) {
    constexpr Digits kOnes{0x55555555, 0x55555555};
    if (has_first()) sum = add_products(0, kOnes, first = pieces[lane()]);
    STERNA_NO_UNROLL
    for (std::uint32_t p = lane() + kWarp; p < count; p += kWarp) {
      sum = add_products(sum, kOnes, pieces[p]);
    }
  }

  __device__ bool has_first() const { return lane() < count; }
  // A lane's digits of a node that the first elements are multiplied by.
  __device__ Digits first_of(const Digits* node) const {
    return has_first() ? node[lane()] : Digits{};
  }
  // A node's sum, in all lanes.
  __device__ std::int32_t times(const Digits* node, const Digits& of_first) const {
    std::int32_t mine = -sum;
    if constexpr (kHolds) {
      mine = add_products(mine, of_first, first);
    } else if (has_first()) {
      mine = add_products(mine, of_first, pieces[lane()]);
    }
    STERNA_NO_UNROLL
    for (std::uint32_t p = lane() + kWarp; p < count; p += kWarp) {
      mine = add_products(mine, node[p], pieces[p]);
    }
    return warp_sum(mine);
  }
};

// A block for a column, where columns are few and time is what goes by between a load and its
// bytes: the sums of all nodes of a block of a tree, of which the path takes four, so that what
// comes next is known without waiting for memory once more. Several warps share a tree where there
// are more of these than of those.
__device__ __forceinline__ void walk_by_blocks(TreeWalk& at, const TreeInput<false>& x) {
  constexpr unsigned kAsked = 4;  // nodes of a warp, before the first one is needed
  std::uint32_t team = 1;         // warps of a tree
  while (2 * team * at.trees.trees <= warps()) team *= 2;
  const std::uint32_t teams = warps() / team, mine = warp() / team;
  const bool writes = threadIdx.x % (team * kWarp) == 0;
  std::int32_t* const sums = shared().sums[mine];
  for (std::uint32_t first = 0; first < at.trees.trees; first += teams) {
    at.tree = first + mine;
    at.in_level = 0;
    const bool is_tree = at.tree < at.trees.trees;
    for (at.j = 0; at.j < at.trees.blocks; ++at.j) {
      const std::uint32_t node = at.block() * kBlockNodes;  // the block's first
      const bool has_node = is_tree && lane() < kBlockNodes;
      const fix bias = has_node ? at.trees.biases[node + lane()] : 0;
      for (std::uint32_t n = warp() % team; n < kBlockNodes && is_tree; n += kAsked * team) {
        Digits digits[kAsked] = {};
        STERNA_UNROLL
        for (unsigned i = 0; i < kAsked; ++i) {
          if (n + i * team < kBlockNodes) digits[i] = x.first_of(at.trees.of(node + n + i * team));
        }
        STERNA_UNROLL
        for (unsigned i = 0; i < kAsked; ++i) {
          const std::uint32_t number = n + i * team;
          if (number >= kBlockNodes) continue;
          const std::int32_t sum = x.times(at.trees.of(node + number), digits[i]);
          if (lane() == 0) sums[number] = sum;
        }
      }
      __syncthreads();
      if (is_tree) {
        // A lane has a node's logit, and notes that it was clamped if the path goes there.
        Clamped clamped;
        const fix own = at.logit(has_node ? sums[lane()] : 0, bias, &clamped);
        for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
          if (lane() == at.place) at.clamped.bits |= clamped.bits;
          at.go_on(level, __shfl_sync(kAllLanes, own, at.place), writes);
        }
        at.leave_block(writes);
      }
      __syncthreads();  // the sums are read
    }
  }
}

// What is asked for of a node before it is known that the path goes there.
struct AskedNode {
  const Digits* at = nullptr;
  Digits digits;
  fix bias = 0;

  __device__ AskedNode(const TreeWalk& walk, const TreeInput<true>& x, std::uint32_t node)
      : at(walk.trees.of(node)), digits(x.first_of(at)), bias(walk.trees.biases[node]) {}
};

// A warp for a column, where there are so many that loads are what takes time: the path's nodes,
// and of each the two that may follow, which are asked for before it is computed.
__device__ __forceinline__ void walk_by_nodes(TreeWalk& at, const TreeInput<true>& x) {
  for (at.tree = 0; at.tree < at.trees.trees; ++at.tree) {
    at.in_level = 0;
    at.j = 0;
    AskedNode now(at, x, at.block() * kBlockNodes);
    for (; at.j < at.trees.blocks; ++at.j) {
      const std::uint32_t node = at.block() * kBlockNodes;  // the block's first
      STERNA_UNROLL
      for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
        const bool last = level + 1 == kTreeBlockLevels;
        const bool end = last && at.j + 1 == at.trees.blocks;
        std::uint32_t left = node + 2 * at.place + 1, right = left + 1;
        if (last) left = end ? 0 : at.block_behind(false) * kBlockNodes;
        if (last) right = end ? 0 : at.block_behind(true) * kBlockNodes;
        const AskedNode if_left(at, x, left), if_right(at, x, right);
        const std::int32_t sum = x.times(now.at, now.digits);
        const fix logit = at.logit(sum, now.bias, &at.clamped);
        at.go_on(level, logit, lane() == 0);
        now = logit > 0 ? if_right : if_left;
      }
      at.leave_block(lane() == 0);
    }
  }
}

template <typename Team>
__device__ __forceinline__ void walk(const Operation& op, std::uint32_t column) {
  Team::sync();  // vector and scale are there
  TreeWalk at(op, column);
  const TreeInput<Team::kIsWarp> x(op, column);
  if constexpr (Team::kIsWarp) {
    walk_by_nodes(at, x);
  } else {
    walk_by_blocks(at, x);
  }
  note_clamped(op, at.clamped);
  for (std::uint32_t e = at.elements() + Team::rank(); e < op.end; e += Team::size()) at.out[e] = 0;
  Team::sync();
}

// Records of a path, some at a time.
struct PathRecords {
  static constexpr unsigned kMost = 4;
  const Digits* at[kMost];
  std::uint32_t elements[kMost];  // four of the vector: zeros where there is no record

  __device__ PathRecords(const Trees& trees, const std::uint32_t* records, const std::uint32_t* q,
                         std::uint32_t first, std::uint32_t count) {
    STERNA_UNROLL
    for (unsigned r = 0; r < kMost; ++r) {
      const bool here = first + r < count;
      at[r] = trees.of(here ? records[first + r] : 0);
      elements[r] = here ? q[first + r] : 0;
    }
  }
};

// A record's byte has an output's trits of four levels, of which the vector has the elements in one
// word.
template <typename Team>
__device__ __forceinline__ void sum_path(const Operation& op, std::uint32_t column) {
  constexpr unsigned kPieces = Team::kIsWarp ? 3 : 1;  // of a record that a thread takes at a time
  constexpr unsigned kMost = PathRecords::kMost;
  const Trees& trees = *op.trees;
  const auto* const q = reinterpret_cast<const std::uint32_t*>(op.in[0].of(column));
  const std::uint32_t* const records = op.before.of(column);
  const std::uint32_t blocks = trees.blocks * trees.trees;
  const plan::elements::Rescale rescale{multiplier_of(op, column)};
  auto* const out = reinterpret_cast<LaneWeights*>(op.out.of(column));
  Clamped clamped;
  Team::sync();  // path and vector are there
  std::int32_t of_q = 0;
  for (std::uint32_t b = 0; b < blocks; ++b) of_q = dot4(0x01010101, q[b], of_q);
  for (std::uint32_t p0 = Team::rank(); p0 < trees.pieces; p0 += kPieces * Team::size()) {
    std::int32_t sums[kPieces][kPieceOutputs];
    STERNA_UNROLL
    for (unsigned i = 0; i < kPieces; ++i) {
      STERNA_UNROLL
      for (std::uint32_t k = 0; k < kPieceOutputs; ++k) sums[i][k] = -of_q;
    }
    for (std::uint32_t b = 0; b < blocks; b += kMost) {
      const PathRecords some(trees, records, q, b, blocks);
      Digits digits[kMost][kPieces] = {};
      STERNA_UNROLL
      for (unsigned r = 0; r < kMost; ++r) {
        STERNA_UNROLL
        for (unsigned i = 0; i < kPieces; ++i) {
          const std::uint32_t p = p0 + i * Team::size();
          if (b + r < blocks && p < trees.pieces) digits[r][i] = some.at[r][p];
        }
      }
      STERNA_UNROLL
      for (unsigned r = 0; r < kMost; ++r) {
        if (b + r >= blocks) continue;
        STERNA_UNROLL
        for (unsigned i = 0; i < kPieces; ++i) {
          STERNA_UNROLL
          for (std::uint32_t k = 0; k < kPieceOutputs; ++k) {
            const std::uint32_t levels = digits[r][i].words[k / 4] >> 2 * (k % 4) & kDigits;
            sums[i][k] = dot4(levels, some.elements[r], sums[i][k]);
          }
        }
      }
    }
    STERNA_UNROLL
    for (unsigned i = 0; i < kPieces; ++i) {
      const std::uint32_t p = p0 + i * Team::size();
      if (p >= trees.pieces) continue;
      STERNA_UNROLL
      for (std::uint32_t h = 0; h < 2; ++h) {
        LaneWeights four;
        STERNA_UNROLL
        for (std::uint32_t k = 0; k < 4; ++k) {
          four.words[k] = static_cast<std::uint32_t>(rescale(&clamped, sums[i][4 * h + k]));
        }
        out[2 * p + h] = four;
      }
    }
  }
  note_clamped(op, clamped);
  Team::sync();
}

}  // namespace
}  // namespace sterna::cuda
