// SPDX-License-Identifier: Apache-2.0
// Memory behind simulated hardware, as --memory names it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/dram/dram_timing.h"
#include "sim/rtl/rtl_platform.h"

namespace sterna::platform {

// What a controller adds to the DRAM's own times: ports, queues' entry and exit, the PHY. By itself
// about what AMD's DDR4 controller takes, whose unloaded reads are 100 to 130 ns long. Cycles of
// the 1,200 MHz memory clock.
struct ControllerLatency {
  unsigned read = 96;   // beside the DRAM: 80 ns
  unsigned write = 48;  // to the response of a posted write
};

struct TimedMemory {
  std::string_view name = "ddr4";
  dram::DramTiming timing{};
  ControllerLatency latency{};
  bool shared = false;  // one channel for all ports, each with its part of it; else one for each
};

struct MemoryModel {
  bool timed = false;  // a DRAM's timing, and PCIe's; else a fixed latency
  TimedMemory memory{};
};

inline constexpr unsigned kMaxControllerNs = 10'000;
inline constexpr const char* kMemoryModels =
    "fast, ddr4 (DDR4-2400), hbm (a pseudo-channel of HBM2); behind the last two :shared, "
    ":latency=Nns or :shared:latency=Nns";

// One of kMemoryModels, with N up to kMaxControllerNs: the controller takes so long for a read
// beside the DRAM, and half of that to a posted write's response. Throws Error.
MemoryModel parse_memory_model(const std::string& text);

// What one of so many ports has of timed memory, in bytes.
std::uint64_t port_bytes(const TimedMemory& memory, unsigned ports);

// A factory for the timed platform.
rtl::PlatformFactory ddr4_platform(const TimedMemory& memory);

}  // namespace sterna::platform
