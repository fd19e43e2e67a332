// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/program_checker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/program/program.h"
#include "isa/numerics.h"
#include "sim/golden/golden_device.h"
#include "tests/golden/program_builder.h"

namespace sterna::golden {
namespace {

using namespace std::chrono_literals;
using enum Field;

std::vector<std::string> warnings(std::vector<Instruction> program) {
  std::vector<std::string> lines;
  ProgramChecker checker([&](const std::string& line) { lines.push_back(line); });
  const auto device = make_golden_device(
      {.memory_bytes = 1 << 16, .observer = [&](const Step& step) { checker.observe(step); }});
  program::set_segment(*device, 0, 0, 1 << 16);
  program.push_back(make(Opcode::kHalt));
  program::load_program(*device, program);
  EXPECT_EQ(program::run_program(*device, 1s).status, Status::kOk);
  return lines;
}

Instruction set(std::uint32_t vd, std::uint32_t len) {
  return make(Opcode::kSet, {{kVd, vd}, {kLen, len}});
}
Instruction add(std::uint32_t vd, std::uint32_t va, std::uint32_t vb, std::uint32_t len) {
  return make(Opcode::kAdd, {{kVd, vd}, {kVa, va}, {kVb, vb}, {kLen, len}});
}
Instruction quant(std::uint32_t vd, std::uint32_t va, std::uint32_t len) {
  return make(Opcode::kQuant, {{kVd, vd}, {kVa, va}, {kLen, len}});
}
Instruction store(std::uint32_t va, std::uint32_t line, std::uint32_t len) {
  return make(Opcode::kSv, {{kVa, va}, {kOff, line}, {kLen, len}});
}
Instruction matmul(std::uint32_t vd, std::uint32_t va, std::uint32_t line) {  // 10 x 64: two lines
  return make(Opcode::kTmatmul, {{kVd, vd},
                                 {kVa, va},
                                 {kOff, line},
                                 {kRows, 10},
                                 {kLen, 64},
                                 {kImm, numerics::pack_scale({0, 20})}});
}

TEST(ProgramChecker, AcceptsAWellFormedProgram) {
  EXPECT_TRUE(warnings({set(0, 64), set(1, 50), add(2, 0, 1, 64), quant(3, 2, 64), matmul(4, 3, 10),
                        store(4, 12, 10), store(4, 9, 10)})
                  .empty());
}

TEST(ProgramChecker, WarnsOfElementsThatNothingWrote) {
  EXPECT_EQ(warnings({set(0, 64), set(1, 48), add(2, 0, 1, 64)}),
            (std::vector<std::string>{
                "pc 2: ADD reads v1, of which the program has written only the first 192 bytes"}));
  EXPECT_EQ(warnings({store(5, 0, 1)}).size(), 1u);
  EXPECT_EQ(warnings({set(0, 64), quant(1, 0, 64), store(1, 0, 17)}).size(),
            1u);  // q8 is a quarter as long
}

TEST(ProgramChecker, WarnsOfAVectorWithoutAScale) {
  const auto lines = warnings({set(0, 64), matmul(1, 0, 10)});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("QUANT"), std::string::npos);
}

TEST(ProgramChecker, WarnsOfAMatrixThatTheProgramStoresTo) {
  const std::vector<Instruction> begin = {set(0, 64), quant(3, 0, 64)};
  const auto with = [&](Instruction a, Instruction b) {
    auto program = begin;
    program.insert(program.end(), {a, b});
    return warnings(program).size();
  };
  EXPECT_EQ(with(store(0, 11, 1), matmul(4, 3, 10)), 1u);
  EXPECT_EQ(with(matmul(4, 3, 10), store(0, 11, 1)), 1u);
  EXPECT_EQ(with(store(0, 12, 1), matmul(4, 3, 10)), 0u);
  EXPECT_EQ(with(store(0, 9, 16), matmul(4, 3, 10)), 0u);
}

}  // namespace
}  // namespace sterna::golden
