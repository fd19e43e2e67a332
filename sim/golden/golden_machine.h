// The golden model: the instruction set executed with the arithmetic of docs/numerics.md,
// instruction by instruction.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "asm/instruction.h"
#include "sim/golden/memory.h"
#include "sim/golden/simulator.h"

namespace sterna {

// The control registers that a program sees (one lane).
struct ControlState {
  struct Segment {
    std::uint64_t base = 0;   // byte address; bits 5:0 count as zero
    std::uint32_t lines = 0;  // size; 0 is closed
  };
  std::array<Segment, kSegments> segments;
  std::uint32_t entry = 0;  // in instructions
  std::uint32_t token = 0;
};

class GoldenMachine final : public InstructionSetSimulator {
 public:
  struct Shape {
    std::uint32_t vector_length = kMaxVectorLength;  // elements, 1..kMaxVectorLength
    std::uint32_t registers = 8;                     // 1..kMaxRegisters
    std::uint32_t rom_depth = 4096;                  // instructions
  };

  // Runs on `memory`, which must outlive the machine. Throws Error when the shape is beyond the
  // instruction set's.
  GoldenMachine(const Shape& shape, Memory& memory);

  const Shape& shape() const { return shape_; }
  ControlState& control() { return control_; }
  // rom_depth instructions, all zero (which is illegal) at first.
  std::span<Instruction> rom() { return rom_; }

  void start() override;
  Step step() override;
  std::span<const std::int32_t> register_words(unsigned r) const override;
  std::uint32_t register_scale(unsigned r) const override;

  // For whoever wants known contents at the start of a program; all words are zero at first.
  std::span<std::int32_t> mutable_register_words(unsigned r);

 private:
  struct Register {
    std::vector<std::int32_t> words;  // whole lines
    std::uint32_t scale = 0;
  };

  Status execute(const Instruction& in, Step& step);
  Status load(const Instruction& in, std::uint64_t address, std::uint64_t bytes, Step& step);
  Status store(const Instruction& in, std::uint64_t address, std::uint64_t bytes, Step& step);
  Status ternary_matmul(const Instruction& in, std::uint64_t address, std::uint64_t bytes,
                        Step& step);
  void row_wise(const Instruction& in, Step& step);
  void norm(const Instruction& in, Step& step);
  void quantise(const Instruction& in, Step& step);

  // Ends the write of `elements` fix elements to vd: zeros to the end of the line, and the step's
  // record.
  void finish_fix(const Instruction& in, std::uint32_t elements, Step& step);

  std::int32_t* words(const Instruction& in, Field field) {
    return registers_[in.get(field)].words.data();
  }

  Shape shape_;
  Memory& memory_;
  ControlState control_;
  std::vector<Instruction> rom_;
  std::vector<Register> registers_;
  std::uint32_t pc_ = 0;
  bool running_ = false;
};

}  // namespace sterna
