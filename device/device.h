// SPDX-License-Identifier: Apache-2.0
// The one interface to anything that executes Sterna programs: memory, registers, run and wait. It
// knows of no model and of no instruction; what a program needs from the hardware is checked by the
// caller against capabilities().
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "isa/capabilities.h"

namespace sterna {

class Device {
 public:
  virtual ~Device() = default;

  // For people: "golden", "rtl (demo)".
  virtual std::string name() const = 0;

  // Device memory. Addresses are byte addresses as the hardware sees them, 4 KiB aligned. alloc
  // throws Error when memory is exhausted; free of an address that alloc did not return throws;
  // upload and download outside a live allocation throw.
  virtual std::uint64_t alloc(std::size_t bytes, unsigned channel = 0) = 0;
  virtual void free(std::uint64_t address) = 0;
  void upload(std::uint64_t address, std::span<const std::byte> data) {
    written_ = true;
    write_memory(address, data);
  }
  virtual void download(std::uint64_t address, std::span<std::byte> data) = 0;

  // Control registers, at the byte offsets of isa/isa.toml.
  virtual void write_register(std::uint32_t offset, std::uint32_t value) = 0;
  virtual std::uint32_t read_register(std::uint32_t offset) = 0;

  // Starts the program at ENTRY; returns at once where the backend can. Where nothing has been
  // uploaded since the last program of this Device, the hardware may go on with what it keeps of
  // memory on chip (FFF_KEEP).
  void run();
  // Waits for ap_done. Throws Error when the device does not finish in time; how the program ended
  // is in STATUS.
  virtual void wait(std::chrono::milliseconds timeout) = 0;

  // What its memory and its link have to say of their work, in lines for people; mostly nothing.
  virtual std::string report() const { return {}; }

 protected:
  virtual void write_memory(std::uint64_t address, std::span<const std::byte> data) = 0;
  virtual void start_program() = 0;

 private:
  bool written_ = true;  // memory, since a program was started
};

// Reads the capability registers; throws Error when one is not ours, or reads what no hardware has.
Capabilities read_capabilities(Device& device);

}  // namespace sterna
