// SPDX-License-Identifier: Apache-2.0
// Devices by name: what --backend and --config choose.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "device/device.h"

namespace sterna {

class DeviceObserver;

struct BackendOptions {
  std::string name = "golden";         // golden, rtl, xrt
  std::string configuration = "demo";  // of rtl: rtl/config/NAME.f
  std::uint32_t channels = 1;          // of golden
  std::uint32_t lanes = 1;             // of golden
  DeviceObserver* observer = nullptr;  // of rtl
  bool lockstep = false;               // rtl: compare every instruction with golden
  std::uint64_t memory_bytes = 0;      // of each channel of golden and rtl; 0: as a card's
  std::string memory = "fast";         // rtl: fast, or ddr4 with its timing and PCIe's
  std::string xclbin{};                // xrt: file to load
  std::string card = "0";              // xrt: index, or PCIe address (BDF)
  bool emulate = false;  // xrt: hardware emulation, for which the environment is ready
};

// Throws Error for a backend or a configuration that does not exist, and what the backend throws.
std::unique_ptr<Device> make_device(const BackendOptions& options);

}  // namespace sterna
