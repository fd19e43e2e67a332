// SPDX-License-Identifier: Apache-2.0
// DDR4-2400 in numbers, and a pseudo-channel of HBM2: the one place where they stand.
#pragma once

#include <cstdint>

namespace sterna::dram {

// Command to command times in cycles of the memory clock, named as in JESD79-4. The defaults are
// speed bin 2400T (17-17-17), the bin of the Alveo U250's DIMMs, for 8 Gb chips of eight bits and 1
// KB pages, eight of them side by side: 64 data bits, one rank. Where the standard gives
// nanoseconds, they stand behind the cycles. tCK is 0.833 ns, here exactly 1/1,200 MHz.
struct DramTiming {
  unsigned burst = 4;     // data bus: 8 transfers of 64 bits, two a cycle
  unsigned CL = 17;       // READ to its first data
  unsigned CWL = 12;      // WRITE to its first data
  unsigned tRCD = 17;     // ACT to READ or WRITE of the bank: 14.16 ns
  unsigned tRP = 17;      // PRE to ACT or REF: 14.16 ns
  unsigned tRAS = 39;     // ACT to PRE: 32 ns
  unsigned tRC = 56;      // ACT to ACT of the bank: tRAS + tRP
  unsigned tRRD_S = 4;    // ACT to ACT, different bank groups: max(4, 3.3 ns)
  unsigned tRRD_L = 6;    // ACT to ACT, same bank group: max(4, 4.9 ns)
  unsigned tFAW = 26;     // no more than four ACT in this window: max(20, 21 ns)
  unsigned tCCD_S = 4;    // READ to READ and WRITE to WRITE, different bank groups
  unsigned tCCD_L = 6;    // the same within a bank group: max(5, 5 ns)
  unsigned tRTP = 9;      // READ to PRE: max(4, 7.5 ns)
  unsigned tWR = 18;      // end of write data to PRE: 15 ns
  unsigned tWTR_S = 3;    // end of write data to READ, different bank groups: max(2, 2.5 ns)
  unsigned tWTR_L = 9;    // the same within a bank group: max(4, 7.5 ns)
  unsigned tRTW = 11;     // READ to WRITE: CL + burst - CWL + 2, a preamble and a turn of the bus
  unsigned tREFI = 9360;  // REF to REF on average: 7.8 us
  unsigned tRFC = 420;    // REF to ACT or REF: 350 ns for 8 Gb
  unsigned lines_per_row = 128;  // of 64 bytes
  std::uint64_t clock_khz = 1'200'000;
};

// A pseudo-channel of HBM2 as on an Alveo U280: 64 bits, two transfers a cycle of 900 MHz, rows of
// 1 KB. The times are those of 8 Gb stacks as DRAMsim3 has them (HBM2_8Gb_x128, in ns), in cycles
// of 1.11 ns. A line is two bursts of four, one behind the other: tCCD stands for both.
inline constexpr DramTiming kHbm2Timing = {.burst = 4,
                                           .CL = 13,
                                           .CWL = 4,
                                           .tRCD = 13,
                                           .tRP = 13,
                                           .tRAS = 31,
                                           .tRC = 44,
                                           .tRRD_S = 4,
                                           .tRRD_L = 6,
                                           .tFAW = 27,
                                           .tCCD_S = 4,
                                           .tCCD_L = 8,
                                           .tRTP = 7,
                                           .tWR = 15,
                                           .tWTR_S = 6,
                                           .tWTR_L = 8,
                                           .tRTW = 15,
                                           .tREFI = 3510,
                                           .tRFC = 234,
                                           .lines_per_row = 16,
                                           .clock_khz = 900'000};

// What its pins can move: 64 bytes in `burst` cycles.
constexpr double peak_bytes_per_second(const DramTiming& timing) {
  return 64.0 / timing.burst * 1e3 * static_cast<double>(timing.clock_khz);
}

inline constexpr std::uint64_t kMemoryClockKhz = 1'200'000;

// A channel: 4 bank groups of 4 banks, 65,536 rows of 8 KB (1,024 columns of 64 bits).
inline constexpr unsigned kBankGroups = 4;
inline constexpr unsigned kBanksPerGroup = 4;
inline constexpr unsigned kBanks = kBankGroups * kBanksPerGroup;
inline constexpr unsigned kRowsPerBank = 65'536;
inline constexpr unsigned kLinesPerRow = 128;  // bursts of 64 bytes
inline constexpr unsigned kDramLineBytes = 64;
inline constexpr std::uint64_t kChannelBytes =
    std::uint64_t{kBanks} * kRowsPerBank * kLinesPerRow * kDramLineBytes;  // 8 GiB

inline constexpr double kPeakBytesPerSecond = peak_bytes_per_second(DramTiming{});  // 19.2 GB/s

}  // namespace sterna::dram
