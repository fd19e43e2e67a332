// SPDX-License-Identifier: Apache-2.0
// One lane of the golden model: the registers of a sequence and the units that work on nothing
// else.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "isa/instruction.h"
#include "isa/numerics.h"
#include "isa/top_list.h"
#include "isa/trees.h"

namespace sterna::golden {

class GoldenLane {
 public:
  struct Register {
    std::vector<std::int32_t> words;  // whole lines, all zero at first
    std::uint32_t scale = 0;
  };

  GoldenLane(std::uint32_t vector_length, std::uint32_t registers);

  // A program starts: scales and the lift become 0, the top list empty.
  void start();

  Register& at(unsigned r) { return registers_.at(r); }
  const Register& at(unsigned r) const { return registers_.at(r); }
  std::int32_t* words(const Instruction& in, Field field) {
    return registers_[in.get(field)].words.data();
  }

  // Executes a legal instruction of the units ROW, RMS and TOP and returns the words of vd that it
  // wrote. SCAN takes `old`, the previous lane's result, for vb unless it is null.
  std::span<const std::int32_t> execute(const Instruction& in, const std::int32_t* old = nullptr);

  // The record of FFFOUT's matrix that each block on the paths of the last FFFIN leads to, in the
  // order of the blocks' elements.
  std::span<std::uint32_t, kMostPathBlocks> path() { return path_; }

  // Did the last instruction that was executed here have to clamp an element?
  bool saturated() const { return saturated_; }

  // Ends the write of `elements` fix elements to vd: zeros to the end of the line. Returns all of
  // it.
  std::span<const std::int32_t> finish_fix(const Instruction& in, std::uint32_t elements);

 private:
  std::span<const std::int32_t> row_wise(const Instruction& in, const std::int32_t* old);
  std::span<const std::int32_t> norm(const Instruction& in, int lift);
  std::span<const std::int32_t> lift(const Instruction& in);
  std::span<const std::int32_t> quantise(const Instruction& in);
  std::span<const std::int32_t> top(const Instruction& in);

  // max |va|, at least 1.
  std::uint32_t largest(const Instruction& in);
  // vd = va times the factor, times vb: the second pass of NORM and LIFT.
  std::span<const std::int32_t> scale(const Instruction& in, numerics::Factor factor);

  std::vector<Register> registers_;
  TopList list_;
  int lift_ = 0;  // of the last LIFT
  std::array<std::uint32_t, kMostPathBlocks> path_{};
  bool saturated_ = false;
};

}  // namespace sterna::golden
