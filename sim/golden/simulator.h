// SPDX-License-Identifier: Apache-2.0
// What every instruction-set simulator answers: one instruction at a time, with everything it
// changed, so that a lockstep checker, a trace or a set of diagnostics can follow a program without
// knowing how it is executed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "isa/instruction.h"

namespace sterna::golden {

// One executed (or refused) instruction. Spans stay valid until the next step.
struct Step {
  std::uint32_t pc = 0;
  Instruction instruction;  // PC_OVERRUN: all zero

  // The program ended here: with HALT (status OK) or with a fault, in which case nothing was
  // written.
  bool finished = false;
  Status status = Status::kOk;

  // An element, in any lane, left the range of fix and was clamped.
  bool saturated = false;

  // FFFIN's blocks, or FFFOUT's records: those that some lane needs, and how often another lane
  // needs one of them, too.
  std::uint64_t visits = 0, visits_shared = 0;

  // What one lane's register vd became: the lines that were written, element 0 first (fix: one
  // element a word; q8: four, the first in the low byte).
  struct RegisterWrite {
    unsigned lane = 0;
    std::span<const std::int32_t> words;
    bool scale_written = false;  // QUANT: its scale register, too
    std::uint32_t scale = 0;
  };
  std::span<const RegisterWrite> registers;  // one an active lane, or none

  // Memory that was read and written: absolute byte addresses, whole lines; of all lanes and
  // channels.
  struct Range {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
  };
  struct MemoryWrite {
    Range range;
    std::span<const std::byte> bytes;   // what the range holds now
    std::span<const std::byte> before;  // and what it held
  };
  std::span<const Range> memory_read;
  std::span<const MemoryWrite> memory_written;
};

using StepObserver = std::function<void(const Step&)>;

class InstructionSetSimulator {
 public:
  virtual ~InstructionSetSimulator() = default;

  // ap_start: the next step executes the instruction at ENTRY. The active lanes' scale registers
  // become 0 and their lists empty; vector registers keep what they hold.
  virtual void start() = 0;

  // Executes one instruction. Only after start(), and no further once a step was `finished` (throws
  // Error).
  virtual Step step() = 0;

  // The state of register r of a lane: all its words, and its scale register.
  virtual std::span<const std::int32_t> register_words(unsigned r, unsigned lane = 0) const = 0;
  virtual std::uint32_t register_scale(unsigned r, unsigned lane = 0) const = 0;
};

}  // namespace sterna::golden
