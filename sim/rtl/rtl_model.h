// SPDX-License-Identifier: Apache-2.0
// One Verilated sterna_top behind plain pins.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/rtl/pins.h"

namespace sterna::rtl {

struct RtlModelOptions {
  std::uint64_t seed = 1;               // of the values that registers and memories power up with
  std::string wave{};                   // FST file to write; empty: none
  bool record = true;                   // into it, from power-up on
  std::vector<std::string> plusargs{};  // "+name=value", for the RTL's $value$plusargs
};

// A clock cycle is settle() and then rise(). Drive the inputs before settle(); the outputs hold
// from settle() until the next, so that after rise() they are still what the rising edge saw. A
// cycle is 1 ns of the waveform's time.
class RtlModel {
 public:
  virtual ~RtlModel() = default;

  bool reset_n = false;
  AxiLitePins control;
  std::vector<AxiPins> memory;  // one a channel
  bool interrupt = false;
  TracePins trace;

  virtual void settle() = 0;
  virtual void rise() = 0;

  // What happens from now on goes into the waveform, if one is written, or does not.
  virtual void record_wave(bool /*on*/) {}
  // Ends the waveform, if one is written, and gives the file its name; the destructor does so, too,
  // but cannot report an error. Throws Error when the file could not be written.
  virtual void close_wave() {}

  // Bytes of a beat, and so of a register word.
  virtual unsigned beat_bytes() const = 0;

  // What register r's SRAM and scale register hold in a lane; element 0 first.
  virtual std::span<const std::int32_t> register_words(unsigned r, unsigned lane) const = 0;
  virtual std::uint32_t register_scale(unsigned r, unsigned lane) const = 0;
  // What the counters hold, in the order of kCounters.
  virtual std::span<const std::uint64_t> counters() const = 0;
};

// The configurations that are compiled in, by name ("tiny", "demo"), as rtl/config/*.f define them.
// CMake's STERNA_CONFIGS says which.
std::vector<std::string> rtl_configurations();

// Throws Error when there is no such configuration, or when it is not compiled in: then it says how
// to build it.
void require_configuration(const std::string& name);

// Throws Error as require_configuration does, or when the waveform cannot be written.
std::unique_ptr<RtlModel> make_rtl_model(const std::string& configuration,
                                         const RtlModelOptions& options);

}  // namespace sterna::rtl
