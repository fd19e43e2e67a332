// SPDX-License-Identifier: Apache-2.0
// The decoder against the assembler's own rules: legality, addresses, registers and units of random
// instructions, most of them one wrong field away from legal.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <verilated.h>

#include <deque>
#include <random>

#include "Vdecode_default.h"
#include "Vdecode_fff.h"
#include "isa/instruction.h"
#include "isa/numerics.h"
#include "isa/trees.h"
#include "tests/rtl_units/segment_port.h"

namespace sterna {
namespace {

// decode.sv's defaults, but for FFF instructions.
constexpr Limits kLimits{.vector_length = 8192, .registers = 8};

struct Expected {
  Instruction instruction;
  std::uint32_t pc = 0;
  Status status = Status::kOk;
  std::uint64_t address = 0;
};

class DecodeTest : public ::testing::Test {
 protected:
  DecodeTest() {
    context_.randReset(2);
    top_.clk_i = 0;
    top_.rst_ni = 0;
    top_.flush_i = 0;
    top_.valid_i = 0;
    put_no_segment(top_.segment_i);
    edge();
    edge();
    top_.rst_ni = 1;
  }

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  // New arguments, as before a program's start.
  void set_segments() {
    for (unsigned s = 0; s < kSegments; ++s) {
      segments_[s].base = random_() << 32 | random_();
      if (below(4) == 0)
        segments_[s].base |= ~std::uint64_t{0} << (10 + below(40));  // near the end
      segments_[s].stride = below(2) == 0 ? 0 : static_cast<std::uint32_t>(random_()) >> below(32);
      segments_[s].lines = below(4) == 0 ? static_cast<std::uint32_t>(random_()) : below(1 << 20);
      put_segment(top_.segment_i, s, segments_[s]);
      edge();
    }
    put_no_segment(top_.segment_i);
    token_ = below(2) == 0 ? below(4000) : static_cast<std::uint32_t>(random_());
    top_.token_i = token_;
    last_lane_ = below(kMaxLanes);
    top_.last_lane_i = static_cast<CData>(last_lane_);
  }

  // Lines from the last lane's copy of a segment (a matrix has none) to the end of the addresses.
  std::uint64_t room(const Instruction& in) const {
    const Segment& segment = segments_[in.get(Field::kSeg)];
    const InstructionInfo* info = find_instruction(in.get(Field::kOp));
    const bool copies = info == nullptr || !striped(*info);
    const std::uint64_t first =
        segment.base / kLineBytes + (copies ? std::uint64_t{segment.stride} * last_lane_ : 0);
    constexpr std::uint64_t kEnd = std::uint64_t{1} << 58;
    return first < kEnd ? kEnd - first : 0;
  }

  std::uint32_t length() {
    switch (below(8)) {
      case 0:
        return kLimits.vector_length;
      case 1:
        return 1 + below(70);
      case 2:
        return below(65536);
      case 3:
        return kLimits.vector_length + below(2);
      default:
        return 1 + below(kLimits.vector_length);
    }
  }

  Instruction pick() {
    Instruction in;
    const InstructionInfo& info = kInstructionSet[below(kInstructionSet.size())];
    in.set(Field::kOp, static_cast<std::uint32_t>(info.opcode));
    const std::uint32_t registers = below(10) == 0 ? kMaxRegisters : kLimits.registers;
    for (const auto& [operand, field] :
         {std::pair{Operand::kVd, Field::kVd}, std::pair{Operand::kVa, Field::kVa},
          std::pair{Operand::kVb, Field::kVb}, std::pair{Operand::kVc, Field::kVc}}) {
      if (info.has(operand)) in.set(field, below(registers));
    }
    if (info.has(Operand::kMem)) {
      in.set(Field::kSeg, below(kSegments));
      in.set(Field::kOff, below(1 << 20));
    }
    if (info.has(Operand::kTrees)) {
      in.set(info.trees, below(20) == 0 ? below(2 * kMaxTrees) : 1 + below(kMaxTrees));
    }
    if (info.has(Operand::kDepth)) {
      in.set(Field::kDepth, below(below(2) == 0 ? 6 : kMaxTreeDepth + 1));
    }
    if (info.opcode == Opcode::kFffout && below(4) != 0) {  // those of the last FFFIN
      in.set(Field::kLen, walked_.trees);
      in.set(Field::kDepth, walked_.depth);
    }
    if (info.has(Operand::kLen)) in.set(Field::kLen, length());
    if (info.has(Operand::kRows)) in.set(Field::kRows, length());
    if (info.has(Operand::kImm)) {
      in.set(Field::kImm, below(4) == 0 ? static_cast<std::uint32_t>(random_()) : below(1 << 22));
      if (info.imm_kind == ImmKind::kScale && below(2) == 0) {
        in.set(Field::kImm, numerics::pack_scale({below(1 << 22), 20}));
      }
    }
    if (below(8) == 0) in.words[below(4)] ^= 1u << below(32);
    if (info.has(Operand::kMem) && below(4) == 0) edge_of_segment(in);
    return in;
  }

