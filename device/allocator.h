// SPDX-License-Identifier: Apache-2.0
// Hands out ranges of device memory; shared by the backends that own their memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace sterna {

// First fit in regions of byte addresses, one region a DDR4 channel; every allocation starts on 4
// KiB, so that no two allocations share a DRAM page or an AXI burst.
class Allocator {
 public:
  static constexpr std::uint64_t kAlignment = 4096;

  struct Region {
    std::uint64_t base = 0;   // multiple of kAlignment
    std::uint64_t bytes = 0;  // rounded down to whole pages
  };

  // regions[c] is channel c's memory.
  explicit Allocator(const std::vector<Region>& regions);

  // The address of `bytes` fresh bytes (at least one page is taken); throws Error when the channel
  // does not exist or has no gap that is large enough.
  std::uint64_t alloc(std::uint64_t bytes, unsigned channel);

  // Throws Error when `address` is not what alloc returned, or was freed already.
  void free(std::uint64_t address);

  // Throws Error, with `action` in its text, unless [address, address + bytes) lies inside one live
  // allocation.
  void check(const char* action, std::uint64_t address, std::uint64_t bytes) const;

 private:
  struct Block {
    std::uint64_t bytes = 0;  // as asked for
    std::uint64_t pages_end = 0;
  };
  std::vector<Region> regions_;
  std::map<std::uint64_t, Block> blocks_;  // live allocations by address
};

}  // namespace sterna
