// SPDX-License-Identifier: Apache-2.0
// Random programs as plans, against golden: memory, registers, scales; and how faulty ones end.
#include <gtest/gtest.h>

#include "host/cpu/executor.h"
#include "support/error.h"
#include "tests/cpu/random_machine.h"
#include "tests/rtl/operations.h"

namespace sterna::cpu {
namespace {

class ProgramTest : public testing::TestWithParam<golden::GoldenMachine::Shape> {};

// Without `registers` only memory is compared: vectors that nobody needs any more are written over.
void expect_golden(plan::Machine& machine, const rtl::RandomProgram& program, Team& team,
                   bool registers, const Kernels& kernels = chosen_kernels()) {
  machine.load(program);
  const Bases bases = machine.bases();
  plan::Plan plan = plan::plan_of(machine, program, registers);
  Matrices matrices(plan::matrix_memory(plan, bases), team);
  Executor executor(std::move(plan), bases, matrices, kernels, team);
  executor.run(plan::columns_of(program));
  ASSERT_EQ(machine.run().status, Status::kOk);
  plan::expect_same(machine, program, executor, registers);
}

TEST_P(ProgramTest, RandomProgramsAreGoldens) {
  plan::Machine machine(GetParam());
  Team one(1), three(3);
  const std::uint64_t first = plan::from_environment("STERNA_SEED", 1);
  for (std::uint64_t seed = first; seed < first + plan::from_environment("STERNA_PROGRAMS", 150);
       ++seed) {
    const rtl::RandomProgram program = rtl::random_program(
        {.seed = seed, .memory_bytes = plan::kMemoryBytes}, machine.capabilities());
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, program.listing()));
    ASSERT_NO_FATAL_FAILURE(
        expect_golden(machine, program, seed % 2 == 0 ? one : three, seed % 4 < 2));
  }
}

// But for what only memory knows: that it answers with an error.
TEST_P(ProgramTest, FaultyProgramsAreRefusedAsGoldenEndsThem) {
  plan::Machine machine(GetParam());
  unsigned refused = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const rtl::RandomProgram program = rtl::random_program(
        {.seed = seed, .faulty = true, .memory_bytes = plan::kMemoryBytes}, machine.capabilities());
    machine.load(program);
    const program::ProgramEnd end = machine.run();
    if (end.status == Status::kReadError || end.status == Status::kWriteError) continue;
    ASSERT_LE(program.entry + program.code.size(), machine.capabilities().rom_depth);
    try {
      plan::plan_of(machine, program, true);
      ADD_FAILURE() << "seed " << seed << " is not refused\n" << program.listing();
    } catch (const plan::Refused& error) {
      EXPECT_EQ(error.status(), end.status) << "seed " << seed << "\n" << program.listing();
      EXPECT_EQ(error.pc(), end.pc) << "seed " << seed << "\n" << program.listing();
      ++refused;
    }
  }
  EXPECT_GT(refused, 50u);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ProgramTest, ::testing::ValuesIn(rtl::kGoldenShapes));

class OperationsTest : public testing::TestWithParam<InstructionInfo> {};

TEST_P(OperationsTest, IsGoldens) {
  plan::Machine machine(rtl::kGoldenShapes[2]);
  Team team(2);
  for (const Kernels* set : kernels()) {
    SCOPED_TRACE(set->name);
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      const rtl::RandomProgram program =
          rtl::operation_program(GetParam().opcode, seed, machine.capabilities());
      SCOPED_TRACE(fmt::format("seed {}\n{}", seed, program.listing()));
      ASSERT_NO_FATAL_FAILURE(expect_golden(machine, program, team, true, *set));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OperationsTest, testing::ValuesIn(kInstructionSet),
                         rtl::operation_name);

// Of an ISA that has grown.
TEST(Executor, AnOpcodeWithoutAKernelIsAnErrorInEveryThread) {
  Instruction set, relu, halt;
  set.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kSet));
  set.set(Field::kLen, 16);
  relu = set;
  relu.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kRelu));
  relu.set(Field::kVd, 1);
  halt.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kHalt));
  plan::Target target;
  target.registers = true;
  plan::Plan plan = plan::make_plan(std::vector{set, relu, halt}, 0, target);
  plan.operations.at(1).opcode = Opcode::kHalt;
  for (const unsigned threads : {1u, 3u}) {
    Team team(threads);
    Matrices none({}, team);
    Executor executor(plan, {}, none, chosen_kernels(), team);
    const std::vector<plan::PassColumn> columns(40);
    for (unsigned i = 0; i < 20; ++i) EXPECT_THROW(executor.run(columns), Error);
  }
}

}  // namespace
}  // namespace sterna::cpu
