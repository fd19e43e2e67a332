// SPDX-License-Identifier: Apache-2.0
// SystemC's time here is in femtoseconds, in which neither clock is a whole number: cycle n begins
// at the instant rounded down, so that nothing drifts. At 300 MHz every edge of the core's clock
// is an edge of the memory's.
#pragma once

#include <cstdint>
#include <systemc>

#include "sim/dram/ddr4_timing.h"

namespace sterna::platform {

static_assert(dram::kMemoryClockKhz == 1'200'000);

// Start of a cycle of the 1,200 MHz memory clock, and the cycle that an instant lies in.
constexpr std::uint64_t memory_cycle_fs(std::uint64_t cycle) { return cycle * 2'500'000 / 3; }
constexpr std::uint64_t memory_cycle_at(std::uint64_t fs) { return (fs * 3 + 2) / 2'500'000; }

inline std::uint64_t now_fs() { return sc_core::sc_time_stamp().value(); }
inline sc_core::sc_time time_fs(std::uint64_t fs) { return sc_core::sc_time::from_value(fs); }

}  // namespace sterna::platform
