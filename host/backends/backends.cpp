// SPDX-License-Identifier: Apache-2.0
#include "host/backends/backends.h"

#include "host/replay/replayed_device.h"
#include "host/serial/serial_device.h"
#include "host/xrt/emulation.h"
#include "host/xrt/restart.h"
#include "host/xrt/xrt_device.h"
#include "isa/generated/configurations.h"
#include "sim/dram/dram_timing.h"
#include "sim/golden/golden_device.h"
#include "sim/platform/memory_model.h"
#include "sim/rtl/rtl_device.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::backends {
namespace {

// Of a channel, where nobody says how much is needed. Only what is touched takes space, but all of
// it takes addresses.
constexpr std::uint64_t kCardBytes = std::uint64_t{16} << 30;

std::unique_ptr<SteppedDevice> make_golden(const BackendOptions& options) {
  golden::GoldenOptions golden;
  golden.memory_bytes = options.memory_bytes.value_or(kCardBytes);
  golden.shape.channels = options.channels;
  golden.shape.lanes = options.lanes;
  if (options.channels > kBlockPieces) golden.shape.trees = 0;
  if (const auto& like = options.like) {
    golden.shape = {like->vector_length, like->registers, like->rom_depth,
                    like->channels,      like->lanes,     like->fff};
  }
  golden.observer = options.steps;
  return golden::make_golden_device(golden);
}

std::unique_ptr<SteppedDevice> make_rtl(const BackendOptions& options) {
  rtl::RtlOptions rtl;
  rtl.configuration = options.configuration;
  const platform::MemoryModel memory = platform::parse_memory_model(options.memory);
  const Configuration* configuration = find_configuration(options.configuration);
  const unsigned ports = configuration == nullptr ? 1 : configuration->capabilities.channels;
  if (memory.timed) rtl.platform = platform::ddr4_platform(memory.memory);
  rtl.memory_bytes = options.memory_bytes.value_or(
      memory.timed ? platform::port_bytes(memory.memory, ports) : kCardBytes);
  rtl.lockstep = options.lockstep;
  rtl.observer = options.observer;
  rtl.wave = options.wave;
  rtl.record = options.record;
  return rtl::make_rtl_device(rtl);
}

std::unique_ptr<Device> make_xrt(const BackendOptions& options) {
  std::string xclbin = options.xclbin;
  if (xclbin.empty() && options.emulate) {
    xclbin = card::write_emulation_xclbin(card::emulation_folder(), options.configuration,
                                          options.memory,
                                          options.memory_bytes.value_or(xclbin::kMaxBankBytes));
  }
  if (xclbin.empty()) {
    throw Error("the xrt backend needs --xclbin FILE for a card, or --emulate");
  }
  return card::make_xrt_device({xclbin, options.card, options.emulate});
}

std::unique_ptr<Device> make_serial(const BackendOptions& options) {
  if (options.port.empty()) {
    throw Error(
        "the serial backend needs --port (of serve --serial-port), such as /dev/ttyUSB0 (`sterna "
        "devices` lists them)");
  }
  return serial::make_serial_device(options.port);
}

void check_memory(const BackendOptions& options) {
  const bool timed = platform::parse_memory_model(options.memory).timed;
  if (timed && options.name != "rtl" && !options.emulate) {
    throw Error("memory ddr4 is for the backend rtl and for emulation");
  }
}

}  // namespace

std::unique_ptr<Device> make_device(const BackendOptions& options) {
  const bool hardware = options.name == "xrt" || options.name == "serial";
  if (!hardware || options.lockstep) return make_stepped_device(options);
  check_memory(options);
  return options.name == "xrt" ? make_xrt(options) : make_serial(options);
}

std::unique_ptr<SteppedDevice> make_stepped_device(const BackendOptions& options) {
  check_memory(options);
  if (options.name == "golden") return make_golden(options);
  if (options.name == "rtl") return make_rtl(options);
  const replay::ReplayOptions replay{.lockstep = options.lockstep, .progress = options.progress};
  if (options.name == "xrt") return replay::make_replayed_device(make_xrt(options), replay);
  if (options.name == "serial") return replay::make_replayed_device(make_serial(options), replay);
  throw Error("unknown backend {}: golden, rtl, xrt or serial", printable(options.name));
}

}  // namespace sterna::backends
