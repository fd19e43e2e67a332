// Whoever wants to watch a simulated program: what issues, what retires, what crosses the memory
// ports.
#pragma once

#include <cstdint>
#include <span>

#include "sim/rtl/pins.h"

namespace sterna {

class RtlObserver {
 public:
  virtual ~RtlObserver() = default;

  // `cycle` counts from power-up; it is also the waveform's time in ns.
  virtual void issued(std::uint64_t cycle, std::uint32_t pc) = 0;
  virtual void retired(std::uint64_t cycle, unsigned unit,
                       std::uint32_t pc) = 0;  // LSU ROW RMS TMM TOP
  // Every cycle: the memory ports, one a channel, as the rising edge sees them.
  virtual void memory(std::uint64_t, std::span<const AxiPins>) {}
};

}  // namespace sterna
