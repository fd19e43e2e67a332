// SPDX-License-Identifier: Apache-2.0
// One input's way through a tree: what GroupedWalk does, without the memory and the sorting that
// many inputs take.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "host/fff/grouped_walk.h"
#include "host/fff/shape.h"

namespace sterna::fff {

// What an input has of its way through all trees, root first, tree after tree: for as many nodes as
// fit here without memory from the heap.
inline constexpr std::size_t kMostSingleNodes = 512;

// Walks a tree, kLevels of it at a time, some of whose nodes are in vain: an input alone waits for
// memory, and for one node's decision after the other, more than for products.
//   sums(w, levels, sums): of 2^levels - 1 nodes' input rows w, in heap order
//   row(node): a node's input row; nodes are numbered through all trees
//   right(node, sum): where it goes on
// nodes and kept get the path and its sums. Returns the leaf, numbered from the left from 0.
template <unsigned kLevels, typename Sum, typename Sums, typename Row, typename Right>
std::size_t walk_alone(const Shape& shape, std::size_t tree, Sums&& sums, Row&& row, Right&& right,
                       std::uint32_t* nodes, Sum* kept) {
  static_assert(kLevels <= kMaxTileLevels);
  const std::size_t first = tree * shape.nodes_of_tree();
  std::size_t node = 0;
  for (std::size_t level = 0; level < shape.levels();) {
    const auto levels =
        static_cast<unsigned>(std::min<std::size_t>(kLevels, shape.levels() - level));
    std::array<decltype(row(std::size_t{})), kMaxTileRows> w;
    for (std::size_t d = 0, r = 0; d < levels; ++d) {
      const std::size_t leftmost = first + ((node + 1) << d) - 1;
      for (std::size_t i = 0; i < std::size_t{1} << d; ++i) w[r++] = row(leftmost + i);
    }
    std::array<Sum, kMaxTileRows> tile;
    sums(w.data(), levels, tile.data());
    for (unsigned d = 0, r = 0; d < levels; ++d, ++level) {
      nodes[level] = static_cast<std::uint32_t>(first + node);
      kept[level] = tile[r];
      const bool goes_right = right(first + node, tile[r]);
      r = 2 * r + 1 + goes_right;
      node = 2 * node + 1 + goes_right;
    }
  }
  return nodes[shape.depth] - first - ((std::size_t{1} << shape.depth) - 1);
}

}  // namespace sterna::fff
