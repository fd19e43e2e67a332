// SPDX-License-Identifier: Apache-2.0
// Where a byte address lies in a DDR4 channel.
#pragma once

#include <cstdint>

#include "sim/dram/dram_timing.h"

namespace sterna::dram {

struct DramLocation {
  unsigned group = 0;
  unsigned bank = 0;  // 0..kBanks-1: 4 * group + the bank in the group
  unsigned row = 0;
  unsigned column = 0;  // in lines of 64 bytes

  bool operator==(const DramLocation&) const = default;
};

// Address bits, from the top:   row 32:17 | bank 16:15 | column 14:8 | bank group 7:6 | byte 5:0.
//
// The bank group lies below the column, so that neighbouring lines come from different bank groups:
// reads of one group are tCCD_L = 6 cycles apart and would leave the bus idle for a third of the
// time, reads of different groups follow each other at tCCD_S = 4, which is just the length of a
// burst. The bank lies above the column: 32 KB of a stream come from the open rows of one bank of
// each group, and while they do, the rows of the next bank open. Addresses beyond the channel's 8
// GiB wrap.
constexpr DramLocation dram_location(std::uint64_t address, unsigned lines_per_row = kLinesPerRow) {
  const std::uint64_t line = address / kDramLineBytes;
  const auto group = static_cast<unsigned>(line % kBankGroups);
  const std::uint64_t column = line / kBankGroups;
  const std::uint64_t bank = column / lines_per_row;
  const std::uint64_t row = bank / kBanksPerGroup;
  return {group, group * kBanksPerGroup + static_cast<unsigned>(bank % kBanksPerGroup),
          static_cast<unsigned>(row % kRowsPerBank), static_cast<unsigned>(column % lines_per_row)};
}

}  // namespace sterna::dram
