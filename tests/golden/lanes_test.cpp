// SPDX-License-Identifier: Apache-2.0
// What lanes add: registers, tokens, memory and lists of their own, and the chain of prefill.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "isa/numerics.h"
#include "sim/golden/golden_machine.h"
#include "tests/golden/program_builder.h"

namespace sterna::golden {
namespace {

using enum Field;

constexpr std::uint64_t kLaneMemoryBytes = 1 << 16;
constexpr unsigned kLanes = 3;

class LanesTest : public testing::Test {
 protected:
  LanesTest() {
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      for (unsigned r = 0; r < 4; ++r) {
        std::ranges::fill(machine.mutable_register_words(r, lane), kStale);
      }
    }
    machine.control().segments[1] = {0, kLaneMemoryBytes / kLineBytes};
    machine.control().lane_mask = 0b111;
  }

  Step run(const Instruction& instruction) {
    machine.rom()[0] = instruction;
    machine.rom()[1] = make(Opcode::kHalt);
    machine.start();
    return machine.step();
  }

  void set_word(unsigned lane, unsigned r, std::size_t i, std::int32_t value) {
    machine.mutable_register_words(r, lane)[i] = value;
  }
  std::int32_t word(unsigned lane, unsigned r, std::size_t i) const {
    return machine.register_words(r, lane)[i];
  }
  // Word `i` of register r of each lane.
  std::vector<std::int32_t> words(unsigned r, std::size_t i = 0) const {
    std::vector<std::int32_t> values;
    for (unsigned lane = 0; lane < kLanes; ++lane) values.push_back(word(lane, r, i));
    return values;
  }
  void set_line(std::uint64_t line, std::int32_t value) {
    const std::vector<std::int32_t> words(kLineBytes / 4, value);
    std::memcpy(memory.at(line * kLineBytes, kLineBytes), words.data(), kLineBytes);
  }
  std::int32_t memory_word(std::uint64_t line, std::size_t i = 0) const {
    std::int32_t value = 0;
    std::memcpy(&value, memory.at(line * kLineBytes + 4 * i, 4), 4);
    return value;
  }

  Memory memory{kLaneMemoryBytes};
  GoldenMachine machine{{.vector_length = 128, .registers = 4, .rom_depth = 16, .lanes = kLanes},
                        memory};
};

TEST_F(LanesTest, EachWorksOnItsOwnRegisters) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    set_word(lane, 0, 0, static_cast<std::int32_t>(10 * lane));
    set_word(lane, 1, 0, 1);
  }
  const Step step = run(make(Opcode::kAdd, {{kVd, 2}, {kVa, 0}, {kVb, 1}, {kLen, 1}}));
  EXPECT_EQ(words(2), (std::vector{1, 11, 21}));
  ASSERT_EQ(step.registers.size(), kLanes);
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    EXPECT_EQ(step.registers[lane].lane, lane);
    EXPECT_EQ(step.registers[lane].words.data(), machine.register_words(2, lane).data());
    EXPECT_EQ(step.registers[lane].words.size(), 16u);
  }
}

TEST_F(LanesTest, EachQuantisesWithItsOwnScale) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    set_word(lane, 0, 0, static_cast<std::int32_t>(1000 * (lane + 1)));
  }
  const Step step = run(make(Opcode::kQuant, {{kVd, 1}, {kVa, 0}, {kLen, 1}}));
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    EXPECT_TRUE(step.registers[lane].scale_written);
    EXPECT_EQ(step.registers[lane].scale, 1000 * (lane + 1));
    EXPECT_EQ(machine.register_scale(1, lane), 1000 * (lane + 1));
  }
}

TEST_F(LanesTest, IdleOnesKeepTheirRegisters) {
  run(make(Opcode::kQuant, {{kVd, 3}, {kVa, 3}, {kLen, 1}}));
  machine.control().lane_mask = 0b101;
  const Step step = run(make(Opcode::kSet, {{kVd, 2}, {kLen, 5}, {kImm, 7}}));
  EXPECT_EQ(words(2), (std::vector{7, kStale, 7}));
  ASSERT_EQ(step.registers.size(), 2u);
  EXPECT_EQ(step.registers[1].lane, 2u);
  EXPECT_EQ(machine.register_scale(3, 0), 0u);  // a program starts with scales of 0
  EXPECT_NE(machine.register_scale(3, 1), 0u);
}

