// SPDX-License-Identifier: Apache-2.0
// Fields, the rules that make an instruction legal, and the lines that it touches.
#include "isa/instruction.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "asm/immediates.h"
#include "isa/numerics.h"
#include "support/error.h"
#include "tests/asm/random_instruction.h"

namespace sterna::assembly {
namespace {

constexpr std::array<Field, 11> kAllFields = {Field::kOp,   Field::kVd,  Field::kVa,    Field::kVb,
                                              Field::kVc,   Field::kSeg, Field::kDepth, Field::kLen,
                                              Field::kRows, Field::kOff, Field::kImm};
static_assert(kAllFields.size() == kFields.size());

std::uint32_t largest(Field field) {
  const unsigned bits = kFields[static_cast<std::size_t>(field)].bits;
  return static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1);
}

Instruction make(Opcode opcode, std::initializer_list<std::pair<Field, std::uint32_t>> fields) {
  Instruction out;
  out.set(Field::kOp, static_cast<std::uint32_t>(opcode));
  for (const auto& [field, value] : fields) out.set(field, value);
  return out;
}

TEST(Instruction, EveryFieldKeepsItsExtremesAndDisturbsNoOther) {
  for (const Field field : kAllFields) {
    for (const std::uint32_t value : {0u, 1u, largest(field) - 1, largest(field)}) {
      for (const std::uint32_t background : {0u, 0xFFFFFFFFu}) {
        Instruction out;
        out.words.fill(background);
        out.set(field, value);
        for (const Field other : kAllFields) {
          const std::uint32_t expected = other == field ? value : background & largest(other);
          EXPECT_EQ(out.get(other), expected);
        }
      }
    }
  }
}

TEST(Instruction, FieldsRefuseWhatDoesNotFit) {
  for (const Field field : kAllFields) {
    if (largest(field) == 0xFFFFFFFF) continue;
    Instruction out;
    EXPECT_THROW(out.set(field, largest(field) + 1), std::out_of_range);
    EXPECT_EQ(out, Instruction{});
  }
}

TEST(Instruction, FieldsLieWhereTheDefinitionSays) {
  Instruction out;
  out.set(Field::kOp, 0x12);
  out.set(Field::kVd, 0x3);
  out.set(Field::kSeg, 0x5);
  out.set(Field::kLen, 0x1234);
  out.set(Field::kRows, 0xABCD);
  out.set(Field::kOff, 0xDEADBEEF);
  out.set(Field::kImm, 0x01020304);
  EXPECT_EQ(out.words,
            (std::array<std::uint32_t, 4>{0x05000312, 0xABCD1234, 0xDEADBEEF, 0x01020304}));
}

TEST(Instruction, IsFoundByOpcodeAndByMnemonicInAnyCase) {
  for (const InstructionInfo& info : kInstructionSet) {
    EXPECT_EQ(find_instruction(static_cast<std::uint32_t>(info.opcode)), &info);
    EXPECT_EQ(find_instruction(info.mnemonic), &info);
  }
  EXPECT_EQ(find_instruction("tMatMul")->opcode, Opcode::kTmatmul);
  EXPECT_EQ(find_instruction("LD"), nullptr);
  EXPECT_EQ(find_instruction("LDVX"), nullptr);
  EXPECT_EQ(find_instruction(0u), nullptr);
  EXPECT_EQ(find_instruction(0x110u), nullptr);
}

TEST(Legality, EveryUnusedBitMakesAnInstructionIllegal) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    const Instruction good = random_instruction(random);
    ASSERT_EQ(check(good, Limits{}), Status::kOk);
    const auto& used = find_instruction(good.get(Field::kOp))->used;
    for (unsigned bit = 0; bit < kInstructionBits; ++bit) {
      if ((used[bit / 32] >> (bit % 32) & 1) != 0) continue;
      Instruction bad = good;
      bad.words[bit / 32] |= 1u << (bit % 32);
      ASSERT_EQ(check(bad, Limits{}), Status::kIllegalInstruction) << "bit " << bit;
    }
  }
}

