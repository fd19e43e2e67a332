// SPDX-License-Identifier: Apache-2.0
// Where the emulated card's memory lies: four banks at most, one a channel, one behind the other,
// each as large as the timed platform's (sim/dram) or smaller. The xclbin tells XRT, which places
// the buffers, and our process.
#pragma once

#include <algorithm>
#include <cstdint>

namespace sterna::xclbin {

inline constexpr unsigned kMaxBanks = 4;
inline constexpr std::uint64_t kMaxBankBytes = std::uint64_t{8} << 30;
inline constexpr std::uint64_t kBankStep = std::uint64_t{1} << 20;  // sizes are multiples of it

// Byte address of the first byte of DDR[bank], where every bank is so large.
constexpr std::uint64_t bank_base(unsigned bank, std::uint64_t bank_bytes) {
  return bank * bank_bytes;
}

// Of a bank with room for `bytes` in buffers, each of which begins a page.
constexpr std::uint64_t bank_bytes_for(std::uint64_t bytes) {
  return std::min(kMaxBankBytes, (std::min(bytes, kMaxBankBytes) / kBankStep + 2) * kBankStep);
}

// Where the control registers lie in the card's own address space.
inline constexpr std::uint64_t kKernelBase = 0x1800000;

}  // namespace sterna::xclbin
