// SPDX-License-Identifier: Apache-2.0
// The card behind XRT's emulation: the Verilated kernel, its control port and its memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "sim/golden/memory.h"
#include "sim/rtl/axi_lite_driver.h"
#include "sim/rtl/rtl_model.h"
#include "sim/rtl/rtl_platform.h"

namespace sterna::hw_emu {

// What the protocol server needs of a card.
class Card {
 public:
  virtual ~Card() = default;

  // Control registers at their byte offsets, by real accesses of the control port.
  virtual void write_register(std::uint32_t offset, std::uint32_t value) = 0;
  virtual std::uint32_t read_register(std::uint32_t offset) = 0;

  // The bytes at a device address, for the host, in no time; empty when they do not lie wholly
  // inside one bank.
  virtual std::span<std::byte> memory(std::uint64_t address, std::uint64_t bytes) = 0;

  // Lets the kernel run for a while. False when it has nothing to do.
  virtual bool advance() = 0;
  // Clock cycles since power-up.
  virtual std::uint64_t cycles() const = 0;
};

// The card with one of the compiled-in configurations (rtl_configurations()), in a platform with
// timing or without. Every call throws Error when the hardware breaks a rule of AXI; the card is of
// no use after that.
class KernelPlatform final : public Card {
 public:
  // Each channel has a bank of `bank_bytes` (host/xclbin/memory_map.h).
  KernelPlatform(const std::string& configuration, const rtl::PlatformFactory& platform,
                 std::uint64_t bank_bytes);

  void write_register(std::uint32_t offset, std::uint32_t value) override;
  std::uint32_t read_register(std::uint32_t offset) override { return control_.read(offset); }
  std::span<std::byte> memory(std::uint64_t address, std::uint64_t bytes) override;
  bool advance() override;
  std::uint64_t cycles() const override { return cycle_; }

 private:
  std::unique_ptr<rtl::RtlModel> model_;
  const std::uint64_t bank_bytes_;
  golden::Memory memory_;
  std::unique_ptr<rtl::RtlPlatform> platform_;
  rtl::AxiLiteDriver control_;
  std::uint64_t cycle_ = 0;
  std::uint32_t counted_ = 0;  // CYCLES, low word, at the last look
  bool started_ = false;
};

}  // namespace sterna::hw_emu
