// SPDX-License-Identifier: Apache-2.0
// The container that XRT loads onto a card, here with the Verilated kernel in the bitstream's
// place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/xclbin/memory_map.h"
#include "isa/capabilities.h"

namespace sterna::xclbin {

struct EmulationXclbin {
  std::string configuration;                 // of the RTL, for sterna-hw-emu --config
  std::string memory = "fast";               // likewise, --memory
  Capabilities shape;                        // that configuration's
  std::filesystem::path device_process;      // where sterna-hw-emu lies
  std::uint64_t bank_bytes = kMaxBankBytes;  // memory_map.h: a multiple of kBankStep
};

// The instance of the kernel in our xclbins: "sterna:sterna_1" in full.
inline constexpr const char* kKernelInstance = "sterna_1";

// The bytes of an xclbin for XRT's hardware emulation. Equal arguments give equal bytes. Throws
// Error when the shape has more channels than the card has banks (memory_map.h).
std::vector<std::byte> emulation_xclbin(const EmulationXclbin& xclbin);

// The kernel's description in XML, as the xclbin carries it.
std::string kernel_metadata(const Capabilities& shape);

// The script in a simulator's place: starts the device process, and ends the host when that fails.
std::string simulate_script(const EmulationXclbin& xclbin);

}  // namespace sterna::xclbin
