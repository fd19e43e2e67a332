// SPDX-License-Identifier: Apache-2.0
// What every kind of layer does: checks of its arguments, and work in several threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>
#include <vector>

#include "host/fff/shape.h"
#include "support/error.h"

namespace sterna::fff {

inline void check_size(const char* what, std::size_t size, std::size_t wanted) {
  if (size != wanted) throw Error("FFF layer: {} has {} numbers, not {}", what, size, wanted);
}

// The shape, or an Error.
inline const Shape& checked(const Shape& shape) {
  if (shape.inputs == 0 || shape.outputs == 0 || shape.trees == 0)
    throw Error("FFF layer: no inputs, outputs or trees");
  if (shape.depth > kMaxDepth)
    throw Error("FFF layer: depth {} is beyond {}", shape.depth, kMaxDepth);
  return shape;
}

// Calls part(begin, end) for parts of so many samples, each in a thread of its own.
template <typename Part>
void in_parts(std::size_t samples, unsigned threads, Part&& part) {
  const std::size_t parts = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(1, samples));
  std::vector<std::jthread> others;
  for (std::size_t p = 1; p < parts; ++p)
    others.emplace_back(part, samples * p / parts, samples * (p + 1) / parts);
  part(0, samples / parts);
}

}  // namespace sterna::fff
