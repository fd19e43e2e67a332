// SPDX-License-Identifier: Apache-2.0
// The DDR4 engine under random and regular traffic, its commands checked by TimingChecker.
#include "sim/dram/dram_channel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "tests/dram/timing_checker.h"

namespace sterna::dram {
namespace {

// What the random traffic is like.
struct Traffic {
  std::uint64_t bytes = kChannelBytes;  // addresses below
  unsigned write_percent = 0;
  unsigned run_length = 1;  // lines that follow each other
  std::uint64_t gap = 0;    // longest pause between two accesses, cycles
  unsigned accesses = 20'000;
};

struct Result {
  DramStats stats;
  std::uint64_t cycles = 0;
  std::vector<std::string> violations;
  std::uint64_t refreshes = 0;
  std::set<std::uint64_t> answered;

  double bandwidth() const {  // bytes a second
    return static_cast<double>(stats.reads + stats.writes) * kDramLineBytes * 1e3 *
           kMemoryClockKhz / static_cast<double>(cycles);
  }
};

// Runs traffic on an engine with `timing`, watched by a checker with the standard's.
Result run(const Traffic& traffic, std::uint64_t seed, const DramTiming& timing = {},
           const DramTiming& standard = {}) {
  TimingChecker checker{standard};
  DramOptions options;
  options.timing = timing;
  options.observer = [&](const DramCommand& command) { checker.observe(command); };
  DramChannel channel(options);
  std::mt19937_64 random(seed);
  Result result;
  std::uint64_t line = 0, last = 0;
  const auto collect = [&] {
    for (const auto& done : channel.completions()) {
      last = std::max(last, done.cycle);
      EXPECT_TRUE(result.answered.insert(done.tag).second) << "answered twice: " << done.tag;
    }
    channel.completions().clear();
  };
  for (unsigned i = 0; i < traffic.accesses; ++i) {
    line = i % traffic.run_length == 0 ? random() % (traffic.bytes / kDramLineBytes) : line + 1;
    const bool write = random() % 100 < traffic.write_percent;
    if (traffic.gap != 0) channel.advance(channel.now() + random() % traffic.gap);
    while (!channel.can_accept(write)) channel.advance(channel.next_action() + 1);
    channel.submit(line * kDramLineBytes, write, i);
    collect();
  }
  while (!channel.idle()) channel.advance(channel.next_action() + 1);
  collect();
  checker.finish(last);
  result.stats = channel.stats();
  result.cycles = last;
  result.violations = checker.violations();
  result.refreshes = checker.count(DramOp::kRefresh);
  return result;
}

const std::vector<Traffic> kMixes = {
    {.write_percent = 0},
    {.write_percent = 40},
    {.bytes = 1 << 20, .write_percent = 30},  // few rows: hits, conflicts, forwarding
    {.write_percent = 50, .run_length = 8},
    {.bytes = 64 << 20, .write_percent = 20, .gap = 60},  // queues run empty
    {.write_percent = 30, .gap = 3000, .accesses = 2000},
};

TEST(DramChannel, KeepsEveryTimingRuleAndAnswersEveryAccess) {
  for (std::size_t mix = 0; mix < kMixes.size(); ++mix) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      const Result result = run(kMixes[mix], seed);
      EXPECT_TRUE(result.violations.empty())
          << "mix " << mix << " seed " << seed << ": " << result.violations.front();
      EXPECT_EQ(result.answered.size(), kMixes[mix].accesses);
      EXPECT_EQ(result.stats.reads + result.stats.writes, kMixes[mix].accesses);
      EXPECT_EQ(
          result.stats.hits + result.stats.misses + result.stats.conflicts + result.stats.forwarded,
          kMixes[mix].accesses);
    }
  }
}

