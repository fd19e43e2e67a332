// SPDX-License-Identifier: Apache-2.0
// The timed platform against a master written here, in place of the hardware.
#include "sim/platform/ddr4_platform.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "sim/dram/dram_timing.h"
#include "sim/golden/memory.h"
#include "sim/platform/memory_model.h"
#include "support/error.h"

namespace sterna::platform {
namespace {

constexpr unsigned kBeatBytes = 64;
constexpr std::uint64_t kBytes = 16 << 20;  // of a channel
constexpr std::uint32_t kClockKhz = 300'000;

// Pins without hardware behind them.
class NoHardware final : public rtl::RtlModel {
 public:
  explicit NoHardware(unsigned channels) {
    memory.resize(channels);
    reset_n = true;
  }
  void settle() override {}
  void rise() override {}
  unsigned beat_bytes() const override { return kBeatBytes; }
  std::span<const std::int32_t> register_words(unsigned, unsigned) const override { return {}; }
  std::uint32_t register_scale(unsigned, unsigned) const override { return 0; }
  std::span<const std::uint64_t> counters() const override { return {}; }
};

rtl::AxiAddress burst(std::uint64_t address, unsigned beats, std::uint32_t id = 0) {
  return {.valid = true, .id = id, .address = address, .len = beats - 1, .size = 6, .burst = 1};
}

// One port's master: gives its reads and writes in turn, takes every answer at once.
struct Master {
  struct Write {
    rtl::AxiAddress address;
    std::vector<rtl::Beat> beats;
    std::uint64_t strobe = ~std::uint64_t{0};
  };
  struct Answer {
    std::uint64_t cycle = 0;
    std::uint32_t id = 0;
    rtl::AxiResponse response = rtl::AxiResponse::kOkay;
    rtl::Beat data{};
    bool last = false;
  };
  std::deque<rtl::AxiAddress> reads;
  std::deque<Write> writes;
  std::vector<Answer> answers;
  std::vector<rtl::AxiResponse> acknowledged;
  bool address_given = false;
  std::size_t beats_given = 0;

  // Sets the master's pins for an edge, on which the memory's are set already, and sees what
  // happens there.
  void step(rtl::AxiPins& p, std::uint64_t cycle) {
    if (p.rvalid) answers.push_back({cycle, p.rid, p.rresp, p.rdata, p.rlast});
    if (p.bvalid) acknowledged.push_back(p.bresp);
    p.rready = p.bready = true;
    p.ar = reads.empty() ? rtl::AxiAddress{} : reads.front();
    p.aw = writes.empty() || address_given ? rtl::AxiAddress{} : writes.front().address;
    p.wvalid = !writes.empty() && beats_given < writes.front().beats.size();
    if (p.wvalid) {
      p.wdata = writes.front().beats[beats_given];
      p.wstrb = writes.front().strobe;
      p.wlast = beats_given + 1 == writes.front().beats.size();
    }
    if (p.ar.valid && p.arready) reads.pop_front();
    if (p.aw.valid && p.awready) address_given = true;
    if (p.wvalid && p.wready) ++beats_given;
    if (address_given && beats_given == writes.front().beats.size()) {
      writes.pop_front();
      address_given = false;
      beats_given = 0;
    }
  }
};

class Bench {
 public:
  explicit Bench(unsigned channels = 1, const TimedMemory& options = {})
      : hardware(channels), memory(channels * kBytes), masters(channels) {
    // The memory's answers of one edge are the hardware's inputs of the next.
    platform = make_ddr4_platform({hardware, memory,
                                   [this] {
                                     for (std::size_t c = 0; c < masters.size(); ++c) {
                                       masters[c].step(hardware.memory[c], cycle);
                                     }
                                     ++cycle;
                                   }},
                                  options);
    platform->set_clock_khz(kClockKhz);
  }
  void run(unsigned cycles) {
    for (unsigned i = 0; i < cycles; ++i) platform->tick();
  }

