// SPDX-License-Identifier: Apache-2.0
// Where the memories of a simulated machine's channels lie.
#pragma once

#include <cstdint>
#include <vector>

#include "device/allocator.h"

namespace sterna::golden {

// Channel c's `bytes` bytes begin at c * bytes, so that one simulated memory holds them all and an
// address says which channel it belongs to. Throws Error when several channels would not begin on
// a page.
std::vector<Allocator::Region> channel_regions(unsigned channels, std::uint64_t bytes);

}  // namespace sterna::golden
