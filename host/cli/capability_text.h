// SPDX-License-Identifier: Apache-2.0
// A device's capabilities, for people.
#pragma once

#include <string>

#include "device/device.h"

namespace sterna::cli {

// One line: "1 channel of 512 bits, 1 lane, 8 registers of 1024 elements, ROM of 1024, 300 MHz".
std::string capability_text(const Capabilities& capabilities);

}  // namespace sterna::cli
