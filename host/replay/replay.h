// SPDX-License-Identifier: Apache-2.0
// A program that golden goes through instruction by instruction, on a device that can only run
// programs to their end: what it holds behind an instruction is what the program leaves when a HALT
// stands in place of the next one.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "device/counters.h"
#include "device/stepped_device.h"
#include "host/replay/places.h"
#include "host/replay/probe.h"
#include "sim/golden/simulator.h"

namespace sterna::replay {

// Each run begins as the program did: memory that it has written, and registers that it reads
// before it has written them, are put back first. Vector registers outlive a start and a HALT.
// Scales do not, and no instruction reads them: nobody sees the device's.
// Functions throw Error for what the device throws, and for its first difference to golden.
class Replay {
 public:
  // All must outlive this; `golden` is the one that goes ahead. With `lockstep` what every
  // instruction has written is compared with golden's.
  Replay(Device& device, const SteppedDevice& golden, const Capabilities& capabilities,
         const Places& places, std::uint64_t scratch, bool lockstep);

  // Golden has started, with these arguments but for its own addresses.
  void start(const Arguments& arguments);

  // Golden has executed the next instruction, or refused it.
  void take(const golden::Step& step);

  // Brings the device to where golden is.
  void catch_up();

  // Golden has ended the program: runs all of it, and compares how it ended, what counters count
  // without cycles, and the memory that it has written; with lockstep all registers, too.
  struct End {
    program::ProgramEnd how;
    Counters counters;
  };
  End finish();

  // The program is given up: the memory that it has written becomes golden's.
  void settle();

  // What a register of the device holds, once it has caught up.
  std::vector<std::int32_t> read_register(std::uint32_t r, unsigned lane);
  // What the device has counted up to here; without the HALT, but with the cycles that it waits.
  Counters count();

  // After an error nothing is known of the device.
  void forget();

  void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
  // Instructions, by lockstep.
  std::uint64_t compared() const { return compared_; }
  // Of programs, or their beginnings.
  std::uint64_t runs() const { return runs_; }

 private:
  // What golden says that an instruction has written.
  struct Effect {
    std::uint32_t pc = 0;
    Instruction instruction;
    bool quantised = false;
    struct Lane {
      unsigned number = 0;
      std::vector<std::int32_t> words;
    };
    std::vector<Lane> lanes;
    struct Bytes {
      std::uint64_t address = 0;  // of the device
      std::vector<std::byte> bytes;
    };
    std::vector<Bytes> memory;
  };
  // Of memory that the program has written, and by which of its instructions.
  struct Line {
    std::size_t first = 0, last = 0;
    std::array<std::byte, kLineBytes> before;
  };

  template <typename Work>
  auto attempt(Work work);
  program::ProgramEnd run(std::size_t instructions, const Instruction& end);
  void run_to(std::size_t instructions);
  void put_registers_back();
  void put_memory_back();
  Effect effect_of(const golden::Step& step) const;
  void note(const golden::Step& step);
  bool hides_pending(const Effect& effect) const;
  void compare(const std::vector<Effect>& effects);
  void compare_registers(const Effect& effect, std::size_t lane,
                         std::span<const std::int32_t> words) const;
  void compare_memory(const Effect& effect, const Effect::Bytes& written) const;
  void compare_written_memory() const;
  void compare_counters(const Counters& counters) const;
  void compare_all_registers();

  Device& device_;
  const SteppedDevice& golden_;
  const Capabilities capabilities_;
  const Places& places_;
  Probe probe_;
  const bool lockstep_;
  std::chrono::milliseconds timeout_{std::chrono::minutes(5)};
  std::uint64_t compared_ = 0, runs_ = 0;

  // The program, as far as golden has come.
  Arguments arguments_;
  std::vector<std::vector<std::int32_t>> registers_;          // at its start; lane by lane
  std::vector<Instruction> executed_;                         // but for what ended it
  golden::Step end_;                                          // this; without what it wrote
  std::map<std::uint64_t, Line> lines_;                       // by address of the device
  std::array<std::uint64_t, kMaxRegisters> lines_written_{};  // of each register, from its first
  std::array<bool, kMaxRegisters> read_early_{};              // before that was written
  std::vector<Effect> pending_;                               // not compared yet

  // The device.
  bool known_ = false;                         // does it hold what the last run has left?
  std::size_t ran_ = 0;                        // that many instructions of the program
  bool begun_ = false;                         // has it run any of this program?
  bool settled_ = true;                        // does its memory hold what golden's does?
  bool counted_ = false;                       // do its counters belong to the program?
  std::array<bool, kMaxRegisters> stale_{};    // at the program's start: not golden's
  std::array<bool, kMaxRegisters> touched_{};  // by runs of this program
};

}  // namespace sterna::replay
