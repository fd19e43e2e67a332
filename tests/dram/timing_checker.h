// SPDX-License-Identifier: Apache-2.0
// Checks a DDR4 command stream against the standard. Written apart from the engine: it keeps no
// "earliest next" times but compares each command with those before it, rule by rule.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/dram/dram_channel.h"

namespace sterna::dram {

class TimingChecker {
 public:
  explicit TimingChecker(const DramTiming& timing) : t_(timing) {}

  void observe(const DramCommand& command);
  // No command may have been due: REF within nine tREFI of its predecessor, the longest that the
  // standard lets it be postponed.
  void finish(std::uint64_t cycle);

  // "tRCD: 16 cycles at cycle 812, at least 17"; empty when every rule was kept.
  const std::vector<std::string>& violations() const { return violations_; }
  // Commands seen.
  std::uint64_t count(DramOp op) const { return counts_[static_cast<unsigned>(op)]; }

 private:
  void require(const char* rule, const DramCommand& before, const DramCommand& now,
               std::uint64_t least);
  void compare(const DramCommand& before, const DramCommand& now);
  void compare_columns(const DramCommand& before, const DramCommand& now);
  void check_rows(const DramCommand& now);

  DramTiming t_;
  std::vector<DramCommand> recent_;  // all that any rule can still reach back to
  std::vector<std::string> violations_;
  std::uint64_t counts_[6] = {};
  int open_row_[kBanks];  // -1: closed
  bool rows_known_ = false;
  std::uint64_t last_refresh_ = 0;
};

}  // namespace sterna::dram
