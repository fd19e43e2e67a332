// SPDX-License-Identifier: Apache-2.0
// The instruction ROM: what it powers up with (instr_rom.mem), and how the host fills it.
#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <cstdint>

#include "Vinstr_rom_default.h"

namespace sterna {
namespace {

using Words = std::array<std::uint32_t, 4>;  // bits 31:0 first

class InstrRomTest : public ::testing::Test {
 protected:
  void edge() {
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
  }

  void write(unsigned instruction, unsigned word, std::uint32_t value) {
    top_.wr_en_i = 1;
    top_.wr_addr_i = static_cast<CData>(instruction);
    top_.wr_word_i = static_cast<CData>(word);
    top_.wr_data_i = value;
    edge();
    top_.wr_en_i = 0;
  }

  Words read(unsigned instruction) {
    top_.rd_en_i = 1;
    top_.rd_addr_i = static_cast<CData>(instruction);
    edge();
    top_.rd_en_i = 0;
    return {top_.rd_data_o[0], top_.rd_data_o[1], top_.rd_data_o[2], top_.rd_data_o[3]};
  }

  VerilatedContext context_;
  Vinstr_rom_default top_{&context_};
};

TEST_F(InstrRomTest, PowersUpWithTheFileAndThenZeros) {
  EXPECT_EQ(read(0), (Words{0xccddeeff, 0x8899aabb, 0x44556677, 0x00112233}));
  EXPECT_EQ(read(1), (Words{0xb, 0, 0, 0}));
  EXPECT_EQ(read(2), (Words{1, 0, 0, 0xc0000000}));
  for (unsigned i = 3; i < 16; ++i) EXPECT_EQ(read(i), Words{}) << i;
}

TEST_F(InstrRomTest, TakesAnInstructionWithItsLastWord) {
  for (unsigned i = 0; i < 16; ++i) {
    const Words before = read(i);
    for (unsigned w = 0; w < 3; ++w) write(i, w, 100 * i + w);
    EXPECT_EQ(read(i), before) << "not complete";
    write(i, 3, 100 * i + 3);
    EXPECT_EQ(read(i), (Words{100 * i, 100 * i + 1, 100 * i + 2, 100 * i + 3}));
  }
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(read(i)[3], 100 * i + 3);
}

TEST_F(InstrRomTest, HoldsItsOutput) {
  const Words first = read(0);
  top_.rd_addr_i = 2;
  edge();
  EXPECT_EQ(top_.rd_data_o[0], first[0]);
}

// The two read ports know nothing of each other.
TEST_F(InstrRomTest, ReadsAheadThroughItsOwnPort) {
  const Words first = read(0);
  top_.prefetch_en_i = 1;
  top_.prefetch_addr_i = 2;
  edge();
  top_.prefetch_en_i = 0;
  EXPECT_EQ(top_.prefetch_data_o[3], 0xc0000000);
  EXPECT_EQ(top_.rd_data_o[0], first[0]);
  read(1);
  EXPECT_EQ(top_.prefetch_data_o[3], 0xc0000000);
}

}  // namespace
}  // namespace sterna
