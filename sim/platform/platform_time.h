// SPDX-License-Identifier: Apache-2.0
// SystemC's time here is in femtoseconds, in which neither clock is a whole number: cycle n begins
// at the instant rounded down, so that nothing drifts. At 300 MHz every edge of the core's clock
// is an edge of the memory's.
#pragma once

#include <cstdint>
#include <numeric>
#include <systemc>

namespace sterna::platform {

// Start of a cycle of the memory's clock, and the cycle that an instant lies in.
class MemoryClock {
 public:
  constexpr explicit MemoryClock(std::uint64_t khz)
      : fs_(kFsTimesKhz / std::gcd(kFsTimesKhz, khz)), cycles_(khz / std::gcd(kFsTimesKhz, khz)) {}
  constexpr std::uint64_t start(std::uint64_t cycle) const { return cycle * fs_ / cycles_; }
  constexpr std::uint64_t cycle_at(std::uint64_t fs) const {
    return (fs * cycles_ + cycles_ - 1) / fs_;
  }

 private:
  static constexpr std::uint64_t kFsTimesKhz = 1'000'000'000'000;
  std::uint64_t fs_, cycles_;  // so many femtoseconds are so many cycles
};

inline std::uint64_t now_fs() { return sc_core::sc_time_stamp().value(); }
inline sc_core::sc_time time_fs(std::uint64_t fs) { return sc_core::sc_time::from_value(fs); }

}  // namespace sterna::platform
