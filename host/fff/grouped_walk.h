// SPDX-License-Identifier: Apache-2.0
// Many inputs through the trees of a layer at once.
//
// Samples that came to the same node go on together: its rows and its children's are read once for
// all of them, depth first, so that the samples themselves stay in the cache once they are few.
// Where they are many, they take the upper levels in parts that fit there, and are sorted then:
// each is read from memory twice.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "host/fff/shape.h"

namespace sterna::fff {

inline constexpr std::size_t kTileSamples = 4;  // samples that a kernel takes together, at most
inline constexpr unsigned kMaxTileLevels = 3;   // levels of a tree whose nodes it takes together
inline constexpr std::size_t kMaxTileRows = (std::size_t{1} << kMaxTileLevels) - 1;

// Samples by their numbers.
using Ids = std::span<std::uint32_t>;

// The nodes of a few levels from one on, in heap order, for some samples that have come there.
struct Tile {
  std::span<const std::uint32_t> samples;  // 1..kTileSamples
  std::span<const std::uint32_t> next;     // that will be asked for soon: as many
  std::span<const std::size_t> nodes;      // of all trees: 1, 3 or 7
  unsigned levels;
};

// Layer gives what a node computes:
//   using Sum = ..;                                  what a node sums up
//   using Logit = ..;                                what is kept of it
//   std::size_t sample_bytes() const;                of one input
//   void meet(Ids);                                  which come up for the first time
//   void sums(const Tile&, Sum* sums) const;         [sample][node]
//   Logit logit(std::uint32_t sample, std::size_t node, Sum) const;
//   bool right(std::uint32_t sample, std::size_t node, Logit) const;
//   void prefetch(std::size_t node) const;           which will be asked for soon
//   void arrive(std::size_t tree, std::size_t leaf, Ids, GroupedWalk&);
// which gets the samples of each leaf, numbered from the left from 0, once a tree.
template <typename Layer>
class GroupedWalk {
 public:
  using Logit = typename Layer::Logit;
  using Sum = typename Layer::Sum;

  GroupedWalk(const Shape& shape, Layer& layer, std::size_t samples)
      : shape_(shape),
        layer_(layer),
        numbers_(3 * samples),
        ids_(Ids(numbers_).first(samples)),
        scratch_(Ids(numbers_).subspan(samples, samples)),
        nodes_(Ids(numbers_).last(samples)),
        logits_(samples * shape.levels()) {}

  void run() {
    for (tree_ = 0; tree_ < shape_.trees; ++tree_) {
      std::iota(ids_.begin(), ids_.end(), 0u);
      walk(0, 0, ids_);
    }
  }

  // The logits on a sample's path through the tree that it is in, root first.
  std::span<const Logit> logits(std::uint32_t sample) const {
    return std::span(logits_).subspan(sample * shape_.levels(), shape_.levels());
  }

 private:
  // What samples may take of a core's own cache, beside the rows.
  static constexpr std::size_t kCacheBytes = std::size_t{1} << 20;
  static constexpr std::size_t kMaxSortLevels = 6;  // even
  // From the samples that a kernel takes to those that it prefetches, at least a tile.
  static constexpr std::size_t kAheadBytes = std::size_t{1} << 13;

  // `ids` have come to `node`, which is `level` levels below the root: on to their leaves.
  void walk(std::size_t node, std::size_t level, Ids ids) {
    const std::size_t most = std::max(kTileSamples, kCacheBytes / layer_.sample_bytes());
    const bool met = tree_ != 0 || level != 0;
    if (ids.size() <= most) {
      if (!met) layer_.meet(ids);
      return descend(node, level, ids, shape_.levels());
    }
    std::size_t stop = level;
    while (stop < shape_.levels() && stop - level < kMaxSortLevels &&
           ids.size() >> (stop - level) > most / 2)
      ++stop;
    if ((stop - level) % 2 != 0 && stop < shape_.levels()) ++stop;  // levels are taken in twos
    for (std::size_t at = 0; at < ids.size(); at += most / 4) {
      const Ids part = ids.subspan(at, std::min(most / 4, ids.size() - at));
      if (!met) layer_.meet(part);
      descend(node, level, part, stop);
    }
    if (stop == shape_.levels()) return;
    const std::size_t first = ((node + 1) << (stop - level)) - 1;
    const auto starts = sort<std::size_t{1} << kMaxSortLevels>(
        ids, [&](std::uint32_t id) { return nodes_[id] - first; });
    for (std::size_t g = 0; g + 1 < starts.size(); ++g) {
      if (starts[g] != starts[g + 1])
        walk(first + g, stop, ids.subspan(starts[g], starts[g + 1] - starts[g]));
    }
  }

