// SPDX-License-Identifier: Apache-2.0
// Where the emulated card's memory lies: four banks at most, one a channel, each as large as the
// timed platform's (sim/dram). The xclbin tells XRT, which places the buffers.
#pragma once

#include <cstdint>

namespace sterna {

inline constexpr unsigned kMaxBanks = 4;
inline constexpr std::uint64_t kBankBytes = std::uint64_t{8} << 30;

// Byte address of the first byte of DDR[bank].
constexpr std::uint64_t bank_base(unsigned bank) { return bank * kBankBytes; }

// Where the control registers lie in the card's own address space.
inline constexpr std::uint64_t kKernelBase = 0x1800000;

}  // namespace sterna
