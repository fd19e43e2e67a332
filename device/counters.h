// SPDX-License-Identifier: Apache-2.0
// The hardware's event counters.
#pragma once

#include <array>
#include <cstdint>

#include "device/device.h"
#include "isa/generated/isa.h"

namespace sterna {

// The hardware's counters after a program, in the order of kCounters; index with the enum.
struct Counters {
  std::array<std::uint64_t, kCounters.size()> values{};
  std::uint64_t operator[](Counter counter) const {
    return values[static_cast<std::size_t>(counter)];
  }
};
// Of several programs together.
Counters operator+(const Counters& a, const Counters& b);

Counters read_counters(Device& device);

}  // namespace sterna
