// SPDX-License-Identifier: Apache-2.0
// A board behind a serial port, as a Device.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "device/device.h"
#include "host/serial/link.h"

namespace sterna::serial {

// Throws Error as Port and Link do, and when the board still runs a program that another process
// began. Writes of registers go out together, at the next call of anything else.
std::unique_ptr<Device> make_serial_device(const std::string& port, const Patience& patience = {});

// Ports of this machine that may have a board behind them, by their names in /dev.
std::vector<std::string> serial_ports();

}  // namespace sterna::serial
