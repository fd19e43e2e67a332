// SPDX-License-Identifier: Apache-2.0
// Builds a program instruction by instruction: one function for each instruction that the compiler
// uses, named after it.
#pragma once

#include <cstdint>
#include <vector>

#include "host/model/layout.h"
#include "isa/instruction.h"
#include "isa/trees.h"

namespace sterna::model {

// A vector register.
struct Reg {
  std::uint32_t number = 0;
};

class Emitter {
 public:
  void emb(Reg vd, SegmentOffset table, std::uint32_t len) {
    memory(Opcode::kEmb, Field::kVd, vd, table, len);
  }
  void ldv(Reg vd, SegmentOffset from, std::uint32_t len) {
    memory(Opcode::kLdv, Field::kVd, vd, from, len);
  }
  void sv(Reg va, SegmentOffset to, std::uint32_t len) {
    memory(Opcode::kSv, Field::kVa, va, to, len);
  }

  void add(Reg vd, Reg va, Reg vb, std::uint32_t len);
  void mul(Reg vd, Reg va, Reg vb, std::uint32_t len);
  // Sigmoid and SiLU of what is held times 2^power, power in [-8, 7].
  void sigp(Reg vd, Reg va, std::uint32_t len, int power);
  void silup(Reg vd, Reg va, std::uint32_t len, int power);
  void relu(Reg vd, Reg va, std::uint32_t len);
  // GELU of what is held times 2^power, as SiLU.
  void gelu(Reg vd, Reg va, std::uint32_t len, int power);
  // vd = vc + gate * (vb - vc)
  void gate(Reg vd, Reg gate, Reg vb, Reg vc, std::uint32_t len);
  // The same, where vb is the state that goes from position to position.
  void scan(Reg vd, Reg gate, Reg vb, Reg vc, std::uint32_t len);
  void set(Reg vd, numerics::fix value, std::uint32_t len);

  void norm(Reg vd, Reg va, Reg weight, std::uint32_t len, double eps);
  // va as large as it may be with `headroom` bits above it, times weight.
  void lift(Reg vd, Reg va, Reg weight, std::uint32_t len, unsigned headroom);
  // The norm of what follows from the last lift.
  void norml(Reg vd, Reg va, Reg weight, std::uint32_t len, double eps);
  void quant(Reg vd, Reg va, std::uint32_t len);
  void tmatmul(Reg vd, Reg va, SegmentOffset matrix, std::uint32_t rows, std::uint32_t cols,
               std::uint32_t scale);
  void fffin(Reg vd, Reg va, SegmentOffset matrix, const TreeShape& trees, std::uint32_t cols,
             std::uint32_t scale);
  void fffout(Reg vd, Reg va, SegmentOffset matrix, std::uint32_t rows, const TreeShape& trees,
              std::uint32_t scale);
  // Merges va, the elements first_id and up, into the list of the greatest.
  void topk(Reg vd, Reg va, std::uint32_t len, std::uint32_t first_id);
  void halt();

  // The program so far; its size is the address of the next instruction.
  const std::vector<Instruction>& program() const { return program_; }

 private:
  Instruction& begin(Opcode opcode);
  void memory(Opcode opcode, Field field, Reg reg, SegmentOffset place, std::uint32_t len);
  void row(Opcode opcode, Reg vd, Reg va, std::uint32_t len);
  void normalise(Opcode opcode, Reg vd, Reg va, Reg weight, std::uint32_t len, double eps);

  std::vector<Instruction> program_;
};

}  // namespace sterna::model
