// SPDX-License-Identifier: Apache-2.0
// A TLM transaction of one 64-byte line, with its data in it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <tlm>
#include <vector>

#include "sim/dram/dram_timing.h"
#include "sim/rtl/pins.h"

namespace sterna::platform {

static_assert(dram::kDramLineBytes == rtl::kMaxBeatBytes);

struct LineTransaction : tlm::tlm_generic_payload {
  using tlm::tlm_generic_payload::tlm_generic_payload;

  std::uint64_t burst = 0;  // the AXI burst's serial number, and the line's index in it
  unsigned index = 0;
  rtl::Beat data{};
  std::array<unsigned char, dram::kDramLineBytes> enables{};  // 0xFF: the byte is written
};

// Hands out transactions and takes them back when their last reference goes.
class LinePool final : public tlm::tlm_mm_interface {
 public:
  // A transaction for the whole line at `address`, one reference held.
  LineTransaction& get(tlm::tlm_command command, std::uint64_t address);
  void free(tlm::tlm_generic_payload* payload) override;

 private:
  std::deque<LineTransaction> all_;
  std::vector<LineTransaction*> free_;
};

}  // namespace sterna::platform
