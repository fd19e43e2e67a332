// SPDX-License-Identifier: Apache-2.0
// Traces: what a line may say, and what a replay reports.
#include "sim/dram/trace.h"

#include <gtest/gtest.h>

#include <string>

#include "support/error.h"

namespace sterna::dram {
namespace {

TraceReport replay(const std::string& text) { return replay_trace(text, "t.trace"); }

std::string error_of(const std::string& text) {
  try {
    replay(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(DramTrace, ReportsASequentialRead) {
  const TraceReport report = replay("0x0 READ 10\n\n0x40 READ 10\r\n 0x80\tWRITE  500 \n");
  EXPECT_EQ(report.stats.reads, 2u);
  EXPECT_EQ(report.stats.writes, 1u);
  EXPECT_EQ(report.stats.misses, 3u);                     // three bank groups
  EXPECT_EQ(report.stats.latency_max, 17u + 17 + 4 + 4);  // the second ACT comes tRRD_S later
  EXPECT_EQ(report.cycles, 490u + 17 + 12 + 4);
}

TEST(DramTrace, BandwidthCountsFromTheFirstAccess) {
  const TraceReport report = replay("0x0 READ 1000000000000\n");
  EXPECT_EQ(report.cycles, 38u);
  EXPECT_NEAR(report.bytes_per_second(), 64 * 1.2e9 / 38, 1);
  EXPECT_EQ(report.average_latency(), 38);
}

// A counter and the cycles beside it are of the same interval.
TEST(DramTrace, RefreshesCountFromTheFirstAccess) {
  EXPECT_EQ(replay("0x0 READ 1000000\n0x40 READ 1000010\n").stats.refreshes, 0u);
  const std::uint64_t apart = 10 * DramTiming{}.tREFI;
  EXPECT_EQ(
      replay(fmt::format("0x0 READ 1000000\n0x40 READ {}\n", 1000000 + apart)).stats.refreshes,
      10u);
}

TEST(DramTrace, TakesLinesAsAnyEditorLeavesThem) {
  for (const char* text : {"0x0 READ 1\n0x40 READ 2\n", "0x0 READ 1\r\n0x40 READ 2\r\n",
                           "\xEF\xBB\xBF"
                           "0x0 READ 1\n\n0x40 READ 2"}) {
    EXPECT_EQ(replay(text).stats.reads, 2u) << text;
  }
}

TEST(DramTrace, BadLinesNameFileAndLine) {
  const std::string good = "0x40 READ 1\n";
  const std::pair<const char*, const char*> cases[] = {
      {"0x40 READ", "t.trace:2: '0x40 READ' is not"},
      {"0x40 READ 1 2", "t.trace:2: '0x40 READ 1 2' is not"},
      {"40 READ 1", "'40' is not an address"},
      {"0x READ 1", "'0x' is not an address"},
      {"0x4G READ 1", "'0x4G' is not an address"},
      {"0x11112222333344445 READ 1", "is not an address"},
      {"0x40 read 1", "'read' is neither"},
      {"0x40 READ -1", "'-1' is not a cycle"},
      {"0x40 READ 0x10", "'0x10' is not a cycle"},
      {"0x40 READ 9223372036854775807", "is not a cycle"},
      {"0x40 READ 0", "t.trace:2: cycle 0 comes after cycle 1"}};
  for (const auto& [line, words] : cases) {
    const std::string text = error_of(good + line + "\n");
    EXPECT_NE(text.find(words), std::string::npos) << line << ": " << text;
  }
  EXPECT_EQ(error_of(""), "t.trace: no access in the trace");
}

}  // namespace
}  // namespace sterna::dram
