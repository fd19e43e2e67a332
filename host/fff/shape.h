// SPDX-License-Identifier: Apache-2.0
// Fast Feedforward (FFF) layers: their shape, and what the two kinds of layer share.
//
// A layer is K trees of depth D. A tree is a complete binary one of 2^(D+1) - 1 nodes, numbered by
// levels from the root, 0: the children of n are 2n + 1 and 2n + 2. Each node has a row of input
// weights, a bias and a row of output weights. An input visits D + 1 nodes of each tree: from the
// root on, right where the node's logit (row . x + bias) is above zero, else left. The output is
// the sum over all visited nodes, of all trees, of activation(logit) times the node's output row.
// (Belcak, Wattenhofer: Exponentially Faster Language Modelling, arXiv 2311.10770.)
//
// The published code does not agree with itself; this is what its training and its CUDA kernel do:
// a tie goes left, and a node has a bias.
#pragma once

#include <cstddef>

namespace sterna::fff {

struct Shape {
  std::size_t inputs = 0, outputs = 0;
  std::size_t trees = 1;
  unsigned depth = 0;

  std::size_t levels() const { return depth + 1; }
  std::size_t nodes_of_tree() const { return (std::size_t{2} << depth) - 1; }
  std::size_t nodes() const { return trees * nodes_of_tree(); }
};

inline constexpr unsigned kMaxDepth = 20;

// GELU is the exact one, x Phi(x).
enum class Activation { kNone, kRelu, kSilu, kGelu };

// How the output weights are given: [outputs, nodes], as training stores them, or [nodes, outputs].
enum class OutputLayout { kOutputsByNodes, kNodesByOutputs };

}  // namespace sterna::fff
