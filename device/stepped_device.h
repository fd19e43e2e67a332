// SPDX-License-Identifier: Apache-2.0
// A device that stops between the instructions of a program and shows its registers: what a
// debugger needs beyond Device. Simulated ones do; host/replay makes one of any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "device/counters.h"
#include "device/device.h"

namespace sterna {

class SteppedDevice : public Device {
 public:
  // Starts the program at ENTRY like run(), but goes no further than it has to.
  virtual void start() = 0;

  // The instruction that step() goes through next.
  virtual std::uint32_t pc() const = 0;

  // Goes on until the instruction at pc() has written its result. Hardware may be through with
  // later ones by then, or have begun them. False when the program has ended instead, with HALT or
  // with a fault: STATUS says how, and the next step needs a start(). Throws Error like wait().
  virtual bool step() = 0;

  // What was begun and has not written its result yet; addresses, the oldest first.
  virtual std::vector<std::uint32_t> in_flight() const = 0;

  // Gives up the program, as a reset does: the next start() finds a device that is idle. What
  // memory and registers hold then is whatever the program left.
  virtual void abandon() = 0;

  // Looking at a device does not let its clock go on, as downloads and reads of control registers
  // do: what memory, and what the counters hold now. Throws Error like download().
  virtual void peek(std::uint64_t address, std::span<std::byte> data) const = 0;
  virtual Counters counters() const = 0;

  // What register r of a lane holds now: its words, element 0 first, and its scale.
  virtual std::span<const std::int32_t> register_words(unsigned r, unsigned lane) const = 0;
  virtual std::uint32_t register_scale(unsigned r, unsigned lane) const = 0;
  // Are scales what the device holds? Else they are golden's.
  virtual bool shows_scales() const { return true; }

  // What happens from now on goes into the waveform that the device was told to write, or does not.
  virtual void record_wave(bool /*on*/) {}
  // Ends the waveform, if there is one, and puts it in its file's place, where it does not come
  // otherwise; throws Error when it could not be written.
  virtual void close_wave() {}

  // Instructions that lockstep has compared with golden; 0 without it.
  virtual std::uint64_t compared() const { return 0; }
};

}  // namespace sterna
