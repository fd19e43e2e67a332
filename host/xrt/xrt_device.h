// SPDX-License-Identifier: Apache-2.0
// A card, or the same RTL behind XRT's hardware emulation, as a Device: XRT's native C++ API and
// nothing below it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "device/device.h"

namespace sterna::card {

struct XrtOptions {
  std::string xclbin;        // file
  std::string device = "0";  // which card: its index, or its address on the PCIe bus (BDF)
  bool emulate = false;      // the process's environment is set up for hardware emulation
};

// Loads the xclbin and takes the kernel for this process alone. Throws Error when there is no XRT
// or no such card, when the file is damaged or for something else, and when the kernel is taken.
// upload() returns when it has read `data`; the transfer to the card goes on beside whatever comes
// next, and run(), download() and free() wait for it. run() and wait() start and poll the kernel
// through its control registers.
std::unique_ptr<Device> make_xrt_device(const XrtOptions& options);

struct XrtCard {
  unsigned index = 0;
  std::string bdf;
  std::string platform;  // what the card is flashed with; empty while it does not say
};
// The cards that XRT sees. Throws Error when there is no XRT.
std::vector<XrtCard> xrt_cards();

// "2.13.0", or empty where this program was built without XRT.
std::string xrt_version();

}  // namespace sterna::card