TEST(Legality, DependsOnTheBuildsRegistersAndVectorLength) {
  const Limits small = {.vector_length = 64, .registers = 8};
  const auto add = [](std::uint32_t d, std::uint32_t a, std::uint32_t b, std::uint32_t len) {
    return make(Opcode::kAdd,
                {{Field::kVd, d}, {Field::kVa, a}, {Field::kVb, b}, {Field::kLen, len}});
  };
  EXPECT_EQ(check(add(7, 7, 7, 64), small), Status::kOk);
  EXPECT_EQ(check(add(7, 7, 7, 1), small), Status::kOk);
  EXPECT_EQ(check(add(8, 0, 0, 64), small), Status::kIllegalInstruction);
  EXPECT_EQ(check(add(0, 8, 0, 64), small), Status::kIllegalInstruction);
  EXPECT_EQ(check(add(0, 0, 8, 64), small), Status::kIllegalInstruction);
  EXPECT_EQ(check(add(0, 0, 0, 65), small), Status::kIllegalInstruction);
  EXPECT_EQ(check(add(0, 0, 0, 0), small), Status::kIllegalInstruction);
  EXPECT_EQ(check(add(8, 8, 8, 65), Limits{}), Status::kOk);
}

TEST(Legality, OfAMatrixProduct) {
  const auto product = [](std::uint32_t d, std::uint32_t a, std::uint32_t rows, std::uint32_t imm) {
    return make(Opcode::kTmatmul, {{Field::kVd, d},
                                   {Field::kVa, a},
                                   {Field::kRows, rows},
                                   {Field::kLen, 8},
                                   {Field::kImm, imm}});
  };
  const Limits small = {.vector_length = 64, .registers = 8};
  const std::uint32_t scale = numerics::pack_scale({1, 13});
  EXPECT_EQ(check(product(1, 2, 64, scale), small), Status::kOk);
  EXPECT_EQ(check(product(2, 2, 64, scale), small), Status::kIllegalInstruction);
  EXPECT_EQ(check(product(1, 2, 65, scale), small), Status::kIllegalInstruction);
  EXPECT_EQ(check(product(1, 2, 0, scale), small), Status::kIllegalInstruction);
  EXPECT_EQ(check(product(1, 2, 64, numerics::pack_scale({1, 12})), small),
            Status::kIllegalInstruction);
  EXPECT_EQ(check(product(1, 2, 64, numerics::pack_scale({0xFFFFFF, 63})), small), Status::kOk);
  EXPECT_EQ(check(product(1, 2, 64, 1u << 30 | scale), small), Status::kIllegalInstruction);
}

TEST(Legality, AMatrixBeginsInTheFirstChannel) {
  for (const std::uint32_t channels : {1u, 2u, 4u}) {
    for (std::uint32_t segment = 0; segment < kSegments; ++segment) {
      const Instruction product =
          make(Opcode::kTmatmul, {{Field::kVd, 1},
                                  {Field::kSeg, segment},
                                  {Field::kRows, 1},
                                  {Field::kLen, 1},
                                  {Field::kImm, numerics::pack_scale({0, 13})}});
      EXPECT_EQ(check(product, {.channels = channels}),
                segment % channels == 0 ? Status::kOk : Status::kIllegalInstruction);
    }
  }
}

TEST(Legality, AListNeedsItsPlaceInARegister) {
  const Instruction top = make(Opcode::kTopk, {{Field::kLen, 1}, {Field::kImm, 0xFFFFFFFF}});
  EXPECT_EQ(check(top, {.vector_length = 2 * kTopEntries}), Status::kOk);
  EXPECT_EQ(check(top, {.vector_length = 2 * kTopEntries - 1}), Status::kIllegalInstruction);
}

TEST(Lines, OfAMatrixAreSharedOutToTheChannelsInWholeGroups) {
  EXPECT_EQ(matrix_lines(5, 64, 4), 1u);
  EXPECT_EQ(matrix_lines(20, 64, 4), 1u);
  EXPECT_EQ(matrix_lines(21, 65, 4), 4u);
  EXPECT_EQ(matrix_lines(11, 64, 2), 2u);
  EXPECT_EQ(matrix_lines(11, 64), 3u);
  const Instruction product =
      make(Opcode::kTmatmul, {{Field::kOff, 7}, {Field::kRows, 11}, {Field::kLen, 65}});
  EXPECT_EQ(lines_touched(product, 0, 2).first, 7u);
  EXPECT_EQ(lines_touched(product, 0, 2).count, 4u);
}

