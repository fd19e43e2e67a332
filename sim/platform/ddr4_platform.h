// SPDX-License-Identifier: Apache-2.0
// The timed platform: the hardware at its clock, a DDR4 channel behind each AXI port, the host
// behind PCIe. SystemC 2.3.4, TLM-2.0.
#pragma once

#include <memory>

#include "sim/platform/memory_model.h"
#include "sim/rtl/rtl_platform.h"

namespace sterna::platform {

// A factory for RtlOptions::platform. While the host transfers, the hardware's clock stands still:
// it is idle then, and would only cost simulation. Platforms may live side by side in a process,
// but all of them in one thread.
std::unique_ptr<rtl::RtlPlatform> make_ddr4_platform(const rtl::PlatformParts& parts,
                                                     const TimedMemory& options = {});

}  // namespace sterna::platform
