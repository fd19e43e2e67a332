// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/channel_regions.h"

#include "support/error.h"

namespace sterna::golden {

std::vector<Allocator::Region> channel_regions(unsigned channels, std::uint64_t bytes) {
  if (channels > 1 && bytes % Allocator::kAlignment != 0) {
    throw Error("memory: {} bytes a channel are not a multiple of {}", bytes,
                Allocator::kAlignment);
  }
  std::vector<Allocator::Region> regions;
  for (unsigned c = 0; c < channels; ++c) regions.push_back({.base = c * bytes, .bytes = bytes});
  return regions;
}

}  // namespace sterna::golden
