// SPDX-License-Identifier: Apache-2.0
// The hardware on the timed platform: whatever DDR4 does to the order and time of answers, every
// result is golden's.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/runtime/device_engine.h"
#include "sim/dram/dram_timing.h"
#include "sim/golden/golden_device.h"
#include "sim/platform/memory_model.h"
#include "sim/rtl/rtl_device.h"
#include "tests/rtl/program_runner.h"

namespace sterna::platform {
namespace {

class Ddr4RandomPrograms : public ::testing::TestWithParam<bool> {};

TEST_P(Ddr4RandomPrograms, LockstepFindsNoDifference) {
  const rtl::RunnerResult result = rtl::run_random_programs(
      {.make_model = [](const rtl::RtlModelOptions& o) { return rtl::make_rtl_model("tiny", o); },
       .seed = rtl::environment_number("STERNA_SEED", 77'000'000),
       .programs = static_cast<unsigned>(rtl::environment_number("STERNA_PROGRAMS", 200)),
       .faulty = GetParam(),
       .platform = ddr4_platform({})});
  EXPECT_EQ(result.failure, "");
  EXPECT_GT(result.instructions, 0u);
}

INSTANTIATE_TEST_SUITE_P(Valid, Ddr4RandomPrograms, ::testing::Values(false, true));

// The shipped model, some twenty refreshes a token.
TEST(Ddr4Rtl, ATokensLogitsAreGoldensAndTheFastMemorys) {
  const model::SternaFile file(STERNA_MODEL);
  rtl::RtlOptions options{
      .configuration = "demo", .memory_bytes = dram::kChannelBytes, .lockstep = true};
  options.platform = ddr4_platform({});
  runtime::DeviceEngine golden(golden::make_golden_device({}), file);
  runtime::DeviceEngine fast(rtl::make_rtl_device({.configuration = "demo", .lockstep = true}),
                             file);
  runtime::DeviceEngine timed(rtl::make_rtl_device(options), file);
  for (const std::uint32_t token : {82u, 79u, 77u, 10u}) {
    const auto expected = engine::predict(golden, token);
    const auto a = engine::predict(fast, token), b = engine::predict(timed, token);
    EXPECT_TRUE(std::ranges::equal(a, expected));
    EXPECT_TRUE(std::ranges::equal(b, expected));
  }
  const Counters counters = timed.figures().counters;
  EXPECT_EQ(counters[Counter::kTmmBeats], fast.figures().counters[Counter::kTmmBeats]);
  EXPECT_GT(counters[Counter::kCycles], counters[Counter::kTmmBeats]);
}

}  // namespace
}  // namespace sterna::platform
