// Thousands of random programs on the hardware, every instruction compared with golden. STERNA_SEED
// starts another sequence, STERNA_PROGRAMS sets how many each shard runs.
#include <gtest/gtest.h>

#include <iostream>

#include "sim/rtl/rtl_model.h"
#include "tests/rtl/program_runner.h"

namespace sterna {
namespace {

struct Shard {
  const char* configuration;
  bool faulty;
  unsigned number;
  unsigned programs;
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
       .faulty = shard.faulty});
  EXPECT_EQ(result.failure, "");
  std::cout << shard.configuration << ": seeds from " << seed << ": " << result.programs
            << " programs, " << result.instructions << " instructions compared, " << result.cycles
            << " cycles\n";
}

std::string name_of(const ::testing::TestParamInfo<Shard>& info) {
  return std::string(info.param.configuration) + (info.param.faulty ? "_faulty_" : "_") +
         std::to_string(info.param.number);
}

INSTANTIATE_TEST_SUITE_P(
    Shards, RandomProgramTest,
    ::testing::Values(Shard{"tiny", false, 0, 1000}, Shard{"tiny", true, 1, 1000},
                      Shard{"lanes", false, 2, 500}, Shard{"lanes", false, 3, 500},
                      Shard{"lanes", true, 4, 500}, Shard{"lanes", true, 5, 500},
                      Shard{"demo", false, 6, 250}, Shard{"demo", true, 7, 250}),
    name_of);

}  // namespace
}  // namespace sterna