TEST_F(LanesTest, AMaskWithoutALaneOfTheBuildMeansLaneZero) {
  for (const std::uint64_t mask : {std::uint64_t{0}, std::uint64_t{0b1000}, ~std::uint64_t{7}}) {
    machine.control().lane_mask = mask;
    machine.start();
    EXPECT_EQ(machine.active_lanes(), std::vector<unsigned>{0});
  }
  machine.control().lane_mask = ~std::uint64_t{0};
  machine.start();
  EXPECT_EQ(machine.active_lanes(), (std::vector<unsigned>{0, 1, 2}));
}

// One verdict for all: by the last active lane's copy, which lies highest.
TEST_F(LanesTest, NoLanesCopyWrapsAround) {
  machine.control().segments[1] = {std::uint64_t{0} - 12 * kLineBytes, 2, 5};
  const Instruction load = make(Opcode::kLdv, {{kVd, 2}, {kSeg, 1}, {kOff, 1}, {kLen, 3}});
  machine.control().lane_mask = 0b111;
  EXPECT_EQ(run(load).status, Status::kReadError);  // lane 2: the last line there is
  machine.control().segments[1].base += kLineBytes;
  EXPECT_EQ(run(load).status, Status::kBadAddress);
  machine.control().lane_mask = 0b011;
  EXPECT_EQ(run(load).status, Status::kReadError);
}

TEST_F(LanesTest, ArgumentsAreThoseOfTheStart) {
  machine.rom()[0] = make(Opcode::kSet, {{kVd, 2}, {kLen, 1}, {kImm, 7}});
  machine.control().lane_mask = 0b011;
  machine.start();
  machine.control().lane_mask = 0b111;
  EXPECT_EQ(machine.step().registers.size(), 2u);
  machine.start();
  EXPECT_EQ(machine.step().registers.size(), 3u);
}

TEST_F(LanesTest, LoadsComeFromTheLanesCopies) {
  for (std::uint64_t line = 0; line < 20; ++line) set_line(line, static_cast<std::int32_t>(line));
  machine.control().segments[1] = {128, 4, 5};  // lines 2..5, 7..10 and 12..15
  const Step step = run(make(Opcode::kLdv, {{kVd, 2}, {kSeg, 1}, {kOff, 3}, {kLen, 3}}));
  EXPECT_EQ(words(2), (std::vector{5, 10, 15}));
  EXPECT_EQ(words(2, 3), (std::vector{0, 0, 0}));
  ASSERT_EQ(step.memory_read.size(), 3u);
  EXPECT_EQ(step.memory_read[1].address, 10 * kLineBytes);
  // SEG_SIZE is that of one copy, wherever the copies lie.
  EXPECT_EQ(run(make(Opcode::kLdv, {{kVd, 2}, {kSeg, 1}, {kOff, 4}, {kLen, 3}})).status,
            Status::kBadAddress);
}

TEST_F(LanesTest, LoadsFromASharedSegmentAreTheSameForAll) {
  set_line(3, 42);
  run(make(Opcode::kLdv, {{kVd, 2}, {kSeg, 1}, {kOff, 3}, {kLen, 3}}));
  EXPECT_EQ(words(2), (std::vector{42, 42, 42}));
}

TEST_F(LanesTest, EachStoresToItsCopy) {
  machine.control().segments[1] = {64, 2, 3};
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    set_word(lane, 0, 0, static_cast<std::int32_t>(lane + 1));
  }
  machine.control().lane_mask = 0b110;
  for (std::uint64_t line = 0; line < 20; ++line) set_line(line, -1);
  const Step step = run(make(Opcode::kSv, {{kVa, 0}, {kSeg, 1}, {kOff, 1}, {kLen, 1}}));
  EXPECT_EQ(memory_word(2), -1);
  EXPECT_EQ(memory_word(5), 2);
  EXPECT_EQ(memory_word(8), 3);
  EXPECT_EQ(memory_word(8, 1), 0);  // whole lines
  EXPECT_EQ(memory_word(9), -1);
  ASSERT_EQ(step.memory_written.size(), 2u);
  EXPECT_EQ(step.memory_written[1].range.address, 8 * kLineBytes);
  EXPECT_EQ(step.memory_written[1].range.bytes, kLineBytes);
}

