// SPDX-License-Identifier: Apache-2.0
// The golden model behind the device interface: the same register map as the hardware, no time.
#pragma once

#include <cstdint>
#include <memory>

#include "device/stepped_device.h"
#include "sim/golden/golden_machine.h"

namespace sterna::golden {

struct GoldenOptions {
  std::uint64_t memory_bytes = std::uint64_t{16}
                               << 30;  // of each channel; only what is touched takes space
  GoldenMachine::Shape shape{};
  StepObserver observer{};  // called after every instruction, when set
};

// Channel c's memory is the c-th `memory_bytes` of the address space. run() executes the program to
// its end; what does not depend on cycles counts (kCountedBySteps), all other counters read 0.
std::unique_ptr<SteppedDevice> make_golden_device(const GoldenOptions& options);

}  // namespace sterna::golden
