// SPDX-License-Identifier: Apache-2.0
// Which instructions of a running program have been issued, and which have retired. A program has
// no loops: each is executed once at most.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/rtl/pins.h"

namespace sterna::rtl {

class ProgramTrace {
 public:
  // Once a cycle.
  void observe(const TracePins& pins) {
    for (unsigned unit = 0; unit < kTracedUnits; ++unit) {
      if ((pins.retire >> unit & 1) != 0) retire(pins.retire_pc[unit]);
    }
    if (pins.issue) issued_.push_back(pins.issue_pc);
  }

  bool retired(std::uint32_t pc) const { return pc < retired_.size() && retired_[pc]; }

  // In the order of issue, HALT among them.
  const std::vector<std::uint32_t>& in_flight() const { return issued_; }

 private:
  void retire(std::uint32_t pc) {
    retired_.resize(std::max<std::size_t>(retired_.size(), pc + 1));
    retired_[pc] = true;
    issued_.erase(std::remove(issued_.begin(), issued_.end(), pc), issued_.end());
  }

  std::vector<bool> retired_;
  std::vector<std::uint32_t> issued_;  // and not retired
};

}  // namespace sterna::rtl
