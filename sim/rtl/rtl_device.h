// SPDX-License-Identifier: Apache-2.0
// The Verilated RTL behind the device interface.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "device/observer.h"
#include "device/stepped_device.h"
#include "sim/rtl/axi_slave.h"
#include "sim/rtl/rtl_model.h"
#include "sim/rtl/rtl_platform.h"

namespace sterna::rtl {

struct RtlOptions {
  std::string configuration = "demo";         // rtl_configurations()
  std::uint64_t memory_bytes = 256ull << 20;  // of one channel
  unsigned latency = 40;                      // of channel 0's memory, cycles
  unsigned latency_step = 0;                  // more of each channel's than of the one before
  double stall_probability = 0;               // of every AXI handshake signal in every cycle
  unsigned jitter = 0;                        // of every burst, at most so many cycles more
  bool reorder = false;                       // responses of different AXI IDs in random order
  AxiSlaveBehaviour behaviour{};              // of memory's side of the bus
  std::uint64_t seed = 1;                     // of stalls, order and power-up values
  std::string wave{};                         // FST file; empty: none
  bool record = true;                         // into the waveform, from power-up on
  bool lockstep = false;                      // compare every instruction with golden
  std::uint64_t cycle_budget = 0;             // of a program, beyond which wait() throws; none: 0
  DeviceObserver* observer = nullptr;         // must outlive the device; none: null
  PlatformFactory platform{};  // memory and host link; empty: the fast ones that the fields above
                               // describe
};

// Device of the RTL. The simulation runs inside the calls, in the caller's thread. Beyond Device's
// errors, wait() throws Error when the hardware breaks an AXI rule and, with lockstep, at its first
// difference to golden; the device is of no use after that.
class RtlDevice : public SteppedDevice {
 public:
  // Clock cycles simulated since power-up.
  virtual std::uint64_t cycles() const = 0;
  // Memory answers [begin, end) with an error from now on; golden does not know.
  virtual void fail_memory(std::uint64_t begin, std::uint64_t end) = 0;
  // Lets the hardware go on, in the middle of a program too.
  virtual void advance(unsigned cycles) = 0;
  // Resets the hardware for so many cycles, whatever it does, but not its memory, which goes on to
  // respond; and waits until ap_idle says that nothing is outstanding.
  virtual void reset(unsigned cycles) = 0;
  // The interrupt pin.
  virtual bool interrupt() const = 0;
};

std::unique_ptr<RtlDevice> make_rtl_device(const RtlOptions& options);

// The same around a model that the caller made (options.configuration is only its name,
// options.wave is not looked at).
std::unique_ptr<RtlDevice> make_rtl_device(const RtlOptions& options,
                                           std::unique_ptr<RtlModel> model);

}  // namespace sterna::rtl
