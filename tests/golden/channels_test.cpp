// SPDX-License-Identifier: Apache-2.0
// Matrices that are striped over the channels, and the channels' memories.
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

constexpr std::uint64_t kChannelBytes = 1 << 18;
constexpr std::uint32_t kLines = kChannelBytes / kLineBytes;
const std::uint32_t kScale = numerics::pack_scale({40000u << 8, 38});

class ChannelsTest : public testing::TestWithParam<std::uint32_t> {
 protected:
  const std::uint32_t channels = GetParam();
  Memory memory{channels * kChannelBytes};
  GoldenMachine machine{
      {.vector_length = 1024, .registers = 4, .rom_depth = 16, .channels = channels, .lanes = 2},
      memory};

  ChannelsTest() {
    for (std::uint32_t s = 0; s < kSegments; ++s) {
      machine.control().segments[s] = {s % channels * kChannelBytes, kLines};
    }
    machine.control().lane_mask = 0b11;
  }

  Step run(const std::vector<Instruction>& program) {
    std::ranges::copy(program, machine.rom().begin());
    machine.start();
    Step step;
    for (std::size_t i = 0; i < program.size(); ++i) step = machine.step();
    return step;
  }
  static Instruction matmul(std::uint32_t segment, std::uint32_t off, std::uint32_t rows,
                            std::uint32_t cols) {
    return make(Opcode::kTmatmul, {{kVd, 2},
                                   {kVa, 1},
                                   {kSeg, segment},
                                   {kOff, off},
                                   {kRows, rows},
                                   {kLen, cols},
                                   {kImm, kScale}});
  }
};

INSTANTIATE_TEST_SUITE_P(Channels, ChannelsTest, testing::Values(1, 2, 4));

TEST_P(ChannelsTest, RowGroupsGoRoundTheChannels) {
  std::mt19937 random(GetParam());
  for (const auto& [rows, cols] :
       {std::pair{1u, 1u}, {5u, 64u}, {6u, 65u}, {11u, 20u}, {37u, 130u}, {400u, 64u}}) {
    SCOPED_TRACE(testing::Message() << rows << " x " << cols);
    for (std::uint64_t i = 0; i < memory.bytes(); ++i) {
      *memory.at(i, 1) = static_cast<std::byte>(random());
    }
    for (unsigned lane = 0; lane < 2; ++lane) {
      for (std::int32_t& w : machine.mutable_register_words(0, lane)) {
        w = static_cast<std::int32_t>(random());
      }
    }
    const std::uint32_t segment = 4, off = 3;
    const Step step = run({make(Opcode::kQuant, {{kVd, 1}, {kVa, 0}, {kLen, cols}}),
                           matmul(segment, off, rows, cols)});
    ASSERT_EQ(step.status, Status::kOk);

    const std::uint32_t group_lines = (cols + 63) / 64;
    const std::uint32_t part_lines = (rows + 5 * channels - 1) / (5 * channels) * group_lines;
    ASSERT_EQ(step.memory_read.size(), channels);
    for (std::uint32_t c = 0; c < channels; ++c) {
      EXPECT_EQ(step.memory_read[c].address, c * kChannelBytes + off * kLineBytes);
      EXPECT_EQ(step.memory_read[c].bytes, std::uint64_t{part_lines} * kLineBytes);
    }
    for (unsigned lane = 0; lane < 2; ++lane) {
      const auto* q = reinterpret_cast<const std::int8_t*>(machine.register_words(1, lane).data());
      const std::uint32_t multiplier = numerics::matmul_multiplier(machine.register_scale(1, lane),
                                                                   numerics::unpack_scale(kScale));
      for (std::uint32_t r = 0; r < rows; ++r) {
        const std::uint32_t group = r / 5, channel = group % channels, place = group / channels;
        const std::uint64_t line = off + std::uint64_t{place} * group_lines;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(
            memory.at(channel * kChannelBytes + line * kLineBytes, group_lines * kLineBytes));
        std::int32_t sum = 0;
        for (std::uint32_t c = 0; c < cols; ++c) {
          std::int8_t trits[5];
          numerics::unpack_trits(bytes[c], trits);
          sum += trits[r % 5] * q[c];
        }
        ASSERT_EQ(machine.register_words(2, lane)[r], numerics::matmul_output(sum, multiplier))
            << lane << " " << r;
      }
    }
  }
}

TEST_P(ChannelsTest, AMatrixBeginsAtAMultipleOfTheChannels) {
  for (std::uint32_t segment = 0; segment < kSegments; ++segment) {
    EXPECT_EQ(run({matmul(segment, 0, 5, 64)}).status,
              segment % channels == 0 ? Status::kOk : Status::kIllegalInstruction);
  }
}

TEST_P(ChannelsTest, EveryChannelsSegmentMustHoldItsPart) {
  // Three group sets of two lines, the last one filled up.
  const std::uint32_t rows = 5 * channels * 2 + 1;
  for (std::uint32_t c = 0; c < channels; ++c) {
    machine.control().segments[4 + c].lines = 16;
    EXPECT_EQ(run({matmul(4, 10, rows, 65)}).status, Status::kOk);
    machine.control().segments[4 + c].lines = 15;
    EXPECT_EQ(run({matmul(4, 10, rows, 65)}).status, Status::kBadAddress);
    machine.control().segments[4 + c].lines = 16;
  }
}

TEST_P(ChannelsTest, ASegmentSeesOnlyItsChannelsMemory) {
  const Instruction load = make(Opcode::kLdv, {{kVd, 0}, {kSeg, 1}, {kLen, 16}});
  for (std::uint32_t c = 0; c < channels; ++c) {
    machine.control().segments[1].base = c * kChannelBytes;
    EXPECT_EQ(run({load}).status, c == 1 % channels ? Status::kOk : Status::kReadError);
    machine.control().segments[1].base = (c + 1) * kChannelBytes - kLineBytes;
    EXPECT_EQ(run({load}).status, c == 1 % channels ? Status::kOk : Status::kReadError);
  }
  machine.control().segments[1].base = channels * kChannelBytes;
  EXPECT_EQ(run({load}).status, Status::kReadError);
}

TEST_P(ChannelsTest, TheZeroGroupsAtTheEndAreReadToo) {
  for (std::uint32_t c = 0; c < channels; ++c) {
    machine.control().segments[4 + c].base = (c + 1) * kChannelBytes - kLineBytes;
    EXPECT_EQ(run({matmul(4, 0, 1, 64)}).status, Status::kOk);
    EXPECT_EQ(run({matmul(4, 1, 1, 64)}).status, Status::kReadError);
    machine.control().segments[4 + c].base = c * kChannelBytes;
  }
}

}  // namespace
}  // namespace sterna::golden