TEST_F(LanesTest, OnlyTheLastActiveOneStoresToASharedSegment) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    set_word(lane, 0, 0, static_cast<std::int32_t>(lane + 1));
  }
  const Instruction store = make(Opcode::kSv, {{kVa, 0}, {kSeg, 1}, {kLen, 1}});
  EXPECT_EQ(run(store).memory_written.size(), 1u);
  EXPECT_EQ(memory_word(0), 3);
  machine.control().lane_mask = 0b011;
  run(store);
  EXPECT_EQ(memory_word(0), 2);
}

TEST_F(LanesTest, EachEmbedsItsToken) {
  for (std::uint64_t line = 0; line < 100; ++line) set_line(line, static_cast<std::int32_t>(line));
  machine.control().tokens = {5, 0, 2};
  const Instruction embed = make(Opcode::kEmb, {{kVd, 2}, {kSeg, 1}, {kOff, 1}, {kLen, 17}});
  run(embed);
  EXPECT_EQ(words(2), (std::vector{11, 1, 5}));
  machine.control().segments[1].lane_stride = 30;
  run(embed);
  EXPECT_EQ(words(2), (std::vector{11, 31, 65}));
}

TEST_F(LanesTest, OnlyActiveOnesTokensCount) {
  machine.control().segments[1].lines = 4;
  machine.control().tokens = {3, 4, 3};
  const Instruction embed = make(Opcode::kEmb, {{kVd, 2}, {kSeg, 1}, {kLen, 1}});
  EXPECT_EQ(run(embed).status, Status::kBadAddress);
  machine.control().lane_mask = 0b101;
  EXPECT_EQ(run(embed).status, Status::kOk);
}

TEST_F(LanesTest, ABusErrorInOneLaneWritesNothingInAnother) {
  machine.control().segments[1] = {0, 8,
                                   static_cast<std::uint32_t>(kLaneMemoryBytes / kLineBytes / 2)};
  EXPECT_EQ(run(make(Opcode::kLdv, {{kVd, 2}, {kSeg, 1}, {kLen, 1}})).status, Status::kReadError);
  EXPECT_EQ(words(2), (std::vector{kStale, kStale, kStale}));
  set_line(0, -1);
  const Step step = run(make(Opcode::kSv, {{kVa, 2}, {kSeg, 1}, {kLen, 1}}));
  EXPECT_EQ(step.status, Status::kWriteError);
  EXPECT_TRUE(step.memory_written.empty());
  EXPECT_EQ(memory_word(0), -1);
}

class ScanTest : public LanesTest {
 protected:
  ScanTest() {
    std::mt19937 random(1);
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      for (unsigned r = 0; r < 4; ++r) {
        for (std::int32_t& w : machine.mutable_register_words(r, lane)) {
          w = static_cast<std::int32_t>(random()) >> (random() % 24);
        }
      }
    }
  }

  // The value of SCAN vd, v0, v1, v2 in every lane, where lane 0 begins with `old` of its own.
  std::vector<std::int32_t> chain(std::size_t i, unsigned lanes) const {
    std::vector<std::int32_t> values;
    for (unsigned lane = 0; lane < lanes; ++lane) {
      const std::int32_t old = lane == 0 ? word(0, 1, i) : values.back();
      values.push_back(numerics::gate(word(lane, 0, i), old, word(lane, 2, i)));
    }
    return values;
  }
};

TEST_F(ScanTest, IsGateWhenTheLanesAreSequences) {
  run(make(Opcode::kGate, {{kVd, 3}, {kVa, 0}, {kVb, 1}, {kVc, 2}, {kLen, 20}}));
  std::vector<std::vector<std::int32_t>> expected;
  for (std::size_t i = 0; i < 32; ++i) expected.push_back(words(3, i));
  run(make(Opcode::kSet, {{kVd, 3}, {kLen, 32}}));
  run(make(Opcode::kScan, {{kVd, 3}, {kVa, 0}, {kVb, 1}, {kVc, 2}, {kLen, 20}}));
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(words(3, i), expected[i]);
}

