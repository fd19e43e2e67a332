// SPDX-License-Identifier: Apache-2.0
// The trees of a Fast Feedforward layer as FFFIN and FFFOUT take them: their shape, where blocks of
// nodes lie in memory, and the images of both matrices (docs/numerics.md, "Fast Feedforward").
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "isa/instruction.h"

namespace sterna {

inline constexpr std::uint32_t kBlockNodes = (1u << kTreeBlockLevels) - 1;  // places of a block
// Pieces of a block of FFFIN's matrix that lie in one channel each: its rows in groups of five, and
// its biases.
inline constexpr std::uint32_t kBlockGroups = kBlockNodes / kTritsPerByte;
inline constexpr std::uint32_t kBlockPieces = kBlockGroups + 1;
static_assert(kBlockGroups * kTritsPerByte == kBlockNodes && kBlockNodes < kLineBytes / 4);

// Outputs whose trits lie together in FFFOUT's matrix, and the bytes that they take of one node.
inline constexpr std::uint32_t kTreeOutputs = 16;
inline constexpr std::uint32_t kTreeOutputBytes = 4;

// One of them in two bits: whether it is not zero, and above that whether it is negative.
constexpr std::uint8_t pack_output(std::int8_t trit) {
  return static_cast<std::uint8_t>((trit != 0 ? 1 : 0) | (trit < 0 ? 2 : 0));
}
constexpr std::int8_t unpack_output(unsigned bits) {
  return static_cast<std::int8_t>((bits & 1) == 0 ? 0 : (bits & 2) == 0 ? 1 : -1);
}

struct TreeShape {
  std::uint32_t trees = 1;
  std::uint32_t depth = 0;  // levels below the root

  bool operator==(const TreeShape&) const = default;

  constexpr std::uint32_t levels() const { return depth + 1; }
  constexpr std::uint32_t nodes() const { return (2u << depth) - 1; }  // of a tree

  // A path's blocks; the first, a tree's root block, has 1 to 4 levels, all others 4.
  constexpr std::uint32_t blocks_on_path() const { return depth / kTreeBlockLevels + 1; }
  // The levels of a path's block j, and the first of them in the tree.
  constexpr std::uint32_t block_levels(std::uint32_t j) const {
    return j == 0 ? depth % kTreeBlockLevels + 1 : kTreeBlockLevels;
  }
  constexpr std::uint32_t block_level(std::uint32_t j) const {
    return j == 0 ? 0 : block_levels(0) + kTreeBlockLevels * (j - 1);
  }

  // Elements of the vector between FFFIN and FFFOUT: four for each block of each tree's path, block
  // after block, in each tree after tree.
  constexpr std::uint32_t elements() const { return kTreeBlockLevels * blocks_on_path() * trees; }
  constexpr std::uint32_t element(std::uint32_t j, std::uint32_t tree) const {
    return kTreeBlockLevels * (j * trees + tree);
  }

  // Blocks of all trees; the number of the x-th of a tree's blocks that begin at block_level(j):
  // all root blocks come first, then all those below them, and so on.
  constexpr std::uint64_t blocks() const { return trees * blocks_above(blocks_on_path()); }
  constexpr std::uint64_t block(std::uint32_t j, std::uint32_t tree, std::uint32_t x) const {
    return trees * blocks_above(j) + (std::uint64_t{tree} << block_level(j)) + x;
  }

 private:
  constexpr std::uint64_t blocks_above(std::uint32_t j) const {  // of one tree
    std::uint64_t count = 0;
    for (std::uint32_t i = 0; i < j; ++i) count += std::uint64_t{1} << block_level(i);
    return count;
  }
};

// The records of a block in FFFOUT's matrix, one for each three decisions that it begins with.
inline constexpr std::uint32_t kBlockRecords = 1u << (kTreeBlockLevels - 1);

// Lines of both matrices in each channel's segment.
constexpr std::uint64_t tree_in_lines(const TreeShape& shape, std::uint64_t columns,
                                      std::uint64_t channels = 1) {
  return shape.blocks() * (kBlockPieces / channels) * q8_lines(columns);
}
constexpr std::uint64_t tree_out_lines(const TreeShape& shape, std::uint64_t rows,
                                       std::uint64_t channels = 1) {
  return shape.blocks() * (kBlockRecords / channels) * q8_lines(rows);
}

// Blocks on all paths of the largest trees.
inline constexpr std::uint32_t kMostPathBlocks = kMaxTrees * (kMaxTreeDepth / kTreeBlockLevels + 1);

// Where a piece of a block lies: its channel, and its first line in that channel's part, of pieces
// of `lines` lines.
struct PiecePlace {
  std::uint64_t channel = 0;
  std::uint64_t line = 0;
};
STERNA_HOST_DEVICE constexpr PiecePlace piece_place(std::uint64_t block, std::uint32_t piece,
                                                    std::uint64_t lines, std::uint64_t channels) {
  return {(piece + block) % channels,
          (block * (kBlockPieces / channels) + piece / channels) * lines};
}

// The trees that a legal FFFIN or FFFOUT names.
TreeShape tree_shape(const Instruction& instruction);

// No trees: what the last FFFIN walked before there was one.
inline constexpr TreeShape kNoTrees{.trees = 0};

// Follows a program: `walked` are the trees of the last FFFIN before the legal `instruction`, from
// its start on, and afterwards those with it. False for an FFFOUT of any others, which is illegal.
bool follow_trees(const Instruction& instruction, TreeShape& walked);

// What nodes have, tree after tree, each in heap order: the children of node n are 2n + 1 and
// 2n + 2. FFFIN's image for one channel: trits = nodes x columns, a bias (fix) each.
std::vector<std::byte> pack_tree_in(const TreeShape& shape, std::span<const std::int8_t> trits,
                                    std::uint32_t columns, std::span<const std::int32_t> biases);
void unpack_tree_in(std::span<const std::byte> image, const TreeShape& shape, std::uint32_t columns,
                    std::span<std::int8_t> trits, std::span<std::int32_t> biases);
// FFFOUT's: trits = nodes x rows, the row of the second matrix that belongs to each node.
std::vector<std::byte> pack_tree_out(const TreeShape& shape, std::span<const std::int8_t> trits,
                                     std::uint32_t rows);
void unpack_tree_out(std::span<const std::byte> image, const TreeShape& shape, std::uint32_t rows,
                     std::span<std::int8_t> trits);

// What channel `channel` of `channels` holds of FFFIN's matrix. Of FFFOUT's it is channel_part of
// its records, which take kLineBytes * q8_lines(rows) each.
void tree_in_part(std::span<const std::byte> image, std::uint32_t columns, unsigned channel,
                  unsigned channels, std::vector<std::byte>& part);

}  // namespace sterna