  // Moves the instruction so that it ends on its segment's end, or just past it.
  void edge_of_segment(Instruction& in) {
    if (check(in, kLimits) != Status::kOk) return;
    const LineRange lines = lines_touched(in, token_);
    const std::uint64_t size =
        std::min<std::uint64_t>(segments_[in.get(Field::kSeg)].lines, room(in));
    const std::uint64_t without = lines.first + lines.count - in.get(Field::kOff);
    if (size >= without) in.set(Field::kOff, static_cast<std::uint32_t>(size - without + below(2)));
  }

  Expected expect(const Instruction& in, std::uint32_t pc, bool overrun) {
    Expected e{.instruction = in, .pc = pc, .status = Status::kOk, .address = 0};
    if (overrun) {
      e.status = Status::kPcOverrun;
    } else if (TreeShape walked = walked_;
               check(in, kLimits) != Status::kOk || !follow_trees(in, walked)) {
      e.status = Status::kIllegalInstruction;
    } else if (find_instruction(in.get(Field::kOp))->has(Operand::kMem)) {
      const LineRange lines = lines_touched(in, token_);
      const Segment& segment = segments_[in.get(Field::kSeg)];
      if (!lines.within(segment.lines) || !lines.within(room(in))) e.status = Status::kBadAddress;
      // EMB's row is Load/Store's business: each lane has a token of its own.
      e.address =
          segment.base / kLineBytes * kLineBytes + std::uint64_t{in.get(Field::kOff)} * kLineBytes;
    }
    // What follows an instruction that is not legal, nobody asks.
    if (in.get(Field::kOp) == static_cast<std::uint32_t>(Opcode::kFffin)) {
      walked_ = {.trees = in.get(Field::kRows) % 128, .depth = in.get(Field::kDepth)};
    }
    return e;
  }

  void compare(const Expected& e) {
    const Instruction& in = e.instruction;
    SCOPED_TRACE(fmt::format("{:08x} {:08x} {:08x} {:08x}, token {}", in.words[3], in.words[2],
                             in.words[1], in.words[0], token_));
    ASSERT_EQ(static_cast<Status>(top_.fault_o), e.status);
    ASSERT_EQ(top_.pc_o, e.pc);
    ++seen_[static_cast<std::size_t>(e.status)];
    if (e.status != Status::kOk) return;
    ++legal_[in.get(Field::kOp)];
    const InstructionInfo& info = *find_instruction(in.get(Field::kOp));
    for (unsigned i = 0; i < 4; ++i) ASSERT_EQ(top_.instr_o[i], in.words[i]);
    ASSERT_EQ(top_.halt_o, info.opcode == Opcode::kHalt);
    const auto unit = static_cast<unsigned>(info.unit);
    ASSERT_EQ(top_.unit_o, info.unit == Unit::kCtl ? 0u : 1u << unit);
    const auto mask = [&](Operand operand, Field field) {
      return info.has(operand) ? 1u << in.get(field) : 0u;
    };
    const unsigned dest = mask(Operand::kVd, Field::kVd), va = mask(Operand::kVa, Field::kVa),
                   vb = mask(Operand::kVb, Field::kVb), vc = mask(Operand::kVc, Field::kVc);
    const unsigned sources = va | vb | vc;
    constexpr unsigned kWidth = kLimits.registers;
    // GATE and SCAN begin with b and c.
    const bool gate = info.opcode == Opcode::kGate || info.opcode == Opcode::kScan;
    ASSERT_EQ(top_.operands_o, dest | (gate ? vb : va) << kWidth | (gate ? vc : vb) << 2 * kWidth |
                                   std::uint64_t{gate ? va : vc} << 3 * kWidth);
    ASSERT_EQ(top_.sources_o, sources);
    ASSERT_EQ(top_.dest_o, dest);
    ASSERT_EQ(came_.unit, top_.unit_o);
    ASSERT_EQ(came_.sources, sources);
    ASSERT_EQ(came_.dest, dest);
    ASSERT_EQ(came_.chain, info.chain);
    ASSERT_EQ(top_.result_o, static_cast<unsigned>(info.result));
    if (info.has(Operand::kMem)) {
      ASSERT_EQ(top_.line_addr_o, e.address);
    }
  }