  NoHardware hardware;
  golden::Memory memory;
  std::vector<Master> masters;
  std::uint64_t cycle = 0;
  std::unique_ptr<rtl::RtlPlatform> platform;
};

std::uint8_t first_byte(const Master::Answer& answer) {
  return static_cast<std::uint8_t>(answer.data[0]);
}

TEST(Ddr4Platform, AStreamOfBurstsRunsAtMemorySpeed) {
  Bench bench(2);
  constexpr unsigned kBursts = 200, kBeats = 64;
  for (unsigned c = 0; c < 2; ++c) {
    for (unsigned i = 0; i < kBursts; ++i) {
      bench.masters[c].reads.push_back(burst(c * kBytes + i * 4096ull, kBeats));
    }
  }
  bench.run(16'000);
  for (const Master& master : bench.masters) {
    ASSERT_EQ(master.answers.size(), kBursts * kBeats);
    const double cycles = static_cast<double>(master.answers.back().cycle);
    EXPECT_GT(kBursts * kBeats / cycles, 0.94);  // of a beat a cycle; refresh takes 4.5 %
  }
  EXPECT_FALSE(bench.platform->writing());
}

// A pseudo-channel of HBM has 14.4 GB/s: three quarters of a 512-bit port's beats at 300 MHz.
TEST(Ddr4Platform, HbmHasItsOwnClock) {
  Bench bench(1, parse_memory_model("hbm").memory);
  constexpr unsigned kBursts = 100, kBeats = 64;
  for (unsigned i = 0; i < kBursts; ++i) {
    bench.masters[0].reads.push_back(burst(i * 4096ull, kBeats));
  }
  bench.run(16'000);
  ASSERT_EQ(bench.masters[0].answers.size(), kBursts * kBeats);
  const double share =
      kBursts * kBeats / static_cast<double>(bench.masters[0].answers.back().cycle);
  EXPECT_GT(share, 0.75 * 0.90);
  EXPECT_LT(share, 0.75 * 0.94);
  EXPECT_NE(bench.platform->report().find("hbm 0"), std::string::npos);
}

// Four ports on one channel get a quarter of it each, and together as much as one does alone.
TEST(Ddr4Platform, PortsThatShareAChannelShareItsTime) {
  Bench bench(4, parse_memory_model("ddr4:shared").memory);
  constexpr unsigned kBursts = 50, kBeats = 64;
  for (unsigned c = 0; c < 4; ++c) {
    for (unsigned i = 0; i < kBursts; ++i) {
      bench.masters[c].reads.push_back(burst(c * kBytes + i * 4096ull, kBeats));
    }
  }
  bench.run(16'000);
  std::uint64_t first = 16'000, last = 0;
  for (const Master& master : bench.masters) {
    ASSERT_EQ(master.answers.size(), kBursts * kBeats);
    first = std::min(first, master.answers.back().cycle);
    last = std::max(last, master.answers.back().cycle);
  }
  const double beats = 4.0 * kBursts * kBeats;
  EXPECT_GT(beats / static_cast<double>(last), 0.90);
  EXPECT_LT(beats / static_cast<double>(last), 0.96);  // no more than the channel has
  EXPECT_GT(first, last * 95 / 100);                   // in turn
}

// A line of each port's part is its own, and an error of one port's is that port's.
TEST(Ddr4Platform, PortsThatShareAChannelHaveTheirOwnParts) {
  Bench bench(2, parse_memory_model("ddr4:shared").memory);
  for (unsigned c = 0; c < 2; ++c) {
    rtl::Beat data{};
    data.fill(std::byte(0x21 + c));
    bench.platform->upload(c * kBytes + 4096, data);
    bench.masters[c].writes.push_back({burst(c * kBytes, 1), {data}});
  }
  bench.run(200);
  bench.platform->fail(kBytes, kBytes + 64);
  for (unsigned c = 0; c < 2; ++c) {
    bench.masters[c].reads.push_back(burst(c * kBytes + 4096, 1));
    bench.masters[c].reads.push_back(burst(c * kBytes, 1));
  }
  bench.run(200);
  for (unsigned c = 0; c < 2; ++c) {
    const auto& answers = bench.masters[c].answers;
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(first_byte(answers[0]), 0x21 + c);
    EXPECT_EQ(answers[1].response, c == 0 ? rtl::AxiResponse::kOkay : rtl::AxiResponse::kSlave);
    EXPECT_EQ(first_byte(answers[1]), c == 0 ? 0x21 : 0);
  }
}

TEST(Ddr4Platform, TheFirstReadTakesControllerAndRow) {
  Bench bench;
  bench.masters[0].reads.push_back(burst(0, 1));
  bench.run(100);
  ASSERT_EQ(bench.masters[0].answers.size(), 1u);
  // 96 memory cycles of controller, 38 of ACT, READ and data: 34 cycles of the core; some to shake
  // hands.
  EXPECT_GE(bench.masters[0].answers[0].cycle, 34u);
  EXPECT_LE(bench.masters[0].answers[0].cycle, 40u);
}

// At 300 MHz a nanosecond is three tenths of a cycle: 170 ns more are 51.
TEST(Ddr4Platform, TheControllersLatencyIsThatOfTheOption) {
  const auto cycles = [](const char* memory) {
    Bench bench(1, parse_memory_model(memory).memory);
    bench.masters[0].reads.push_back(burst(0, 1));
    bench.run(400);
    return bench.masters[0].answers.at(0).cycle;
  };
  const std::uint64_t usual = cycles("ddr4");
  EXPECT_EQ(cycles("ddr4:latency=80ns"), usual);
  EXPECT_EQ(cycles("ddr4:latency=250ns"), usual + 51);
  EXPECT_EQ(cycles("ddr4:latency=0ns"), usual - 24);
}

TEST(MemoryModel, BadOnesAreRefusedByName) {
  EXPECT_FALSE(parse_memory_model("fast").timed);
  EXPECT_TRUE(parse_memory_model("ddr4").timed);
  EXPECT_EQ(parse_memory_model("ddr4:latency=10000ns").memory.latency.read, 12'000u);
  EXPECT_FALSE(parse_memory_model("ddr4").memory.shared);
  EXPECT_TRUE(parse_memory_model("ddr4:shared").memory.shared);
  EXPECT_EQ(parse_memory_model("hbm:shared:latency=100ns").memory.timing.clock_khz, 900'000u);
  EXPECT_EQ(parse_memory_model("ddr4:shared:latency=100ns").memory.latency.read, 120u);
  for (const char* text : {"ddr4,shared",
                           "ddr4:shared:",
                           "ddr4:shared,latency=80ns",
                           "ddr4:shared:shared",
                           "ddr4:latency=80ns:shared",
                           "hbm2",
                           "",
                           "ddr",
                           "ddr4:",
                           "ddr4:latency",
                           "ddr4:latency=",
                           "ddr4:latency=ns",
                           "ddr4:latency=80",
                           "ddr4:latency=80us",
                           "ddr4:latency=80ns ",
                           "ddr4:latency=-1ns",
                           "ddr4:latency=1.5ns",
                           "ddr4:latency=10001ns",
                           "ddr4:latency=99999999999ns",
                           "fast:latency=80ns"}) {
    EXPECT_THROW(parse_memory_model(text), Error) << text;
  }
}

// Bursts of two IDs at random places: whatever the DRAM does first, data is right and each ID's
// answers come in its order.
TEST(Ddr4Platform, AnswersAreInOrderWithinAnId) {
  Bench bench;
  for (std::uint64_t line = 0; line < kBytes / 64; ++line) {
    std::memcpy(bench.memory.at(line * 64, 64), &line, sizeof line);
  }
  std::mt19937 random(3);
  std::vector<std::uint64_t> expected[2];
  for (unsigned i = 0; i < 400; ++i) {
    const unsigned beats = 1 + random() % 8, id = random() % 2;
    const std::uint64_t address = random() % (kBytes / 4096) * 4096 + random() % 56 * 64;
    bench.masters[0].reads.push_back(burst(address, beats, id));
    for (unsigned b = 0; b < beats; ++b) expected[id].push_back(address / 64 + b);
  }
  bench.run(40'000);
  std::size_t seen[2] = {};
  std::size_t total = 0;
  for (const Master::Answer& answer : bench.masters[0].answers) {
    std::uint64_t line = 0;
    std::memcpy(&line, answer.data.data(), sizeof line);
    ASSERT_LT(seen[answer.id], expected[answer.id].size());
    ASSERT_EQ(line, expected[answer.id][seen[answer.id]++]);
    ++total;
  }
  EXPECT_EQ(total, expected[0].size() + expected[1].size());
  EXPECT_FALSE(bench.platform->writing());
}

TEST(Ddr4Platform, WritesKeepToTheirStrobesAndAreReadBack) {
  Bench bench;
  rtl::Beat old{}, data{};
  old.fill(std::byte{0x11});
  data.fill(std::byte{0xAB});
  bench.platform->upload(4096, old);
  bench.masters[0].writes.push_back({burst(4096, 2), {data, data}, 0xFFFF'FFFF'FFFF'FFFE});
  bench.run(200);
  ASSERT_EQ(bench.masters[0].acknowledged, std::vector{rtl::AxiResponse::kOkay});
  bench.masters[0].reads.push_back(burst(4096, 2));
  bench.run(200);
  ASSERT_EQ(bench.masters[0].answers.size(), 2u);
  EXPECT_EQ(first_byte(bench.masters[0].answers[0]), 0x11);
  EXPECT_EQ(bench.masters[0].answers[0].data[1], std::byte{0xAB});
  rtl::Beat back{};
  bench.platform->download(4160, back);
  EXPECT_EQ(back[63], std::byte{0xAB});
}

TEST(Ddr4Platform, ErrorsComeFromOutsideAChannelAndFailingRanges) {
  Bench bench(2);
  bench.platform->fail(8192 + 64, 8192 + 128);
  bench.masters[1].reads.push_back(burst(0, 1));  // the other channel's
  bench.masters[0].reads.push_back(burst(2 * kBytes, 1));
  bench.masters[0].reads.push_back(burst(8192, 2));
  bench.masters[0].writes.push_back({burst(8192 + 64, 1), {rtl::Beat{}}});
  bench.run(500);
  ASSERT_EQ(bench.masters[1].answers.size(), 1u);
  EXPECT_EQ(bench.masters[1].answers[0].response, rtl::AxiResponse::kDecode);
  ASSERT_EQ(bench.masters[0].answers.size(), 3u);
  EXPECT_EQ(bench.masters[0].answers[0].response, rtl::AxiResponse::kDecode);
  EXPECT_EQ(bench.masters[0].answers[1].response, rtl::AxiResponse::kOkay);
  EXPECT_EQ(bench.masters[0].answers[2].response, rtl::AxiResponse::kSlave);
  EXPECT_EQ(bench.masters[0].acknowledged, std::vector{rtl::AxiResponse::kSlave});
}

TEST(Ddr4Platform, ABrokenRuleIsToldAsItIs) {
  Bench bench;
  bench.masters[0].reads.push_back(burst(4096 - 64, 2));
  try {
    bench.run(10);
    FAIL() << "a burst across 4 KiB passed";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("crosses 4 KiB"), std::string::npos) << error.what();
  }
}

// A Gen3 x16 link carries 15.75 GB/s of symbols: 14.4 of read completions, 14.2 of writes; a short
// transfer is all latency.
TEST(Ddr4Platform, TransfersTakePciesTime) {
  Bench bench;
  std::vector<std::byte> data(8 << 20, std::byte{5});
  bench.platform->upload(0, data);
  std::vector<std::byte> back(data.size());
  bench.platform->download(0, back);
  EXPECT_EQ(back, data);
  const std::string report = bench.platform->report();
  double up = 0, down = 0;
  const char* to = std::strstr(report.c_str(), "to the card: ");
  const char* from = std::strstr(report.c_str(), "from it: ");
  ASSERT_TRUE(to && from) << report;
  ASSERT_EQ(std::sscanf(to, "to the card: %*u bytes in 1 transfers, %*f us, %lf", &up), 1)
      << report;
  ASSERT_EQ(std::sscanf(from, "from it: %*u bytes in 1 transfers, %*f us, %lf", &down), 1);
  EXPECT_GT(up, 13.9);
  EXPECT_LT(up, 14.41);
  EXPECT_GT(down, 13.7);
  EXPECT_LT(down, 14.21);

  Bench small;
  small.platform->download(0, std::span(back).first(64));
  double us = 0;
  const std::string line = small.platform->report();
  ASSERT_EQ(std::sscanf(std::strstr(line.c_str(), "from it: "),
                        "from it: %*u bytes in %*u transfers, %lf", &us),
            1);
  EXPECT_GT(us, 0.85);
  EXPECT_LT(us, 1.2);
}

TEST(Ddr4Platform, PlatformsLiveSideBySide) {
  Bench one, two;
  one.masters[0].reads.push_back(burst(0, 4));
  two.masters[0].reads.push_back(burst(64, 4));
  for (unsigned i = 0; i < 100; ++i) {
    one.run(1);
    two.run(1);
  }
  EXPECT_EQ(one.masters[0].answers.size(), 4u);
  EXPECT_EQ(two.masters[0].answers.size(), 4u);
}

}  // namespace
}  // namespace sterna::platform
