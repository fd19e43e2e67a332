// SPDX-License-Identifier: Apache-2.0
// Whoever wants to watch a simulated device run a program: what issues, what retires, what crosses
// the memory ports.
#pragma once

#include <cstdint>
#include <span>

namespace sterna {

class DeviceObserver {
 public:
  virtual ~DeviceObserver() = default;

  // `cycle` counts from power-up; it is also the waveform's time in ns.
  virtual void issued(std::uint64_t cycle, std::uint32_t pc) = 0;
  // `unit` is the number of the Unit (isa/generated/isa.h).
  virtual void retired(std::uint64_t cycle, unsigned unit, std::uint32_t pc) = 0;

  // The beats that one channel's memory port transfers in a cycle.
  struct Beats {
    bool read = false;
    bool written = false;
  };
  // Every cycle: all channels.
  virtual void memory(std::uint64_t, std::span<const Beats>) {}
};

}  // namespace sterna
