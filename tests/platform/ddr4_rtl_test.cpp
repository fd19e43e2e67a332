// SPDX-License-Identifier: Apache-2.0
// The hardware on the timed platform: whatever DDR4 does to the order and time of answers, every
// result is golden's.
#include <gtest/gtest.h>

#include <vector>

#include "host/runtime/session.h"
#include "sim/dram/ddr4_timing.h"
#include "sim/golden/golden_device.h"
#include "sim/platform/ddr4_platform.h"
#include "sim/rtl/rtl_device.h"
#include "tests/rtl/program_runner.h"

namespace sterna {
namespace {

class Ddr4RandomPrograms : public ::testing::TestWithParam<bool> {};

TEST_P(Ddr4RandomPrograms, LockstepFindsNoDifference) {
  const RunnerResult result = run_random_programs(
      {.make_model = [](const RtlModelOptions& o) { return make_rtl_model("tiny", o); },
       .seed = environment_number("STERNA_SEED", 77'000'000),
       .programs = static_cast<unsigned>(environment_number("STERNA_PROGRAMS", 200)),
       .faulty = GetParam(),
       .platform = make_ddr4_platform});
  EXPECT_EQ(result.failure, "");
  EXPECT_GT(result.instructions, 0u);
}

INSTANTIATE_TEST_SUITE_P(Valid, Ddr4RandomPrograms, ::testing::Values(false, true));

// The shipped model, some twenty refreshes a token.
TEST(Ddr4Rtl, ATokensLogitsAreGoldensAndTheFastMemorys) {
  const SternaFile file(STERNA_MODEL);
  const auto golden = make_golden_device({});
  const auto fast = make_rtl_device({.configuration = "demo", .lockstep = true});
  RtlOptions options{.configuration = "demo", .memory_bytes = kChannelBytes, .lockstep = true};
  options.platform = make_ddr4_platform;
  const auto timed = make_rtl_device(options);
  Session on_golden(*golden, file), on_fast(*fast, file), on_timed(*timed, file);
  for (const std::uint32_t token : {82u, 79u, 77u, 10u}) {
    const auto expected = on_golden.step(token);
    const std::vector<numerics::fix> logits(expected.begin(), expected.end());
    const auto a = on_fast.step(token), b = on_timed.step(token);
    EXPECT_EQ(std::vector<numerics::fix>(a.begin(), a.end()), logits);
    EXPECT_EQ(std::vector<numerics::fix>(b.begin(), b.end()), logits);
  }
  const auto counters = on_timed.counters();
  EXPECT_EQ(counters[Counter::kTmmBeats], on_fast.counters()[Counter::kTmmBeats]);
  EXPECT_GT(counters[Counter::kCycles], counters[Counter::kTmmBeats]);
}

}  // namespace
}  // namespace sterna
