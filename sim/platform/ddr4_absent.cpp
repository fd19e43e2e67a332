// SPDX-License-Identifier: Apache-2.0
// What stands in for the timed platform in a build without SystemC (STERNA_HOST_ONLY).
#include "sim/platform/ddr4_platform.h"
#include "support/error.h"

namespace sterna::platform {

std::unique_ptr<rtl::RtlPlatform> make_ddr4_platform(const rtl::PlatformParts&,
                                                     const TimedMemory&) {
  throw Error("this sterna was built without the simulated hardware (make host): make builds it");
}

}  // namespace sterna::platform