TEST(Lines, AreThoseOfTheOperand) {
  const auto touched = [](Opcode opcode, std::uint32_t len, std::uint32_t rows,
                          std::uint32_t token) {
    Instruction out = make(opcode, {{Field::kOff, 100}, {Field::kLen, len}});
    if (rows != 0) out.set(Field::kRows, rows);
    return lines_touched(out, token);
  };
  EXPECT_EQ(touched(Opcode::kLdv, 16, 0, 9).first, 100u);
  EXPECT_EQ(touched(Opcode::kLdv, 16, 0, 9).count, 1u);
  EXPECT_EQ(touched(Opcode::kSv, 17, 0, 9).count, 2u);
  EXPECT_EQ(touched(Opcode::kEmb, 17, 0, 9).first, 118u);
  EXPECT_EQ(touched(Opcode::kEmb, 17, 0, 0xFFFFFFFF).first, 100 + 2 * 0xFFFFFFFFull);
  EXPECT_EQ(touched(Opcode::kTmatmul, 64, 5, 9).count, 1u);
  EXPECT_EQ(touched(Opcode::kTmatmul, 65, 6, 9).count, 4u);
  EXPECT_EQ(touched(Opcode::kAdd, 65, 0, 9).count, 0u);
}

TEST(Lines, LieWithinASegmentUpToItsLastLine) {
  EXPECT_TRUE((LineRange{10, 6}).within(16));
  EXPECT_FALSE((LineRange{10, 7}).within(16));
  EXPECT_FALSE((LineRange{0, 1}).within(0));
  EXPECT_TRUE((LineRange{0, 0}).within(0));
  EXPECT_FALSE((LineRange{0xFFFFFFFFull, 1}).within(0xFFFFFFFF));
}

TEST(Immediates, RoundToNearestAndRefuseWhatDoesNotFit) {
  EXPECT_EQ(encode_fix(1.0), 0x1000000u);
  EXPECT_EQ(encode_fix(-1.0), 0xFF000000u);
  EXPECT_EQ(encode_fix(-128.0), 0x80000000u);
  EXPECT_EQ(encode_fix(128.0 - 1.0 / numerics::kOne), 0x7FFFFFFFu);
  EXPECT_EQ(encode_fix(128.0), std::nullopt);
  EXPECT_EQ(encode_fix(std::nan("")), std::nullopt);
  EXPECT_EQ(encode_eps(1e-6), 1099512u);
  EXPECT_EQ(encode_eps(0.00390625), std::nullopt);
  EXPECT_EQ(encode_eps(-1e-6), std::nullopt);
}

TEST(Immediates, ScalesUseAllTheMantissa) {
  EXPECT_EQ(encode_scale(1.0), numerics::pack_scale({0x800000, 23}));
  EXPECT_EQ(encode_scale(0.0), numerics::pack_scale({0, 63}));
  EXPECT_EQ(encode_scale(2047.9999), numerics::pack_scale({0xFFFFFF, 13}));
  EXPECT_EQ(encode_scale(2048.0), std::nullopt);
  EXPECT_EQ(encode_scale(2047.99999999), std::nullopt);  // rounds to 2048
  EXPECT_EQ(encode_scale(0.99999999), numerics::pack_scale({0x800000, 23}));
  EXPECT_EQ(encode_scale(-0.1), std::nullopt);
  EXPECT_EQ(encode_scale(INFINITY), std::nullopt);
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponent(-38, 10.9);
  for (int i = 0; i < 10000; ++i) {
    const double value = std::exp2(exponent(random));
    const auto scale = encode_scale(value);
    ASSERT_TRUE(scale) << value;
    ASSERT_NEAR(decode_immediate(ImmKind::kScale, *scale) / value, 1.0, 1.0 / (1 << 24)) << value;
  }
}

}  // namespace
}  // namespace sterna::assembly
