// SPDX-License-Identifier: Apache-2.0
// The lockstep checker: golden executes every instruction in the cycle in which the hardware issues
// it, and what the hardware wrote is compared in the cycle in which the instruction retires.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "device/counters.h"
#include "device/device.h"
#include "sim/golden/golden_machine.h"
#include "sim/golden/memory.h"
#include "sim/rtl/rtl_model.h"

namespace sterna::rtl {

// Issue is in order, so golden's state at an issue is the program's state before it, whatever the
// units are doing; only the comparison has to wait for the hardware. Every function that compares
// throws Error at the first difference: the instruction, the element, both values and the time.
class Lockstep {
 public:
  // `memory` is the hardware's, of all channels. The model and the memory must outlive this.
  Lockstep(const RtlModel& model, const golden::Memory& memory, const Capabilities& capabilities);

  // The same control register writes as the hardware's.
  void write_register(std::uint32_t offset, std::uint32_t value);

  // Before ap_start: golden begins with the hardware's registers and the first used[c] bytes of
  // each channel's memory.
  void start(std::span<const std::uint64_t> used);

  // The hardware is being reset: a running program is abandoned, arguments are zero.
  void reset();

  // Once a cycle, between settle() and rise(), but for those of a reset.
  void observe(std::uint64_t cycle) {
    if (model_.trace.issue || model_.trace.retire != 0) compare(cycle);
  }

  // At ap_done: how the program ended; unless that was a bus error, how many instructions
  // saturated; and when it ended well, what else counts without cycles, all registers (idle lanes'
  // too: they must have kept what they held) and memory.
  void finish(Status status, std::uint32_t status_pc, const Counters& counters,
              std::uint64_t cycle);

  // Instructions compared since construction.
  std::uint64_t retired() const { return retired_; }

 private:
  // What golden did at issue, kept until the hardware retires the instruction.
  struct Effect {
    std::uint32_t pc = 0;
    Instruction instruction;
    bool finished = false;
    Status status = Status::kOk;
    struct Register {
      unsigned lane = 0;
      std::vector<std::int32_t> words;
      bool scale_written = false;
      std::uint32_t scale = 0;
    };
    std::vector<Register> registers;
    struct Bytes {
      std::uint64_t address = 0;
      std::vector<std::byte> bytes;
    };
    std::vector<Bytes> memory;
  };

  void compare(std::uint64_t cycle);
  void issue(std::uint64_t cycle);
  void retire(unsigned unit, std::uint32_t pc, std::uint64_t cycle);
  void compare_register(const Effect& effect, const Effect::Register& written,
                        std::uint64_t cycle) const;
  void compare_memory(const Effect& effect, const Effect::Bytes& written,
                      std::uint64_t cycle) const;
  void compare_everything(std::uint64_t cycle) const;
  void compare_lane(unsigned lane, bool active, std::uint64_t cycle) const;
  void write_lane_register(std::uint32_t offset, std::uint32_t value);
  // The first bytes of each channel's memory that programs may have written.
  std::vector<golden::Step::Range> used_ranges() const;
  Effect step();

  const RtlModel& model_;
  const golden::Memory& memory_;
  golden::Memory golden_memory_;
  golden::GoldenMachine golden_;
  std::uint32_t rom_address_ = 0;
  Instruction rom_word_;             // words 0 to 2 until word 3 completes it
  std::vector<std::uint64_t> used_;  // bytes of each channel

  std::array<std::deque<Effect>, kTracedUnits> in_flight_;
  bool golden_finished_ = false;
  Effect last_;  // the step that finished golden
  std::uint64_t retired_ = 0;
  Counters counted_;  // of the program, in golden
};

}  // namespace sterna::rtl
