// SPDX-License-Identifier: Apache-2.0
// Every status code, at the boundary where it begins, and that a fault leaves no trace.
#include <gtest/gtest.h>

#include <cstring>

#include "isa/numerics.h"
#include "sim/golden/golden_machine.h"
#include "tests/golden/program_builder.h"

namespace sterna::golden {
namespace {

class FaultsTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kLines = 64;

  FaultsTest() { machine.control().segments[1] = {0, kLines}; }

  // How an instruction ends; a fault must have changed nothing.
  Status status_of(const Instruction& instruction) {
    machine.rom()[0] = instruction;
    machine.start();
    const Step step = machine.step();
    if (step.status != Status::kOk) {
      EXPECT_TRUE(step.finished);
      EXPECT_TRUE(step.registers.empty());
      EXPECT_TRUE(step.memory_written.empty());
      EXPECT_EQ(step.pc, 0u);
      EXPECT_THROW(machine.step(), std::exception);
    }
    return step.status;
  }

  Memory memory{kLines * kLineBytes};
  GoldenMachine machine{{.vector_length = 256, .registers = 4, .rom_depth = 8}, memory};
};

using enum Field;

TEST_F(FaultsTest, UnknownOpcodesAreIllegal) {
  for (std::uint32_t op = 0; op < 256; ++op) {
    if (find_instruction(op) != nullptr) continue;
    Instruction in;
    in.set(kOp, op);
    EXPECT_EQ(status_of(in), Status::kIllegalInstruction) << op;
  }
}

TEST_F(FaultsTest, EveryUnusedBitIsIllegal) {
  const Instruction legal = make(Opcode::kSv, {{kVa, 1}, {kSeg, 1}, {kLen, 16}});
  ASSERT_EQ(status_of(legal), Status::kOk);
  const auto& used = find_instruction(static_cast<std::uint32_t>(Opcode::kSv))->used;
  int unused = 0;
  for (unsigned bit = 0; bit < 128; ++bit) {
    if ((used[bit / 32] >> (bit % 32) & 1) != 0) continue;
    ++unused;
    Instruction in = legal;
    in.words[bit / 32] ^= 1u << (bit % 32);
    EXPECT_EQ(status_of(in), Status::kIllegalInstruction) << bit;
  }
  EXPECT_EQ(unused, 128 - 8 - 4 - 4 - 16 - 32);
}

TEST_F(FaultsTest, RegistersBeyondTheBuildAreIllegal) {
  EXPECT_EQ(status_of(make(Opcode::kGate, {{kVd, 3}, {kVa, 3}, {kVb, 3}, {kVc, 3}, {kLen, 1}})),
            Status::kOk);
  for (const Field field : {kVd, kVa, kVb, kVc}) {
    EXPECT_EQ(status_of(make(Opcode::kGate, {{field, 4}, {kLen, 1}})), Status::kIllegalInstruction);
  }
}

TEST_F(FaultsTest, LengthsAndRowsBeyondTheBuildAreIllegal) {
  const auto set = [&](std::uint32_t len) { return status_of(make(Opcode::kSet, {{kLen, len}})); };
  EXPECT_EQ(set(0), Status::kIllegalInstruction);
  EXPECT_EQ(set(1), Status::kOk);
  EXPECT_EQ(set(256), Status::kOk);
  EXPECT_EQ(set(257), Status::kIllegalInstruction);
  const auto rows = [&](std::uint32_t count) {
    return status_of(make(
        Opcode::kTmatmul,
        {{kVa, 1}, {kSeg, 1}, {kRows, count}, {kLen, 1}, {kImm, numerics::pack_scale({0, 13})}}));
  };
  EXPECT_EQ(rows(0), Status::kIllegalInstruction);
  EXPECT_EQ(rows(256), Status::kOk);
  EXPECT_EQ(rows(257), Status::kIllegalInstruction);
}

TEST_F(FaultsTest, TernaryMatmulRules) {
  const auto matmul = [&](std::uint32_t vd, std::uint32_t imm) {
    return status_of(make(Opcode::kTmatmul,
                          {{kVd, vd}, {kVa, 1}, {kSeg, 1}, {kRows, 5}, {kLen, 64}, {kImm, imm}}));
  };
  EXPECT_EQ(matmul(0, numerics::pack_scale({0, 13})), Status::kOk);
  EXPECT_EQ(matmul(1, numerics::pack_scale({0, 13})), Status::kIllegalInstruction);  // vd = va
  EXPECT_EQ(matmul(0, numerics::pack_scale({0, 12})), Status::kIllegalInstruction);
  EXPECT_EQ(matmul(0, numerics::pack_scale({0xFFFFFF, 63})), Status::kOk);
  EXPECT_EQ(matmul(0, 1u << 30 | numerics::pack_scale({0, 13})), Status::kIllegalInstruction);
}

TEST_F(FaultsTest, AccessesEndWithTheirSegment) {
  for (const Opcode op : {Opcode::kLdv, Opcode::kSv}) {
    const auto at = [&](std::uint32_t off) {
      return status_of(make(op, {{kSeg, 1}, {kOff, off}, {kLen, 17}}));
    };
    EXPECT_EQ(at(kLines - 2), Status::kOk);
    EXPECT_EQ(at(kLines - 1), Status::kBadAddress);
    EXPECT_EQ(at(0xFFFFFFFF), Status::kBadAddress);  // no wrap-around at 32 bits
  }
  const auto matmul = [&](std::uint32_t rows) {
    return status_of(make(Opcode::kTmatmul, {{kVa, 1},
                                             {kSeg, 1},
                                             {kOff, 32},
                                             {kRows, rows},
                                             {kLen, 65},
                                             {kImm, numerics::pack_scale({0, 13})}}));
  };
  EXPECT_EQ(matmul(80), Status::kOk);  // 16 groups of 2 lines
  EXPECT_EQ(matmul(81), Status::kBadAddress);
  // A closed segment; and legality is checked first.
  EXPECT_EQ(status_of(make(Opcode::kLdv, {{kSeg, 2}, {kLen, 1}})), Status::kBadAddress);
  EXPECT_EQ(status_of(make(Opcode::kLdv, {{kSeg, 2}, {kLen, 0}})), Status::kIllegalInstruction);
}

TEST_F(FaultsTest, ATokenBeyondTheTableIsABadAddress) {
  const Instruction emb =
      make(Opcode::kEmb, {{kSeg, 1}, {kOff, 4}, {kLen, 33}});  // rows of 3 lines
  machine.control().tokens[0] = 19;
  EXPECT_EQ(status_of(emb), Status::kOk);
  machine.control().tokens[0] = 20;
  EXPECT_EQ(status_of(emb), Status::kBadAddress);
  machine.control().tokens[0] = 0xFFFFFFFF;
  EXPECT_EQ(status_of(emb), Status::kBadAddress);
}

TEST_F(FaultsTest, BeyondMemoryIsABusError) {
  machine.control().segments[1] = {64, kLines};  // its last line is not there
  EXPECT_EQ(status_of(make(Opcode::kLdv, {{kSeg, 1}, {kOff, kLines - 2}, {kLen, 16}})),
            Status::kOk);
  EXPECT_EQ(status_of(make(Opcode::kLdv, {{kSeg, 1}, {kOff, kLines - 2}, {kLen, 17}})),
            Status::kReadError);
  EXPECT_EQ(status_of(make(Opcode::kEmb, {{kSeg, 1}, {kOff, kLines - 1}, {kLen, 1}})),
            Status::kReadError);
  EXPECT_EQ(status_of(make(Opcode::kSv, {{kSeg, 1}, {kOff, kLines - 1}, {kLen, 1}})),
            Status::kWriteError);
  EXPECT_EQ(status_of(make(Opcode::kTmatmul, {{kVa, 1},
                                              {kSeg, 1},
                                              {kOff, kLines - 1},
                                              {kRows, 1},
                                              {kLen, 1},
                                              {kImm, numerics::pack_scale({0, 13})}})),
            Status::kReadError);
}

// The last line of 64-bit addresses may be asked for (no memory has it); nothing wraps around to 0.
TEST_F(FaultsTest, AddressesEndAtTwoToThe64) {
  const auto at = [&](std::uint64_t lines_before_the_end, const Instruction& in) {
    machine.control().segments[1] = {-lines_before_the_end * kLineBytes, 0xFFFFFFFF};
    return status_of(in);
  };
  const Instruction load = make(Opcode::kLdv, {{kSeg, 1}, {kOff, 5}, {kLen, 17}});  // lines 5 and 6
  EXPECT_EQ(at(7, load), Status::kReadError);
  EXPECT_EQ(at(6, load), Status::kBadAddress);
  EXPECT_EQ(at(4, load), Status::kBadAddress);  // both lines beyond
  const Instruction store = make(Opcode::kSv, {{kSeg, 1}, {kOff, 0xFFFFFFFE}, {kLen, 1}});
  EXPECT_EQ(at(0xFFFFFFFF, store), Status::kWriteError);
  EXPECT_EQ(at(0xFFFFFFFE, store), Status::kBadAddress);
  machine.control().tokens[0] = 3;
  const Instruction emb = make(Opcode::kEmb, {{kSeg, 1}, {kLen, 33}});  // rows of 3 lines
  EXPECT_EQ(at(12, emb), Status::kReadError);
  EXPECT_EQ(at(11, emb), Status::kBadAddress);
  const Instruction matmul =
      make(Opcode::kTmatmul,
           {{kVa, 1}, {kSeg, 1}, {kRows, 6}, {kLen, 65}, {kImm, numerics::pack_scale({0, 13})}});
  EXPECT_EQ(at(4, matmul), Status::kReadError);
  EXPECT_EQ(at(3, matmul), Status::kBadAddress);
}

TEST_F(FaultsTest, AProgramWithoutHaltOverrunsTheRom) {
  for (Instruction& in : machine.rom()) in = make(Opcode::kSet, {{kLen, 1}});
  machine.start();
  Step step;
  for (int i = 0; i < 8; ++i) {
    step = machine.step();
    ASSERT_FALSE(step.finished);
  }
  step = machine.step();
  EXPECT_TRUE(step.finished);
  EXPECT_EQ(step.status, Status::kPcOverrun);
  EXPECT_EQ(step.pc, 8u);
}

TEST_F(FaultsTest, ShapesBeyondTheInstructionSetAreRefused) {
  EXPECT_THROW(GoldenMachine({.vector_length = 8193}, memory), std::exception);
  EXPECT_THROW(GoldenMachine({.vector_length = 0}, memory), std::exception);
  EXPECT_THROW(GoldenMachine({.registers = 17}, memory), std::exception);
  EXPECT_THROW(GoldenMachine({.channels = 3}, memory), std::exception);
  EXPECT_THROW(GoldenMachine({.channels = 8}, memory), std::exception);
  EXPECT_THROW(GoldenMachine({.lanes = 0}, memory), std::exception);
  EXPECT_THROW(GoldenMachine({.lanes = 65}, memory), std::exception);
}

}  // namespace
}  // namespace sterna::golden
