// SPDX-License-Identifier: Apache-2.0
#include "device/counters.h"

#include <algorithm>
#include <functional>

namespace sterna {

Counters operator+(const Counters& a, const Counters& b) {
  Counters sum;
  std::transform(a.values.begin(), a.values.end(), b.values.begin(), sum.values.begin(),
                 std::plus<>());
  return sum;
}

Counters read_counters(Device& device) {
  Counters counters;
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    const std::uint64_t low = device.read_register(kCounters[i].offset);
    counters.values[i] = low | std::uint64_t{device.read_register(kCounters[i].offset + 4)} << 32;
  }
  return counters;
}

}  // namespace sterna
