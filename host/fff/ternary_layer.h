// SPDX-License-Identifier: Apache-2.0
// A Fast Feedforward layer in the machine's arithmetic: what FFFIN, an activation, QUANT and FFFOUT
// compute (docs/numerics.md), bit for bit. Inputs are int8 with a scale, weights ternary, results
// 32-bit fixed point with 24 fractional bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/fff/aligned_array.h"
#include "host/fff/shape.h"
#include "host/fff/ternary_kernels.h"
#include "isa/numerics.h"

namespace sterna::fff {

// What a layer is made of; all is copied.
struct TernaryWeights {
  std::span<const std::int8_t> input;   // [nodes, inputs] of -1, 0, 1: a tree's nodes together
  std::span<const numerics::fix> bias;  // [nodes], or empty for none
  std::span<const std::int8_t> output;  // as `layout` says
  OutputLayout layout = OutputLayout::kOutputsByNodes;
  std::uint32_t input_scale = 0;  // as TMATMUL's immediate
  std::uint32_t output_scale = 0;
};

class TernaryLayer {
 public:
  // power: logits are held times 2^power, as SILUP's and GELU's immediate has it. kernels: those of
  // another instruction set, for tests and comparisons. Throws Error where a size does not fit the
  // shape, a weight is none of -1, 0, 1, or a scale is no legal immediate.
  TernaryLayer(const Shape& shape, Activation activation, int power, const TernaryWeights& weights,
               const TernaryKernels& kernels = chosen_ternary_kernels());

  const Shape& shape() const { return shape_; }
  const TernaryKernels& kernels() const { return *kernels_; }

  // y [n, outputs] from q [n, inputs], whose scales are amax [n]: what QUANT makes of n vectors.
  // leaves: empty, or [n, trees], which takes the leaf that an input came to, numbered from the
  // left from 0. threads: how many may work at it.
  void forward(std::span<const std::int8_t> q, std::span<const std::uint32_t> amax,
               std::span<numerics::fix> y, std::span<std::uint32_t> leaves = {},
               unsigned threads = 1) const;

 private:
  friend class TernaryWalk;

  // forward() of one vector in the layout of the rows, whose path has kMostSingleNodes at most.
  void forward_alone(const std::int8_t* q, std::uint32_t amax, numerics::fix* y,
                     std::uint32_t* leaves) const;

  // Rows of bytes, each a trit plus one, aligned and filled up with zero trits.
  class Rows {
   public:
    Rows(std::size_t count, std::size_t columns);
    std::size_t stride() const { return stride_; }
    std::uint8_t* operator[](std::size_t row) { return bytes_.get() + row * stride_; }
    const std::uint8_t* operator[](std::size_t row) const { return bytes_.get() + row * stride_; }

   private:
    std::size_t stride_;
    AlignedArray<std::uint8_t> bytes_;
  };

  Shape shape_;
  Activation activation_;
  int power_;
  const TernaryKernels* kernels_;
  numerics::WeightScale input_scale_, output_scale_;
  Rows input_, output_;              // with a row of zeros behind the last
  std::vector<numerics::fix> bias_;  // [nodes]
  // A sum times its sample's multiplier goes right above it, [nodes].
  std::vector<std::int64_t> thresholds_;
};

// QUANT of n vectors: q [n, length] and amax [n] from x [n, length].
void quantise(std::span<const numerics::fix> x, std::span<std::int8_t> q,
              std::span<std::uint32_t> amax);

}  // namespace sterna::fff
