// SPDX-License-Identifier: Apache-2.0
// Devices by name: what --backend and --config choose.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "device/device.h"
#include "device/observer.h"
#include "device/stepped_device.h"
#include "host/ranks/ranks.h"
#include "sim/golden/simulator.h"

namespace sterna::backends {

struct BackendOptions {
  std::string name = "golden";  // golden, rtl, xrt, serial; cpu, cuda and float are engines only
  std::string configuration = "demo";  // of rtl: rtl/config/NAME.f
  std::uint32_t channels = 1;          // of golden
  std::uint32_t lanes = 1;             // of golden; of cpu, cuda and float: sequences
  unsigned threads = 0;                // of cpu; 0: one a processor
  std::optional<Capabilities> like{};  // golden: the hardware whose size it has in all things
  golden::StepObserver steps{};        // of golden
  DeviceObserver* observer = nullptr;  // of rtl
  bool lockstep = false;               // of hardware: compare every instruction with golden
  // xrt, serial with lockstep: gets how many were compared, and 0 at a program's end
  std::function<void(std::uint64_t compared)> progress{};
  std::string wave{};                           // rtl: waveform to write
  bool record = true;                           // into it, from power-up on
  std::optional<std::uint64_t> memory_bytes{};  // of each channel of what is no card; as a card's
  std::string memory = "fast";                  // rtl: parse_memory_model's
  std::string xclbin{};    // xrt: file to load; emulation makes one of configuration and memory
  std::string card = "0";  // xrt: index, or PCIe address (BDF)
  bool emulate = false;    // xrt: hardware emulation, for which the environment is ready
  std::string port{};      // serial: the board's port
  bool check = false;      // engines: compare every result with golden's
  ranks::Ranks* ranks = nullptr;  // of cpu: those that compute the model together; null: alone
};

// Throws Error for a backend or a configuration that does not exist, and what the backend throws.
std::unique_ptr<Device> make_device(const BackendOptions& options);

// The same, to be stepped. Cards and boards, which only run programs, run them again and again for
// that (host/replay).
std::unique_ptr<SteppedDevice> make_stepped_device(const BackendOptions& options);

}  // namespace sterna::backends
