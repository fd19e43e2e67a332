// SPDX-License-Identifier: Apache-2.0
// Does the comparison find anything? Faults are planted in the hardware, one at a time, and random
// programs must find each.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "mutant/mutations.h"
#include "tests/rtl/model_mutant.h"
#include "tests/rtl/program_runner.h"

namespace sterna::rtl {
namespace {

constexpr unsigned kPrograms = 2000;  // at most, for each fault
// Of a program that a fault keeps from its end: some times what the longest one takes without.
constexpr std::uint64_t kCycleBudget = 500'000;

RunnerResult run(unsigned fault) {
  return run_random_programs(
      {.make_model = [&](const RtlModelOptions& o) { return make_mutant_model(fault, o); },
       .seed = environment_number("STERNA_SEED", 1),
       .programs = fault == 0 ? kPrograms / 5 : kPrograms,
       .faulty = true,
       .cycle_budget = kCycleBudget});
}

TEST(MutationTest, EveryFaultFitsTheRtl) {
  EXPECT_EQ(kMutationsThatDoNotFit, std::vector<std::string>{})
      << "their texts must stand in the RTL exactly once: see mutations.cmake";
}

TEST(MutationTest, NothingIsFoundWithoutAFault) {
  const RunnerResult result = run(0);
  EXPECT_EQ(result.failure, "");
  EXPECT_LT(result.longest, kCycleBudget / 3) << "the budget is too small to tell a fault";
}

class PlantedFaultTest : public ::testing::TestWithParam<std::string> {};

TEST_P(PlantedFaultTest, IsFound) {
  const auto at = std::ranges::find(kMutations, GetParam());
  const RunnerResult result = run(static_cast<unsigned>(at - kMutations.begin()) + 1);
  ASSERT_NE(result.failure, "") << "not found by " << result.programs << " programs";
  std::cout << GetParam() << ": found by program " << result.programs + 1 << ": "
            << result.failure.substr(0, result.failure.find('\n')) << "\n";
}

INSTANTIATE_TEST_SUITE_P(Faults, PlantedFaultTest, ::testing::ValuesIn(kMutations),
                         [](const auto& fault) { return fault.param; });

}  // namespace
}  // namespace sterna::rtl
