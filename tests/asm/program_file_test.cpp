// SPDX-License-Identifier: Apache-2.0
// prog.bin: what is written is read again, and nothing damaged is.
#include "asm/program_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "support/error.h"
#include "tests/asm/random_instruction.h"

namespace sterna::assembly {
namespace {

Program random_program(std::size_t count) {
  std::mt19937_64 random(count);
  Program program;
  while (program.instructions.size() < count) {
    program.instructions.push_back(random_instruction(random));
  }
  program.entry = static_cast<std::uint32_t>(count / 2);
  return program;
}

std::string refusal(std::span<const std::byte> file) {
  try {
    parse_program(file, "prog.bin");
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

void put(std::vector<std::byte>& file, std::size_t offset, std::uint32_t word) {
  for (std::size_t i = 0; i < 4; ++i) file[offset + i] = static_cast<std::byte>(word >> (8 * i));
}

TEST(ProgramFile, IsReadAsItWasWritten) {
  for (const std::size_t count : {0, 1, 2, 100}) {
    const Program program = random_program(count);
    EXPECT_EQ(parse_program(program_bytes(program), "prog.bin"), program);
  }
}

TEST(ProgramFile, LaysInstructionsOutLittleEndian) {
  Program program;
  program.instructions.push_back({{0x03020100, 0x07060504, 0x0B0A0908, 0x0F0E0D0C}});
  const std::vector<std::byte> file = program_bytes(program);
  ASSERT_EQ(file.size(), 40u);
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(std::to_integer<unsigned>(file[24 + i]), i);
  EXPECT_EQ(readmemh_text(program), "0f0e0d0c0b0a09080706050403020100\n");
}

TEST(ProgramFile, RefusesEveryTruncationAndExtension) {
  std::vector<std::byte> file = program_bytes(random_program(3));
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_NE(refusal(std::span(file).first(size)), "") << size;
  }
  file.push_back(std::byte{0});
  EXPECT_NE(refusal(file), "");
}

TEST(ProgramFile, RefusesEveryFlippedBit) {
  const std::vector<std::byte> file = program_bytes(random_program(3));
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    std::vector<std::byte> bad = file;
    bad[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_NE(refusal(bad), "") << "bit " << bit;
  }
}

TEST(ProgramFile, SaysWhatIsWrong) {
  const std::vector<std::byte> file = program_bytes(random_program(2));
  EXPECT_EQ(refusal(std::as_bytes(std::span("hello, world, this is no program"))),
            "prog.bin: not an assembled Sterna program: text that begins with "
            "'hello, world, this is no program\\x00'");
  std::vector<std::byte> newer = file;
  put(newer, 8, kIsaVersion + 1);
  EXPECT_EQ(refusal(newer), fmt::format("prog.bin: for ISA version {}, this is version {}",
                                        kIsaVersion + 1, kIsaVersion));
  std::vector<std::byte> huge = file;
  put(huge, 12, 0xFFFFFFFF);
  EXPECT_EQ(refusal(huge),
            "prog.bin: 4294967295 instructions need 68719476720 bytes, 32 are there");
  std::vector<std::byte> damaged = file;
  damaged.back() ^= std::byte{1};
  EXPECT_TRUE(refusal(damaged).starts_with("prog.bin: damaged: checksum is 0x"));
}

}  // namespace
}  // namespace sterna::assembly
