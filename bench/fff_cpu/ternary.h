// SPDX-License-Identifier: Apache-2.0
// The ternary layer for bench_fff: random trits, inputs of its own, results checked.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "host/fff/aligned_array.h"
#include "host/fff/ternary_layer.h"

namespace sterna::bench {

class TernaryBench {
 public:
  // n inputs: x in fixed point, normal. Throws Error where a result of the layer is not the
  // numerics'.
  TernaryBench(std::mt19937& random, const fff::Shape& shape, std::size_t n, unsigned threads);

  // From int8 inputs, and from fixed point, which is quantised on the way; for each set of kernels.
  // They refer to this.
  std::vector<std::pair<std::string, std::function<void()>>> runs();
  std::span<const std::uint32_t> leaves() const { return leaves_; }

 private:
  void check(std::size_t sample) const;

  fff::Shape shape_;
  unsigned threads_;
  std::vector<std::int8_t> input_, output_;
  std::vector<numerics::fix> bias_;
  std::vector<fff::TernaryLayer> layers_;
  fff::AlignedArray<numerics::fix> inputs_, outputs_;
  fff::AlignedArray<std::int8_t> quantised_;
  std::span<numerics::fix> x_, y_;  // these, whole
  std::span<std::int8_t> q_;
  std::vector<std::uint32_t> amax_, leaves_;
};

}  // namespace sterna::bench
