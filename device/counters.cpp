// SPDX-License-Identifier: Apache-2.0
#include "device/counters.h"

namespace sterna {

Counters read_counters(Device& device) {
  Counters counters;
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    const std::uint64_t low = device.read_register(kCounters[i].offset);
    counters.values[i] = low | std::uint64_t{device.read_register(kCounters[i].offset + 4)} << 32;
  }
  return counters;
}

}  // namespace sterna
