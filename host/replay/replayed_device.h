// SPDX-License-Identifier: Apache-2.0
// A device that can only run programs to their end, such as a board or a card, behind the interface
// of one that is stepped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "device/stepped_device.h"

namespace sterna::replay {

struct ReplayOptions {
  // Compare what every instruction wrote with golden.
  bool lockstep = false;
  // Of golden beside it, of each channel; only what is touched takes space.
  std::uint64_t memory_bytes = std::uint64_t{16} << 30;
  // While a program is compared: how many instructions have been; 0 when it has ended.
  std::function<void(std::uint64_t compared)> progress{};
};

// Registers are zero at first, as golden's. step() lets golden alone go on, and the device is
// brought to the same place when something of it is looked at (host/replay/replay.h); scales are
// golden's. A program that ends has been run by the device as it stands, and how it ended, memory
// and counters must be golden's. Beyond Device's errors, step() and wait() throw Error at the first
// difference.
std::unique_ptr<SteppedDevice> make_replayed_device(std::unique_ptr<Device> device,
                                                    const ReplayOptions& options = {});

}  // namespace sterna::replay
