// SPDX-License-Identifier: Apache-2.0
// A compiled program as a graph: programs are straight lines, so that every register's content has
// exactly one origin. Legality and addresses are checked here, once; what executes a plan has no
// registers and checks nothing.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "host/plan/kind.h"
#include "isa/instruction.h"
#include "isa/trees.h"
#include "support/error.h"

namespace sterna::plan {

// A vector that an operation makes: whole lines of words, with zeros behind its last element. Its
// number is the index in Plan::values.
using Value = std::uint32_t;
inline constexpr Value kNoValue = ~Value{0};

struct Operation {
  Kind kind{};
  Opcode opcode{};
  std::uint32_t pc = 0;                                   // of its instruction
  std::array<Value, 3> in{kNoValue, kNoValue, kNoValue};  // va, vb, vc
  Value out = kNoValue;
  Value scale = kNoValue;  // of a product: the QUANT whose scale it takes; none: the scale is 0
  // What an earlier operation left beside its vector: the lift of NORML's LIFT (none: 0), the path
  // of FFFOUT's FFFIN, the list that TOPK goes on with (none: an empty one).
  Value before = kNoValue;
  std::uint32_t length = 0;  // elements of the sources
  std::uint32_t rows = 0;    // of a matrix
  std::uint32_t imm = 0;
  TreeShape trees{};
  std::uint32_t segment = 0;
  LineRange lines;    // in the segment; EMB: of token 0's row
  bool head = false;  // only results come of it, nothing that a later program reads

  // Every value that it needs, with what was left beside it.
  std::array<Value, 5> needs() const { return {in[0], in[1], in[2], scale, before}; }
};

struct ValueInfo {
  std::uint32_t operation = 0;  // that makes it
  std::uint32_t lines = 0;
};

// Memory as a program's segment registers name it, in lines.
struct Segment {
  std::uint64_t first = 0;   // line address
  std::uint64_t lines = 0;   // of one copy
  std::uint64_t stride = 0;  // from one copy to the next; 0: all share one
  bool result = false;       // what is stored here is read by nobody but the host
};

struct Plan {
  std::vector<Operation> operations;  // in the program's order
  std::vector<ValueInfo> values;
  // Of each register at the program's end: its parts, the shorter ones over the longer ones.
  std::array<std::vector<Value>, kMaxRegisters> registers;
  std::array<Segment, kSegments> segments;
  std::uint32_t channels = 1;
  bool keeps_registers = false;  // somebody reads them at the end
};

// What a plan is made for.
struct Target {
  Limits limits;
  std::array<Segment, kSegments> segments;
  std::uint32_t copies = 1;          // of the segments with a stride
  std::uint32_t greatest_token = 0;  // that EMB will meet
  bool registers = false;            // what they hold at the end is wanted, too
};

// A program that would end with a status other than OK.
class Refused : public Error {
 public:
  Refused(Status status, std::uint32_t pc)
      : Error("instruction {} would end the program with {}", pc, name(status)),
        status_(status),
        pc_(pc) {}
  Status status() const { return status_; }
  std::uint32_t pc() const { return pc_; }

 private:
  Status status_;
  std::uint32_t pc_;
};

// The program from `entry` to its HALT. Throws Refused, and Error for a program that reads what it
// has not written: elements of a register, or a path.
Plan make_plan(std::span<const Instruction> program, std::uint32_t entry, const Target& target);

// Can the two, of which one stores, touch the same memory?
bool conflict(const Plan& plan, const Operation& a, const Operation& b);

}  // namespace sterna::plan
