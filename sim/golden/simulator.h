// What every instruction-set simulator answers: one instruction at a time, with everything it
// changed, so that a lockstep checker, a trace or a set of diagnostics can follow a program without
// knowing how it is executed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "asm/instruction.h"

namespace sterna {

// One executed (or refused) instruction. Spans stay valid until the next step.
struct Step {
  std::uint32_t pc = 0;
  Instruction instruction;  // PC_OVERRUN: all zero

  // The program ended here: with HALT (status OK) or with a fault, in which case nothing was
  // written.
  bool finished = false;
  Status status = Status::kOk;

  // The lines of register vd that were written, if any: element 0 first (fix: one element a word;
  // q8: four, the first in the low byte).
  std::span<const std::int32_t> register_words;

  // QUANT only: the scale register of vd was written, too.
  bool scale_written = false;
  std::uint32_t scale = 0;

  // Memory that was read and written: absolute byte address and length, whole lines; 0 bytes when
  // there was none.
  struct Range {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
  };
  Range memory_read;
  Range memory_written;
  std::span<const std::byte> written_bytes;  // what memory_written holds now
};

using StepObserver = std::function<void(const Step&)>;

class InstructionSetSimulator {
 public:
  virtual ~InstructionSetSimulator() = default;

  // ap_start: the next step executes the instruction at ENTRY. Scale registers become 0; vector
  // registers keep what they hold.
  virtual void start() = 0;

  // Executes one instruction. Only after start(), and no further once a step was `finished` (throws
  // Error).
  virtual Step step() = 0;

  // The state of register r: all its words, and its scale register.
  virtual std::span<const std::int32_t> register_words(unsigned r) const = 0;
  virtual std::uint32_t register_scale(unsigned r) const = 0;
};

}  // namespace sterna
