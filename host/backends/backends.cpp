// SPDX-License-Identifier: Apache-2.0
#include "host/backends/backends.h"

#include <algorithm>

#include "host/xrt/xrt_device.h"
#include "sim/dram/ddr4_timing.h"
#include "sim/golden/golden_device.h"
#include "sim/platform/ddr4_platform.h"
#include "sim/rtl/rtl_device.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna {
namespace {

// Of a channel, where nobody says how much is needed. Only what is touched takes space, but all of
// it takes addresses.
constexpr std::uint64_t kCardBytes = std::uint64_t{16} << 30;

}  // namespace

std::unique_ptr<Device> make_device(const BackendOptions& options) {
  if (options.memory != "fast" && options.memory != "ddr4") {
    throw Error("unknown memory {}: fast or ddr4", printable(options.memory));
  }
  const bool timed = options.memory == "ddr4";
  if (timed && options.name != "rtl" && !options.emulate) {
    throw Error("memory ddr4 is for the backend rtl and for emulation");
  }
  const std::uint64_t bytes = options.memory_bytes == 0 ? kCardBytes : options.memory_bytes;
  if (options.name == "golden") {
    GoldenOptions golden;
    golden.memory_bytes = bytes;
    golden.shape.channels = options.channels;
    golden.shape.lanes = options.lanes;
    return make_golden_device(golden);
  }
  if (options.name == "rtl") {
    RtlOptions rtl;
    rtl.configuration = options.configuration;
    rtl.memory_bytes = timed ? std::min(bytes, kChannelBytes) : bytes;
    if (timed) rtl.platform = make_ddr4_platform;
    rtl.lockstep = options.lockstep;
    rtl.observer = options.observer;
    return make_rtl_device(rtl);
  }
  if (options.name == "xrt") {
    if (options.xclbin.empty()) {
      throw Error("the xrt backend needs --xclbin FILE for a card, or --emulate");
    }
    return make_xrt_device({options.xclbin, options.card, options.emulate});
  }
  throw Error("unknown backend {}: golden, rtl or xrt", printable(options.name));
}

}  // namespace sterna