TEST_F(ScanTest, GoesFromLaneToLaneInPrefill) {
  machine.control().prefill = true;
  for (const unsigned vd : {3u, 1u, 0u}) {  // beside, onto the state, onto the gate
    std::vector<std::vector<std::int32_t>> expected;
    for (std::size_t i = 0; i < 20; ++i) expected.push_back(chain(i, kLanes));
    run(make(Opcode::kScan, {{kVd, vd}, {kVa, 0}, {kVb, 1}, {kVc, 2}, {kLen, 20}}));
    for (std::size_t i = 0; i < 20; ++i) ASSERT_EQ(words(vd, i), expected[i]) << vd << " " << i;
    EXPECT_EQ(words(vd, 20), (std::vector{0, 0, 0}));
  }
}

TEST_F(ScanTest, PrefillWithFewerPositionsThanLanes) {
  machine.control().prefill = true;
  machine.control().lane_mask = 0b011;
  const auto expected = chain(0, 2);
  const std::int32_t idle = word(2, 1, 0);
  run(make(Opcode::kScan, {{kVd, 1}, {kVa, 0}, {kVb, 1}, {kVc, 2}, {kLen, 1}}));
  EXPECT_EQ(words(1), (std::vector{expected[0], expected[1], idle}));
}

TEST_F(ScanTest, PrefillChangesNothingElse) {
  machine.control().prefill = true;
  const auto f = words(0), a = words(1), b = words(2);
  run(make(Opcode::kGate, {{kVd, 3}, {kVa, 0}, {kVb, 1}, {kVc, 2}, {kLen, 1}}));
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    EXPECT_EQ(word(lane, 3, 0), numerics::gate(f[lane], a[lane], b[lane]));
  }
}

TEST_F(LanesTest, EachKeepsAListThatIsEmptyAtTheStart) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    for (std::size_t i = 0; i < 20; ++i) {
      set_word(lane, 0, i, static_cast<std::int32_t>(lane == 1 ? i : 100 - i));
    }
  }
  machine.rom()[0] = make(Opcode::kTopk, {{kVd, 1}, {kVa, 0}, {kLen, 20}, {kImm, 1000}});
  machine.rom()[1] = make(Opcode::kTopk, {{kVd, 2}, {kVa, 0}, {kLen, 2}, {kImm, 0xFFFFFFFE}});
  machine.rom()[2] = make(Opcode::kHalt);
  for (int round = 0; round < 2; ++round) {  // the second program begins with empty lists again
    machine.start();
    const Step step = machine.step();
    ASSERT_EQ(step.registers.size(), kLanes);
    EXPECT_EQ(step.registers[0].words.size(), 32u);
    for (std::size_t i = 0; i < 16; ++i) {
      EXPECT_EQ(words(1, i),
                (std::vector<std::int32_t>{100 - static_cast<int>(i), 19 - static_cast<int>(i),
                                           100 - static_cast<int>(i)}));
      EXPECT_EQ(words(1, 16 + i),
                (std::vector<std::int32_t>{1000 + static_cast<int>(i), 1019 - static_cast<int>(i),
                                           1000 + static_cast<int>(i)}));
    }
    machine.step();
    EXPECT_EQ(words(2, 0), (std::vector{100, 19, 100}));
    EXPECT_EQ(words(2, 1), (std::vector{100, 18, 100}));  // -2, greater than 1000 without a sign
    EXPECT_EQ(words(2, 16), (std::vector{1000, 1019, 1000}));
    EXPECT_EQ(words(2, 17), (std::vector{-2, 1018, -2}));
    EXPECT_EQ(words(2, 32), (std::vector{kStale, kStale, kStale}));
  }
}

TEST_F(LanesTest, TopkMayOverwriteItsSource) {
  for (std::size_t i = 0; i < 3; ++i) set_word(0, 0, i, static_cast<std::int32_t>(7 * i));
  run(make(Opcode::kTopk, {{kVd, 0}, {kVa, 0}, {kLen, 3}}));
  EXPECT_EQ(word(0, 0, 0), 14);
  EXPECT_EQ(word(0, 0, 16), 2);
  EXPECT_EQ(word(0, 0, 3), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(word(0, 0, 19), -1);
}

}  // namespace
}  // namespace sterna::golden
