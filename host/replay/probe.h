// SPDX-License-Identifier: Apache-2.0
// What a device that runs programs, and does nothing else, can be made to tell of its registers: by
// small programs of our own that store and load them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "device/device.h"
#include "host/program/program.h"
#include "isa/capabilities.h"
#include "isa/generated/isa.h"
#include "isa/instruction.h"

namespace sterna::replay {

// The control registers that a start takes over (SEG_* to TOKEN), as words by their offset from the
// first one.
class Arguments {
 public:
  static constexpr std::uint32_t kBegin = reg::seg_base_lo(0);
  static constexpr std::uint32_t kEnd = reg::token(reg::kTokenCount);

  static bool has(std::uint32_t offset) { return offset >= kBegin && offset < kEnd; }
  std::uint32_t& operator[](std::uint32_t offset) { return words_[(offset - kBegin) / 4]; }
  std::uint32_t operator[](std::uint32_t offset) const { return words_[(offset - kBegin) / 4]; }

  std::uint64_t base(unsigned segment) const {
    return (*this)[reg::seg_base_lo(segment)] | std::uint64_t{(*this)[reg::seg_base_hi(segment)]}
                                                    << 32;
  }
  void set_base(unsigned segment, std::uint64_t base) {
    (*this)[reg::seg_base_lo(segment)] = static_cast<std::uint32_t>(base);
    (*this)[reg::seg_base_hi(segment)] = static_cast<std::uint32_t>(base >> 32);
  }

 private:
  std::array<std::uint32_t, (kEnd - kBegin) / 4> words_{};
};

// The first lines of a register.
struct RegisterPart {
  std::uint32_t number = 0;
  std::uint64_t lines = 0;
};

// Nothing but this may run programs on the device, or write its instruction ROM and its arguments.
class Probe {
 public:
  // Bytes of memory that a probe of such a device needs, in channel 0.
  static std::uint64_t scratch_bytes(const Capabilities& capabilities);

  // `scratch`: an allocation of the device's. Throws Error where the instruction ROM is too small
  // for a program that loads each register.
  Probe(Device& device, const Capabilities& capabilities, std::uint64_t scratch);

  // Makes these instructions, from `first` on, those that programs find.
  void write_rom(std::uint32_t first, std::span<const Instruction> program);

  // Runs the program at ENTRY to its end.
  program::ProgramEnd run(const Arguments& arguments, std::chrono::milliseconds timeout);

  // After an error: a line may have lost what was written, and a board that was reset has.
  void forget();

  // What registers hold in these lanes, which ascend: for each lane the words of all parts, one
  // behind the other. Needs kMaxRegisters parts at most.
  std::vector<std::vector<std::int32_t>> read(std::span<const unsigned> lanes,
                                              std::span<const RegisterPart> parts);

  // Gives registers, in all lanes, these words.
  using Words = std::function<std::span<const std::int32_t>(std::uint32_t r, unsigned lane)>;
  void write(std::span<const std::uint32_t> registers, const Words& words);

 private:
  std::uint64_t register_lines() const;
  void run_own(std::vector<Instruction> program, std::uint64_t lanes);

  Device& device_;
  const Capabilities capabilities_;
  const std::uint64_t scratch_;
  std::vector<std::optional<Instruction>> rom_;  // what the device has; nothing: not known
  std::array<std::optional<std::uint32_t>, kRegisterMapBytes / 4> arguments_;  // likewise
};

}  // namespace sterna::replay