  void edge() {
    if (top_.ready_o) {
      came_ = {top_.coming_unit_o, top_.coming_sources_o, top_.coming_dest_o,
               top_.coming_chain_o != 0};
    }
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
  }

  std::mt19937_64 random_{1};
  VerilatedContext context_;
  Vdecode_fff top_{&context_};
  std::array<Segment, kSegments> segments_;
  TreeShape walked_ = kNoTrees;
  std::uint32_t token_ = 0;
  std::uint32_t last_lane_ = 0;
  // What was said of the instruction at the output before it got there.
  struct {
    unsigned unit, sources, dest;
    bool chain;
  } came_{};
  std::array<std::uint64_t, 8> seen_{};     // by status
  std::array<std::uint64_t, 256> legal_{};  // by opcode
};

TEST_F(DecodeTest, AgreesWithTheAssembler) {
  for (unsigned program = 0; program < 400; ++program) {
    set_segments();
    std::deque<Expected> expected;
    unsigned given = 0;
    bool valid = false;
    Instruction next;
    std::uint32_t pc = 0;
    bool overrun = false;
    for (unsigned cycle = 0; given < 500 || !expected.empty(); ++cycle) {
      ASSERT_LT(cycle, 10'000u) << "hangs";
      if (!valid && given < 500 && below(8) != 0) {
        valid = true;
        ++given;
        next = pick();
        pc = static_cast<std::uint32_t>(random_());
        overrun = below(50) == 0;
      }
      top_.valid_i = valid;
      for (unsigned i = 0; i < 4; ++i) top_.instr_i[i] = next.words[i];
      top_.pc_i = pc;
      top_.overrun_i = overrun;
      top_.ready_i = below(3) != 0;
      top_.eval();
      if (top_.valid_o && top_.ready_i) {
        ASSERT_FALSE(expected.empty());
        compare(expected.front());
        if (HasFailure()) return;
        expected.pop_front();
      }
      if (valid && top_.ready_o) {
        valid = false;
        expected.push_back(expect(next, pc, overrun));
      }
      edge();
    }
  }
  EXPECT_GT(legal_[static_cast<std::size_t>(Opcode::kFffin)], 1000u);
  EXPECT_GT(legal_[static_cast<std::size_t>(Opcode::kFffout)], 500u);
  for (const Status status :
       {Status::kOk, Status::kIllegalInstruction, Status::kBadAddress, Status::kPcOverrun}) {
    EXPECT_GT(seen_[static_cast<std::size_t>(status)], 2000u) << name(status);
  }
}

// A build without the capability.
TEST(DecodeWithoutFff, HasNoTrees) {
  VerilatedContext context;
  Vdecode_default top(&context);
  Instruction in;
  in.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kFffin));
  in.set(Field::kVd, 1);
  in.set(Field::kLen, 1);
  in.set(Field::kRows, 1);
  in.set(Field::kImm, numerics::pack_scale({1, 20}));
  for (unsigned cycle = 0; cycle < 12; ++cycle) {
    top.clk_i = 0;
    top.rst_ni = cycle > 1;
    top.flush_i = 0;
    top.valid_i = cycle > 1;
    top.ready_i = 0;
    for (unsigned i = 0; i < 4; ++i) top.instr_i[i] = in.words[i];
    put_segment(top.segment_i, cycle % kSegments, {0, 1000, 0});
    top.eval();
    top.clk_i = 1;
    top.eval();
  }
  EXPECT_TRUE(top.valid_o);
  EXPECT_EQ(static_cast<Status>(top.fault_o), Status::kIllegalInstruction);
}

// A program that ended leaves nothing behind: no instruction, and no trees.
TEST_F(DecodeTest, FlushEmptiesThePipeline) {
  set_segments();
  top_.valid_i = 1;
  top_.ready_i = 0;
  for (unsigned i = 0; i < 20; ++i) edge();
  EXPECT_TRUE(top_.valid_o);
  top_.valid_i = 0;
  top_.flush_i = 1;
  edge();
  top_.flush_i = 0;
  top_.ready_i = 1;
  for (unsigned i = 0; i < 20; ++i) {
    top_.eval();
    EXPECT_FALSE(top_.valid_o);
    edge();
  }
}

}  // namespace
}  // namespace sterna