// An engine that is one cycle too fast in any one parameter is caught, by the rule of that name.
TEST(DramChannel, TheCheckerFindsEachTimingThatIsOneCycleShort) {
  const std::map<std::string, unsigned DramTiming::*> parameters = {
      {"tRCD", &DramTiming::tRCD},     {"tRP", &DramTiming::tRP},
      {"tRAS", &DramTiming::tRAS},     {"tRRD_S", &DramTiming::tRRD_S},
      {"tRRD_L", &DramTiming::tRRD_L}, {"tFAW", &DramTiming::tFAW},
      {"tCCD_S", &DramTiming::tCCD_S}, {"tCCD_L", &DramTiming::tCCD_L},
      {"tRTP", &DramTiming::tRTP},     {"tWR", &DramTiming::tWR},
      {"tWTR_S", &DramTiming::tWTR_S}, {"tWTR_L", &DramTiming::tWTR_L},
      {"tRTW", &DramTiming::tRTW},     {"tRFC", &DramTiming::tRFC}};
  for (const auto& [name, parameter] : parameters) {
    DramTiming fast;
    --(fast.*parameter);
    bool found = false;
    for (std::size_t mix = 0; mix < kMixes.size() && !found; ++mix) {
      for (const std::string& violation : run(kMixes[mix], 1, fast).violations) {
        found = found || violation.starts_with(name);
      }
    }
    EXPECT_TRUE(found) << name;
  }
  // tRC is tRAS + tRP: too short only when these are, too.
  DramTiming fast;
  --fast.tRC;
  --fast.tRP;
  const Result result = run(kMixes[0], 1, fast);
  EXPECT_TRUE(std::ranges::any_of(result.violations,
                                  [](const std::string& v) { return v.starts_with("tRC:"); }));
  // A refresh that comes ten times too late.
  DramTiming lazy;
  lazy.tREFI *= 10;
  EXPECT_TRUE(std::ranges::any_of(run(kMixes[0], 1, lazy).violations,
                                  [](const std::string& v) { return v.starts_with("tREFI"); }));
}

