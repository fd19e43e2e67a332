// SPDX-License-Identifier: Apache-2.0
// The program generator against golden alone: what it calls valid must be, and what it plants must
// be met.
#include <gtest/gtest.h>

#include <map>

#include "host/program/program.h"
#include "sim/golden/golden_device.h"
#include "sim/golden/program_checker.h"
#include "support/error.h"
#include "tests/rtl/golden_shapes.h"
#include "tests/rtl/random_program.h"

namespace sterna::rtl {
namespace {

constexpr std::uint64_t kMemoryBytes = 16 << 20;
constexpr unsigned kPrograms = 300;

struct Findings {
  std::map<Status, unsigned> ends;
  std::map<std::uint32_t, unsigned> opcodes;
  std::vector<std::string> warnings;
};

Findings run(bool faulty, golden::GoldenMachine::Shape shape) {
  Findings findings;
  std::unique_ptr<golden::ProgramChecker> checker;
  const auto device = golden::make_golden_device(
      {.memory_bytes = kMemoryBytes, .shape = shape, .observer = [&](const golden::Step& step) {
         checker->observe(step);
         if (step.status == Status::kOk) {
           ++findings.opcodes[step.instruction.get(Field::kOp)];
         }
       }});
  const Capabilities capabilities = read_capabilities(*device);
  std::vector<std::uint64_t> addresses;
  for (unsigned c = 0; c < capabilities.channels; ++c)
    addresses.push_back(device->alloc(8 << 20, c));
  for (unsigned seed = 1; seed <= kPrograms; ++seed) {
    checker = std::make_unique<golden::ProgramChecker>([&](const std::string& warning) {
      if (warning.find("its scale is 0") != std::string::npos) return;  // on purpose
      findings.warnings.push_back(fmt::format("seed {}: {}", seed, warning));
    });
    const RandomProgram program = random_program(
        {.seed = seed, .faulty = faulty, .memory_bytes = kMemoryBytes}, capabilities);
    load(*device, program, addresses, kMemoryBytes);
    const program::ProgramEnd end = program::run_program(*device, std::chrono::seconds(10));
    ++findings.ends[end.status];
    if (!faulty) {
      EXPECT_EQ(end.status, Status::kOk) << "seed " << seed << "\n" << program.listing();
    }
  }
  return findings;
}

class RandomGeneratorTest : public ::testing::TestWithParam<golden::GoldenMachine::Shape> {};

TEST_P(RandomGeneratorTest, ValidProgramsAreValidAndUseEverything) {
  const Findings findings = run(false, GetParam());
  EXPECT_EQ(findings.warnings, std::vector<std::string>{});
  for (const InstructionInfo& info : kInstructionSet) {
    const bool of_trees = info.opcode == Opcode::kFffin || info.opcode == Opcode::kFffout;
    if (of_trees && GetParam().trees == 0) continue;
    EXPECT_GT(findings.opcodes.count(static_cast<std::uint32_t>(info.opcode)), 0u) << info.mnemonic;
  }
}

TEST_P(RandomGeneratorTest, FaultyProgramsEndInEveryWay) {
  const Findings findings = run(true, GetParam());
  EXPECT_EQ(findings.ends.count(Status::kOk), 0u);
  for (const StatusInfo& info : kStatuses) {
    if (info.status != Status::kOk) {
      EXPECT_GT(findings.ends.count(info.status), 0u) << info.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, RandomGeneratorTest, ::testing::ValuesIn(kGoldenShapes));
INSTANTIATE_TEST_SUITE_P(Eight, RandomGeneratorTest, ::testing::Values(kEightChannels));

}  // namespace
}  // namespace sterna::rtl
