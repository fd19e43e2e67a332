// SPDX-License-Identifier: Apache-2.0
// A Fast Feedforward layer in single precision.
#pragma once

#include <cstdint>
#include <span>

#include "host/fff/aligned_array.h"
#include "host/fff/float_kernels.h"
#include "host/fff/shape.h"

namespace sterna::fff {

class FloatLayer {
 public:
  // input: [nodes, inputs], a tree's nodes behind one another; bias: [nodes], or empty for none;
  // output: as `layout` says. All are copied. kernels: those of another instruction set, for tests
  // and comparisons. Throws Error where a size does not fit the shape.
  FloatLayer(const Shape& shape, Activation activation, std::span<const float> input,
             std::span<const float> bias, std::span<const float> output, OutputLayout layout,
             const FloatKernels& kernels = chosen_float_kernels());

  const Shape& shape() const { return shape_; }
  const FloatKernels& kernels() const { return *kernels_; }

  // y [n, outputs] from x [n, inputs], any n. leaves: empty, or [n, trees], which takes the leaf
  // that an input came to, numbered from the left from 0. threads: how many may work at it. An
  // input's path and result do not depend on those beside it. Logits are single precision: where
  // one is within rounding of zero, another order of summation may choose the other child.
  void forward(std::span<const float> x, std::span<float> y, std::span<std::uint32_t> leaves = {},
               unsigned threads = 1) const;

 private:
  friend class FloatWalk;

  // forward() of one input.
  void forward_alone(const float* x, float* y, std::uint32_t* leaves) const;

  const float* input_row(std::size_t node) const { return input_.get() + node * input_stride_; }
  const float* output_row(std::size_t node) const { return output_.get() + node * output_stride_; }

  Shape shape_;
  Activation activation_;
  const FloatKernels* kernels_;
  std::size_t input_stride_, output_stride_;
  AlignedArray<float> input_, output_;  // a row a node, filled up with zeros
  AlignedArray<float> bias_;
};

}  // namespace sterna::fff
