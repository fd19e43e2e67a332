// SPDX-License-Identifier: Apache-2.0
// Random programs on machines at the corners of what sterna_top allows (tests/rtl/corners), every
// instruction compared with golden. STERNA_SEED starts another sequence.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <string>

#include "configurations.h"
#include "tests/rtl/program_runner.h"

namespace sterna::rtl {
namespace {

struct Corner {
  std::string configuration;
  unsigned programs;  // as many as some seconds allow
};

class CornerTest : public ::testing::TestWithParam<Corner> {};

TEST_P(CornerTest, LockstepFindsNoDifference) {
  const auto model =
      std::ranges::find(kBuiltConfigurations, GetParam().configuration,
                        [](const BuiltConfiguration& c) { return std::string(c.name); });
  ASSERT_NE(model, std::end(kBuiltConfigurations));
  const RunnerResult result =
      run_random_programs({.make_model = model->make,
                           .seed = environment_number("STERNA_SEED", 0),
                           .programs = static_cast<unsigned>(
                               environment_number("STERNA_PROGRAMS", GetParam().programs)),
                           .faulty = true});
  EXPECT_EQ(result.failure, "");
  std::cout << result.programs << " programs, " << result.instructions << " instructions compared, "
            << result.cycles << " cycles\n";
}

INSTANTIATE_TEST_SUITE_P(Corners, CornerTest,
                         ::testing::Values(Corner{"narrow", 100}, Corner{"short", 100},
                                           Corner{"far", 40}, Corner{"many", 8}, Corner{"long", 8}),
                         [](const auto& corner) { return corner.param.configuration; });

}  // namespace
}  // namespace sterna::rtl