  // Sorts ids by their group, below kGroups, each group in its old order. Gives where each begins.
  template <std::size_t kGroups, typename GroupOf>
  std::array<std::size_t, kGroups + 1> sort(Ids ids, GroupOf group_of) {
    std::array<std::size_t, kGroups + 1> starts{};
    for (const std::uint32_t id : ids) ++starts[group_of(id) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    auto next = starts;
    for (const std::uint32_t id : ids) scratch_[next[group_of(id)]++] = id;
    std::copy_n(scratch_.begin(), ids.size(), ids.begin());
    return starts;
  }

  // The same, where they fit into the cache, and only to the level `stop`: nodes_ has then where
  // they are.
  void descend(std::size_t node, std::size_t level, Ids ids, std::size_t stop) {
    if (level == stop) {
      for (const std::uint32_t id : ids) nodes_[id] = static_cast<std::uint32_t>(node);
      return;
    }
    // Alone, a sample waits for memory more than for products, some of which may be in vain.
    const auto levels = static_cast<unsigned>(
        std::min<std::size_t>(stop - level, ids.size() == 1 ? kMaxTileLevels : 2));
    const std::size_t rows = (std::size_t{1} << levels) - 1;
    const bool last = level + levels == shape_.levels();  // a leaf's decision leads nowhere
    compute(node, level, levels, last, ids);
    const auto starts = sort<kMaxTileRows + 1>(ids, [&](std::uint32_t id) { return nodes_[id]; });
    // Where they go on is known: the rows of these nodes, and of those below them.
    const std::size_t tree_nodes = tree_ * shape_.nodes_of_tree();
    if (level + levels < stop && ids.size() > 1) {
      for (std::size_t g = 0; g <= rows; ++g) {
        if (starts[g] == starts[g + 1]) continue;
        const std::size_t next_node = ((node + 1) << levels) - 1 + g;
        layer_.prefetch(tree_nodes + next_node);
        if (level + levels + 1 < stop) {
          layer_.prefetch(tree_nodes + 2 * next_node + 1);
          layer_.prefetch(tree_nodes + 2 * next_node + 2);
        }
      }
    }
    for (std::size_t g = 0; g <= rows; ++g) {
      const Ids group = ids.subspan(starts[g], starts[g + 1] - starts[g]);
      if (group.empty()) continue;
      const std::size_t next_node = ((node + 1) << (levels - last)) - 1 + g;
      if (last) {
        layer_.arrive(tree_, next_node - ((std::size_t{1} << shape_.depth) - 1), group, *this);
      } else {
        descend(next_node, level + levels, group, stop);
      }
    }
  }

  // The logits of `ids` at `node` and the levels below it; nodes_ becomes which of its descendants
  // each has come to, counted from the left.
  void compute(std::size_t node, std::size_t level, unsigned levels, bool last, Ids ids) {
    const std::size_t rows = (std::size_t{1} << levels) - 1, all_levels = shape_.levels();
    std::array<std::size_t, kMaxTileRows> tile_nodes{};
    for (std::size_t d = 0, r = 0; d < levels; ++d) {
      for (std::size_t i = 0; i < std::size_t{1} << d; ++i) {
        tile_nodes[r++] = tree_ * shape_.nodes_of_tree() + ((node + 1) << d) - 1 + i;
      }
    }
    std::array<Sum, kTileSamples * kMaxTileRows> sums;
    const std::uint32_t* const end = ids_.data() + ids_.size();
    const std::size_t ahead = std::max(kTileSamples, kAheadBytes / layer_.sample_bytes());
    for (std::size_t at = 0; at < ids.size(); at += kTileSamples) {
      const std::size_t count = std::min(kTileSamples, ids.size() - at);
      // What follows the group is mostly what is wanted behind it.
      const std::uint32_t* const tile = ids.data() + at;
      const auto left = static_cast<std::size_t>(end - tile);
      layer_.sums({{tile, count},
                   {tile + std::min(ahead, left - count), count},
                   std::span(tile_nodes).first(rows),
                   levels},
                  sums.data());
      for (std::size_t s = 0; s < count; ++s) {
        const std::uint32_t id = tile[s];
        Logit* kept = &logits_[id * all_levels + level];
        std::size_t r = 0;
        for (unsigned d = 0; d < levels; ++d) {
          kept[d] = layer_.logit(id, tile_nodes[r], sums[s * rows + r]);
          r = 2 * r + 1 + layer_.right(id, tile_nodes[r], kept[d]);
        }
        nodes_[id] = static_cast<std::uint32_t>((r - rows) >> last);
      }
    }
  }

  const Shape& shape_;
  Layer& layer_;
  std::size_t tree_ = 0;
  std::vector<std::uint32_t> numbers_;
  Ids ids_, scratch_, nodes_;  // of the samples each
  std::vector<Logit> logits_;  // [samples, levels]
};

}  // namespace sterna::fff
