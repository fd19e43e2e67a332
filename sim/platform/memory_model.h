// SPDX-License-Identifier: Apache-2.0
// Memory behind simulated hardware, as --memory names it.
#pragma once

#include <string>

#include "sim/rtl/rtl_platform.h"

namespace sterna::platform {

// What a controller adds to the DRAM's own times: ports, queues' entry and exit, the PHY. By itself
// about what AMD's DDR4 controller takes, whose unloaded reads are 100 to 130 ns long. Cycles of
// the 1,200 MHz memory clock.
struct ControllerLatency {
  unsigned read = 96;   // beside the DRAM: 80 ns
  unsigned write = 48;  // to the response of a posted write
};

struct MemoryModel {
  bool timed = false;  // DDR4's timing, and PCIe's; else a fixed latency
  ControllerLatency latency;
};

inline constexpr unsigned kMaxControllerNs = 10'000;
inline constexpr const char* kMemoryModels = "fast, ddr4, ddr4:latency=Nns";

// "fast", "ddr4", or "ddr4:latency=Nns" with N up to kMaxControllerNs: the controller takes so long
// for a read beside the DRAM, and half of that to a posted write's response. Throws Error.
MemoryModel parse_memory_model(const std::string& text);

// A factory for the timed platform with that latency.
rtl::PlatformFactory ddr4_platform(const ControllerLatency& latency);

}  // namespace sterna::platform
