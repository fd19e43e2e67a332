// SPDX-License-Identifier: Apache-2.0
#include "device/allocator.h"

#include <algorithm>

#include "support/error.h"

namespace sterna {

Allocator::Allocator(const std::vector<Region>& regions) : regions_(regions) {
  for (Region& region : regions_) region.bytes -= region.bytes % kAlignment;
}

std::uint64_t Allocator::alloc(std::uint64_t bytes, unsigned channel) {
  if (channel >= regions_.size()) {
    throw Error("alloc: channel {} does not exist (the device has {})", channel, regions_.size());
  }
  const Region& region = regions_[channel];
  const std::uint64_t end = region.base + region.bytes;
  if (bytes <= region.bytes) {
    const std::uint64_t need =
        std::max<std::uint64_t>(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
    std::uint64_t at = region.base;
    for (auto it = blocks_.lower_bound(region.base); it != blocks_.end() && it->first < end; ++it) {
      if (it->first - at >= need) break;
      at = it->second.pages_end;
    }
    if (end - at >= need) {
      blocks_[at] = {bytes, at + need};
      return at;
    }
  }
  throw Error("alloc: {} bytes do not fit in channel {} ({} bytes in all)", bytes, channel,
              region.bytes);
}

void Allocator::free(std::uint64_t address) {
  if (blocks_.erase(address) == 0) throw Error("free: {:#x} is not an allocation", address);
}

void Allocator::check(const char* action, std::uint64_t address, std::uint64_t bytes) const {
  auto it = blocks_.upper_bound(address);
  if (it != blocks_.begin()) {
    --it;
    const std::uint64_t offset = address - it->first;
    if (offset <= it->second.bytes && bytes <= it->second.bytes - offset) return;
  }
  throw Error("{}: {} bytes at {:#x} are outside every allocation", action, bytes, address);
}

}  // namespace sterna
