// SPDX-License-Identifier: Apache-2.0
// Does the comparison find anything? Faults are planted in the hardware, one at a time, and random
// programs must find each.
#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "mutant/mutations.h"
#include "tests/rtl/model_mutant.h"
#include "tests/rtl/program_runner.h"

namespace sterna::rtl {
namespace {

constexpr unsigned kPrograms = 2000;  // at most, for each fault
// Of a program that a fault keeps from its end: some times what the longest one takes without.
constexpr std::uint64_t kCycleBudget = 500'000;

struct Machine {
  std::string name;
  std::unique_ptr<RtlModel> (*make)(unsigned fault, RtlModelOptions options);
  unsigned first, last;  // of its faults
};

const std::vector<Machine>& machines() {
  static const std::vector<Machine> all = {
      {"mutant", make_mutant_model, kFirstOfOddRows + 1, static_cast<unsigned>(kMutations.size())},
      {"lanes", make_mutant_lanes_model, 1, kFirstOfOddRows},
  };
  return all;
}

RunnerResult run(const Machine& machine, unsigned fault) {
  return run_random_programs(
      {.make_model = [&](const RtlModelOptions& o) { return machine.make(fault, o); },
       .seed = environment_number("STERNA_SEED", 1),
       .programs = fault == 0 ? kPrograms / 5 : kPrograms,
       .faulty = true,
       .cycle_budget = kCycleBudget});
}

TEST(MutationTest, EveryFaultFitsTheRtl) {
  EXPECT_EQ(kMutationsThatDoNotFit, std::vector<std::string>{})
      << "their texts must stand in the RTL exactly once: see mutations.cmake";
}

class MachineTest : public ::testing::TestWithParam<Machine> {};

TEST_P(MachineTest, NothingIsFoundWithoutAFault) {
  const RunnerResult result = run(GetParam(), 0);
  EXPECT_EQ(result.failure, "");
  EXPECT_LT(result.longest, kCycleBudget / 3) << "the budget is too small to tell a fault";
}

INSTANTIATE_TEST_SUITE_P(Machines, MachineTest, ::testing::ValuesIn(machines()),
                         [](const auto& machine) { return machine.param.name; });

struct Planted {
  Machine machine;
  unsigned fault;
};

class PlantedFaultTest : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedFaultTest, IsFound) {
  const auto& [machine, fault] = GetParam();
  const RunnerResult result = run(machine, fault);
  ASSERT_NE(result.failure, "") << "not found by " << result.programs << " programs";
  std::cout << kMutations[fault - 1] << ": found by program " << result.programs + 1 << ": "
            << result.failure.substr(0, result.failure.find('\n')) << "\n";
}

std::vector<Planted> planted() {
  std::vector<Planted> all;
  for (const Machine& machine : machines()) {
    for (unsigned fault = machine.first; fault <= machine.last; ++fault)
      all.push_back({machine, fault});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Faults, PlantedFaultTest, ::testing::ValuesIn(planted()),
                         [](const auto& planted) {
                           return planted.param.machine.name + "_" +
                                  kMutations[planted.param.fault - 1];
                         });

}  // namespace
}  // namespace sterna::rtl
