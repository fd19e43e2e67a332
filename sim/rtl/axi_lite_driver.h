// SPDX-License-Identifier: Apache-2.0
// The host's side of the AXI4-Lite control port: blocking reads and writes with true handshakes,
// each channel on its own.
#pragma once

#include <cstdint>
#include <functional>
#include <random>

#include "sim/rtl/pins.h"

namespace sterna::rtl {

class AxiLiteDriver {
 public:
  // `tick` runs one clock cycle and leaves in `pins` what both sides showed at its rising edge.
  // With a stall probability, valid and ready come late at random. Both references must outlive
  // this.
  AxiLiteDriver(AxiLitePins& pins, std::function<void()> tick, double stall_probability,
                std::uint64_t seed);

  // Throw Error when the response is not OKAY or does not come within 10,000 cycles. `strobe` has a
  // bit a byte.
  void write(std::uint32_t offset, std::uint32_t value, std::uint32_t strobe = 0xF);
  std::uint32_t read(std::uint32_t offset);

 private:
  bool stall() { return stall_threshold_ != 0 && random_() < stall_threshold_; }
  void step(const char* what, std::uint32_t offset, unsigned& cycles);

  AxiLitePins& pins_;
  std::function<void()> tick_;
  std::uint64_t stall_threshold_;
  std::minstd_rand random_;
};

}  // namespace sterna::rtl
