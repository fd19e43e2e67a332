// SPDX-License-Identifier: Apache-2.0
// The golden model: the instruction set executed with the arithmetic of docs/numerics.md,
// instruction by instruction.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "isa/capabilities.h"
#include "isa/instruction.h"
#include "isa/trees.h"
#include "sim/golden/golden_lane.h"
#include "sim/golden/memory.h"
#include "sim/golden/simulator.h"

namespace sterna::golden {

// The control registers that a program sees.
struct ControlState {
  struct Segment {
    std::uint64_t base = 0;         // byte address; bits 5:0 count as zero
    std::uint32_t lines = 0;        // size, of a lane's copy; 0 is closed
    std::uint32_t lane_stride = 0;  // lines from one lane's copy to the next; 0: all share one
  };
  std::array<Segment, kSegments> segments;
  std::uint32_t entry = 0;  // in instructions
  std::array<std::uint32_t, kMaxLanes> tokens{};
  std::uint64_t lane_mask = 0;  // a bit a lane; none: lane 0
  bool prefill = false;         // SCAN goes from each active lane to the next
};

class GoldenMachine final : public InstructionSetSimulator {
 public:
  struct Shape {
    std::uint32_t vector_length = kMaxVectorLength;  // elements, 1..kMaxVectorLength
    std::uint32_t registers = 8;                     // 1..kMaxRegisters, of each lane
    std::uint32_t rom_depth = 16384;                 // instructions; a 2.7B model has 4,346
    std::uint32_t channels = 1;                      // 1, 2, 4 or 8
    std::uint32_t lanes = 1;                         // 1..kMaxLanes
    std::uint32_t trees = kMaxTrees;                 // of FFFIN; 0: no FFF instructions
  };
  // Of a machine that computes as this device does.
  static Shape shape_of(const Capabilities& device);

  // Runs on `memory`, which must outlive the machine: channel c's part is the c-th of as many equal
  // ones. Throws Error when the shape is beyond the instruction set's.
  GoldenMachine(const Shape& shape, Memory& memory);

  const Shape& shape() const { return shape_; }
  // What the next start() takes over; a program that runs keeps what it started with.
  ControlState& control() { return next_; }
  // rom_depth instructions, all zero (which is illegal) at first.
  std::span<Instruction> rom() { return rom_; }

  // The lanes that take part in the last program that was started, lowest first.
  const std::vector<unsigned>& active_lanes() const { return active_; }

  void start() override;
  Step step() override;
  std::span<const std::int32_t> register_words(unsigned r, unsigned lane = 0) const override;
  std::uint32_t register_scale(unsigned r, unsigned lane = 0) const override;

  // For whoever wants known contents at the start of a program; all words are zero at first.
  std::span<std::int32_t> mutable_register_words(unsigned r, unsigned lane = 0);

 private:
  std::vector<unsigned> lanes_of(std::uint64_t mask) const;
  Status execute(const Instruction& in);
  Status load(const Instruction& in);
  Status store(const Instruction& in);
  Status ternary_matmul(const Instruction& in);
  Status fff_in(const Instruction& in);
  Status fff_out(const Instruction& in);
  void in_every_lane(const Instruction& in);

  // Where a lane's Load/Store instruction goes.
  Step::Range lane_range(const Instruction& in, unsigned lane) const;
  // Are the lines that the lanes, or channels, touch inside their segments and below 2^64?
  bool addresses_ok(const Instruction& in) const;
  // A segment's memory, or null when the range leaves that of its channel.
  std::byte* at(std::uint32_t segment, const Step::Range& range);
  // Lines of a matrix, counted from the instruction's offset, in a channel's segment: recorded as
  // read; null when memory answers with an error.
  const std::uint8_t* matrix_lines_at(const Instruction& in, std::uint64_t channel,
                                      const LineRange& lines);
  // Counts what the lanes' paths have in common, `per_visit` records a visit.
  void count_visits(const TreeShape& trees, std::uint32_t per_visit);
  // Records what a lane's fix write of vd has to show.
  void wrote(unsigned lane, std::span<const std::int32_t> words);

  Shape shape_;
  Memory& memory_;
  ControlState next_;
  ControlState control_;  // the program's
  std::vector<Instruction> rom_;
  std::vector<GoldenLane> lanes_;
  std::vector<unsigned> active_;  // since the program's start
  std::uint32_t pc_ = 0;
  bool running_ = false;
  TreeShape walked_ = kNoTrees;  // by the last FFFIN

  // What the last step did.
  bool saturated_ = false;
  std::uint64_t visits_ = 0, visits_shared_ = 0;
  std::vector<Step::RegisterWrite> registers_written_;
  std::vector<Step::Range> memory_read_;
  std::vector<Step::MemoryWrite> memory_written_;
  std::vector<std::byte> before_;  // what stood there, of all ranges
};

}  // namespace sterna::golden
