// SPDX-License-Identifier: Apache-2.0
// What every kind of layer does: checks of its arguments, and work in several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "host/fff/aligned_array.h"
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

// Outputs that no cache of a core will hold go past it.
inline constexpr std::size_t kStreamBytes = std::size_t{1} << 20;

// What went past the caches is to be seen by whoever sees what this thread does next: a release
// alone does not wait for it.
inline void streamed() { std::atomic_thread_fence(std::memory_order_seq_cst); }

inline void prefetch_lines(const void* first, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += kLineBytes) {
    __builtin_prefetch(static_cast<const char*>(first) + at, 0, 3);
  }
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