TEST(DramChannel, APseudoChannelOfHbmKeepsItsRules) {
  for (const Traffic& mix : kMixes) {
    const Result result = run(mix, 1, kHbm2Timing, kHbm2Timing);
    EXPECT_TRUE(result.violations.empty()) << result.violations.front();
    EXPECT_EQ(result.answered.size(), mix.accesses);
  }
  // 14.4 GB/s at its pins, of which refresh takes 6.7 %.
  EXPECT_DOUBLE_EQ(peak_bytes_per_second(kHbm2Timing), 14.4e9);
  const Result result =
      run({.run_length = 1'000'000, .accesses = 100'000}, 1, kHbm2Timing, kHbm2Timing);
  const double share = 4.0 * 100'000 / static_cast<double>(result.cycles);
  EXPECT_GT(share, 0.91);
  EXPECT_LT(share, 1 - 234.0 / 3510);
}

// Refresh takes 4.5 %; all else is hidden.
TEST(DramChannel, SequentialReadsReach94PercentOfThePeak) {
  const Result result = run({.run_length = 1'000'000, .accesses = 100'000}, 1);
  EXPECT_GT(result.bandwidth(), 0.94 * kPeakBytesPerSecond);
  EXPECT_LT(result.bandwidth(), 0.9551 * kPeakBytesPerSecond);  // 1 - tRFC / tREFI
  EXPECT_GT(result.stats.hits, 98'000u);
}

TEST(DramChannel, SequentialWritesReach90PercentOfThePeak) {
  const Result result =
      run({.write_percent = 100, .run_length = 1'000'000, .accesses = 100'000}, 1);
  EXPECT_GT(result.bandwidth(), 0.90 * kPeakBytesPerSecond);
}

// Random lines need an ACT each: no more than four in tFAW, 11.8 GB/s less the refreshes, if the
// banks were never in each other's way. With one bank group in use tRC of its four banks rules.
TEST(DramChannel, RandomReadsAreBoundByActivates) {
  const Result result = run({.accesses = 50'000}, 1);
  const double activate_bound = 4.0 / DramTiming{}.tFAW * 64 * 1e3 * kMemoryClockKhz;
  EXPECT_LT(result.bandwidth(), activate_bound);
  EXPECT_GT(result.bandwidth(), 0.9 * activate_bound);
}

// One bank: a row cycle for each access.
TEST(DramChannel, OneBankIsBoundByTheRowCycle) {
  DramChannel channel;
  constexpr unsigned kAccesses = 1000;
  std::uint64_t last = 0;
  for (unsigned i = 0; i < kAccesses; ++i) {
    while (!channel.can_accept(false)) channel.advance(channel.next_action() + 1);
    channel.submit(std::uint64_t{i} << 17, false, i);  // the next row of bank 0
  }
  while (!channel.idle()) channel.advance(channel.next_action() + 1);
  for (const auto& done : channel.completions()) last = std::max(last, done.cycle);
  EXPECT_GE(last, kAccesses * 56u);
  EXPECT_LE(last, kAccesses * 56u * 1.06);  // refresh
}

TEST(DramChannel, TheFirstReadTakesActivateAndColumn) {
  DramChannel channel;
  channel.advance(100);
  channel.submit(0, false, 7);
  channel.advance(200);
  ASSERT_EQ(channel.completions().size(), 1u);
  EXPECT_EQ(channel.completions()[0].tag, 7u);
  EXPECT_EQ(channel.completions()[0].cycle, 100u + 17 + 17 + 4);
}

TEST(DramChannel, ReadsOfLinesThatWaitToBeWrittenAreForwarded) {
  DramChannel channel;
  for (unsigned i = 0; i < 8; ++i) channel.submit(std::uint64_t{i} << 17, false, i);
  channel.submit(0x40000040, true, 20);
  channel.submit(0x40000050, false, 21);
  channel.advance(2);
  EXPECT_EQ(channel.stats().forwarded, 1u);
  EXPECT_EQ(channel.completions().front().tag, 21u);
}

TEST(DramChannel, RefreshTakesItsShareAndSkippingIdleTimeKeepsIt) {
  const Result busy = run({.run_length = 1'000'000, .accesses = 200'000}, 1);
  EXPECT_NEAR(static_cast<double>(busy.refreshes) * 420 / static_cast<double>(busy.cycles), 0.0449,
              0.0006);
  DramChannel idle;
  idle.advance(9360ull * 1'000'000 + 5);
  EXPECT_NEAR(static_cast<double>(idle.stats().refreshes), 1e6, 1);
  idle.submit(0, false, 1);
  idle.advance(idle.now() + 1000);
  ASSERT_EQ(idle.completions().size(), 1u);
}

// A stream of row hits does not keep an access to another row of the bank out for good.
TEST(DramChannel, ConflictsAreServedWithinBounds) {
  DramChannel channel;
  channel.submit(0, false, 0);
  channel.advance(100);
  channel.submit(1 << 17, false, 999);
  std::uint64_t served = 0;
  for (unsigned i = 1; i < 20'000 && served == 0; ++i) {
    while (!channel.can_accept(false)) channel.advance(channel.next_action() + 1);
    channel.submit((i % 128) * 256, false, i);  // bank 0, row 0
    for (const auto& done : channel.completions()) {
      if (done.tag == 999) served = done.cycle;
    }
    channel.completions().clear();
  }
  EXPECT_GT(served, DramChannel::kStarvationLimit);
  EXPECT_LT(served, 2 * DramChannel::kStarvationLimit);
}

TEST(DramLocation, SequentialLinesRotateBankGroups) {
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(dram_location(i * 64).group, i % 4);
  EXPECT_EQ(dram_location(0x100).column, 1u);
  EXPECT_EQ(dram_location(0x8000).bank, 1u);
  EXPECT_EQ(dram_location(0x20000).row, 1u);
  EXPECT_EQ(dram_location(kChannelBytes + 0x20040), dram_location(0x20040));
}

}  // namespace
}  // namespace sterna::dram
