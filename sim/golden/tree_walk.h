// SPDX-License-Identifier: Apache-2.0
// FFFIN and FFFOUT on one lane: the trees of a Fast Feedforward layer (docs/numerics.md).
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "isa/trees.h"
#include "sim/golden/ternary_product.h"

namespace sterna::golden {

// FFFIN: one lane's way through all trees.
class TreeWalk {
 public:
  // The lines of a piece of a block: its groups of rows, then its biases; null when memory answers
  // with an error.
  using Piece = std::function<const std::uint8_t*(std::uint64_t block, std::uint32_t piece)>;

  // Writes the logits to `out`, four for each block of each tree's path, and to `records` what
  // FFFOUT has to read for that block. All must outlive this.
  TreeWalk(const TreeShape& trees, TernaryProduct& product, std::span<std::uint32_t> records,
           std::int32_t* out)
      : trees_(trees), product_(product), records_(records), out_(out) {}

  // False when memory answered with an error.
  bool run(const Piece& piece);

  // Did a logit have to be clamped when its bias was added?
  bool saturated() const { return saturated_; }

 private:
  // Goes through a block's levels, which memory has zeros for where the block lacks them, and gives
  // the four decisions, the first one highest; nothing below zero, or -1 for an error.
  int block(std::uint64_t number, std::int32_t* out, const Piece& piece);

  const TreeShape trees_;
  TernaryProduct& product_;
  std::span<std::uint32_t> records_;
  std::int32_t* out_;
  bool saturated_ = false;
};

// FFFOUT: adds to each output the four nodes of a record, each times its element of `q`.
void add_record(const std::uint8_t* record, std::span<const std::int8_t> q,
                std::span<std::int32_t> sums);

}  // namespace sterna::golden
