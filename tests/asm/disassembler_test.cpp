// SPDX-License-Identifier: Apache-2.0
// The disassembly assembles to the same bits.
#include "asm/disassembler.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "asm/assembler.h"
#include "tests/asm/random_instruction.h"

namespace sterna::assembly {
namespace {

Program reassemble(const std::string& source) {
  return assemble_text(source, "disassembly",
                       [](const std::filesystem::path& path) -> std::string {
                         throw Error("{}: not expected", path.string());
                       })
      .program;
}

std::uint64_t fresh_seed() {
  const std::uint64_t seed = std::random_device()();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

TEST(Disassembler, GivesBackRandomLegalPrograms) {
  std::mt19937_64 random(fresh_seed());
  Program program;
  for (int i = 0; i < 50000; ++i) {
    const Instruction in = random_instruction(random);
    if (static_cast<Opcode>(in.get(Field::kOp)) == Opcode::kFffout) {  // behind an FFFIN like it
      Instruction walk = in;
      walk.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kFffin));
      walk.set(Field::kRows, in.get(Field::kLen));
      walk.set(Field::kLen, in.get(Field::kRows));
      program.instructions.push_back(walk);
    }
    program.instructions.push_back(in);
  }
  program.entry = random_between(random, 0, 49999);
  const std::string source = disassemble(program);
  EXPECT_EQ(source.find(".word"), std::string::npos);
  EXPECT_TRUE(reassemble(source) == program);
}

TEST(Disassembler, GivesBackAnyBitsAtAll) {
  std::mt19937_64 random(fresh_seed());
  Program program;
  for (int i = 0; i < 20000; ++i) {
    Instruction instruction = random_instruction(random);
    for (std::uint32_t& word : instruction.words) {
      if (random() % 4 == 0) word ^= 1u << (random() % 32);
      if (random() % 16 == 0) word = static_cast<std::uint32_t>(random());
    }
    program.instructions.push_back(instruction);
  }
  EXPECT_TRUE(reassemble(disassemble(program)) == program);
}

TEST(Disassembler, IsWhatAPersonWouldWrite) {
  const char* lines[] = {"HALT",
                         "LDV v15, [b7 + 0x40], 8192",
                         "EMB v2, [b1], 100",
                         "GATE v1, v2, v3, v4, 5",
                         "SCAN v1, v2, v1, v4, 5",
                         "TOPK v1, v2, 256, 4294967295",
                         "SET v0, fix(-1.5), 16",
                         "TMATMUL v1, v2, [b3 + 0x1000], 7, 9, scale(0.5)"};
  for (const char* line : lines) {
    EXPECT_EQ(disassemble(reassemble(line).instructions.at(0)), line);
  }
  // A scale whose mantissa is not normalised has no decimal form of its own.
  const std::string raw = "TMATMUL v1, v2, [b3], 7, 9, 0x18000001";
  EXPECT_EQ(disassemble(reassemble(raw).instructions.at(0)), raw);
  EXPECT_EQ(disassemble(Instruction{}), ".word 0x00000000, 0x00000000, 0x00000000, 0x00000000");
}

}  // namespace
}  // namespace sterna::assembly
