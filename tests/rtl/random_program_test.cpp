// SPDX-License-Identifier: Apache-2.0
// Thousands of random programs on the hardware, every instruction compared with golden. STERNA_SEED
// starts another sequence, STERNA_PROGRAMS sets how many each shard runs, STERNA_CYCLES how many
// cycles a program may take.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "sim/rtl/rtl_model.h"
#include "tests/rtl/program_runner.h"

namespace sterna::rtl {
namespace {

struct Shard {
  std::string configuration;
  bool faulty;
  unsigned number;
  unsigned programs;
  bool keeps_trees = false;  // the configuration has slots for them
};

class RandomProgramTest : public ::testing::TestWithParam<Shard> {};

TEST_P(RandomProgramTest, LockstepFindsNoDifference) {
  const Shard& shard = GetParam();
  const std::uint64_t seed = environment_number("STERNA_SEED", 1'000'000ull * shard.number);
  const RunnerResult result = run_random_programs(
      {.make_model =
           [&](const RtlModelOptions& o) { return make_rtl_model(shard.configuration, o); },
       .seed = seed,
       .programs = static_cast<unsigned>(environment_number("STERNA_PROGRAMS", shard.programs)),
       .faulty = shard.faulty,
       .cycle_budget = environment_number("STERNA_CYCLES", RunnerOptions{}.cycle_budget)});
  EXPECT_EQ(result.failure, "");
  if (shard.keeps_trees && result.programs >= 100) {
    EXPECT_GT(result.kept_blocks, 0u);
  }
  std::cout << shard.configuration << ": seeds from " << seed << ": " << result.programs
            << " programs, " << result.instructions << " instructions compared, " << result.cycles
            << " cycles, " << result.longest << " at most, " << result.kept_blocks
            << " blocks of trees on chip\n";
}

std::string name_of(const ::testing::TestParamInfo<Shard>& info) {
  return info.param.configuration + (info.param.faulty ? "_faulty_" : "_") +
         std::to_string(info.param.number);
}

// Those that the tests always build, and whatever else is built in.
std::vector<Shard> shards() {
  std::vector<Shard> all = {
      {"tiny", false, 0, 1000},       {"tiny", true, 1, 1000},       {"lanes", false, 2, 300, true},
      {"lanes", false, 3, 300, true}, {"lanes", true, 4, 300, true}, {"lanes", true, 5, 300, true},
      {"demo", false, 6, 250},        {"demo", true, 7, 250},
  };
  const std::vector<std::string> built = rtl_configurations();
  std::erase_if(all,
                [&](const Shard& s) { return std::ranges::count(built, s.configuration) == 0; });
  for (const std::string& configuration : built) {
    const auto named = [&](const Shard& s) { return s.configuration == configuration; };
    if (std::ranges::any_of(all, named)) continue;
    for (const bool faulty : {false, true}) {
      all.push_back({configuration, faulty, static_cast<unsigned>(all.size()), 25});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Shards, RandomProgramTest, ::testing::ValuesIn(shards()), name_of);

}  // namespace
}  // namespace sterna::rtl
