// Where the emulated card's memory lies, as on an Alveo U250: four banks at most, one a channel,
// far apart. The xclbin tells XRT, and the device process lets each channel reach its own bank
// alone.
#pragma once

#include <cstdint>

namespace sterna {

inline constexpr unsigned kMaxBanks = 4;
inline constexpr std::uint64_t kBankBytes = std::uint64_t{16} << 30;

// Byte address of the first byte of DDR[bank].
constexpr std::uint64_t bank_base(unsigned bank) { return std::uint64_t{4 + bank} << 36; }

// Where the control registers lie in the card's own address space.
inline constexpr std::uint64_t kKernelBase = 0x1800000;

}  // namespace sterna
