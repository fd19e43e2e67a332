// SPDX-License-Identifier: Apache-2.0
// sdram_port between a master of random bursts and a native port as LiteDRAM's: commands in order,
// a write's word taken and a read's word given some cycles later.
#include <gtest/gtest.h>
#include <verilated.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "Vsdram_port_default.h"

namespace sterna {
namespace {

constexpr std::uint32_t kWords = 1 << 14;  // of 32 bits
constexpr unsigned kReads = kWords / 2;    // below: their order and that of writes is free
constexpr unsigned kLatency = 5;

struct Burst {
  unsigned id = 0, beats = 0;
  std::uint64_t beat = 0;  // the first, in beats of 64 bits
};

class Bench {
 public:
  Bench(unsigned seed, bool stalls)
      : random_(seed), stalls_(stalls), memory_(kWords), expected_(kWords) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed) + 1);
    top_ = std::make_unique<Vsdram_port_default>(&context_);
    for (std::uint32_t i = 0; i < kWords; ++i)
      memory_[i] = expected_[i] = static_cast<std::uint32_t>(random_());
    top_->clk_i = 0;
    top_->rst_ni = 0;
    for (int i = 0; i < 3; ++i) edge();
    top_->rst_ni = 1;
  }

  // Cycles until so many bursts of each kind are through; all data is compared.
  unsigned run(unsigned reads, unsigned writes, unsigned beats_at_most) {
    longest_ = beats_at_most;
    reads_ = reads;
    writes_ = writes;
    for (unsigned cycle = 0;; ++cycle) {
      if (reads_ == 0 && writes_ == 0 && read_.empty() && !ar_ && !aw_ && !write_ &&
          stored_.empty())
        return cycle;
      if (cycle > 1'000'000) {
        ADD_FAILURE() << "hangs";
        return cycle;
      }
      step();
    }
  }

  const std::vector<std::uint32_t>& memory() const { return memory_; }
  const std::vector<std::uint32_t>& expected() const { return expected_; }

 private:
  bool lazy() { return stalls_ && random_() % 3 == 0; }

  Burst random_burst(std::uint64_t base) {
    Burst burst{static_cast<unsigned>(random_() % 4),
                static_cast<unsigned>(random_() % longest_ + 1), 0};
    burst.beat = base / 2 + random_() % ((kWords - kReads) / 2 - burst.beats);
    return burst;
  }

  void step() {
    auto& top = *top_;
    if (!ar_ && reads_ != 0 && !lazy()) {
      ar_ = random_burst(0);
      --reads_;
    }
    if (!aw_ && !write_ && writes_ != 0 && !lazy()) {
      aw_ = write_ = random_burst(kReads);
      sent_ = 0;
      --writes_;
    }
    top.arvalid_i = ar_.has_value();
    if (ar_) {
      top.arid_i = ar_->id & 3;
      top.araddr_i = 8 * ar_->beat;
      top.arlen_i = static_cast<std::uint8_t>(ar_->beats - 1);
    }
    top.awvalid_i = aw_.has_value();
    if (aw_) {
      top.awid_i = aw_->id & 3;
      top.awaddr_i = 8 * aw_->beat;
      top.awlen_i = static_cast<std::uint8_t>(aw_->beats - 1);
    }
    // A beat that is offered stays.
    if (write_ && sent_ < write_->beats && !offered_ && !lazy()) {
      offered_ = true;
      top.wdata_i = static_cast<std::uint64_t>(random_()) << 33 ^ random_();
      top.wstrb_i = static_cast<std::uint8_t>(random_() % 2 == 0 ? 0xFF : random_());
    }
    top.wvalid_i = offered_;
    top.bready_i = !lazy();
    top.rready_i = 1;
    top.cmd_ready_i = !lazy();
    top.wdata_ready_i = !stored_.empty() && stored_.front().second == 0;
    top.rdata_valid_i = !loaded_.empty() && loaded_.front().second == 0;
    if (top.rdata_valid_i) top.rdata_i = memory_[loaded_.front().first];
    top.eval();
    for (auto* queue : {&stored_, &loaded_}) {
      for (auto& [word, left] : *queue) left -= left != 0;
    }
    if (top.wdata_ready_i) {
      EXPECT_TRUE(top.wdata_valid_o);
      store(memory_, stored_.front().first, top.wdata_o, top.wstrb_o);
      stored_.pop_front();
    }
    if (top.rdata_valid_i) loaded_.pop_front();
    if (top.cmd_valid_o && top.cmd_ready_i) {
      EXPECT_LT(top.cmd_addr_o, kWords);
      (top.cmd_we_o ? stored_ : loaded_).emplace_back(top.cmd_addr_o % kWords, kLatency);
    }
    if (top.wvalid_i && top.wready_o) {
      const auto word = static_cast<std::uint32_t>(2 * (write_->beat + sent_++));
      store(expected_, word, static_cast<std::uint32_t>(top.wdata_i), top.wstrb_i & 15);
      store(expected_, word + 1, static_cast<std::uint32_t>(top.wdata_i >> 32), top.wstrb_i >> 4);
      offered_ = false;
    }
    if (top.bvalid_o && top.bready_i) {
      ASSERT_TRUE(write_);
      EXPECT_FALSE(aw_);
      EXPECT_EQ(top.bid_o, write_->id);
      EXPECT_EQ(sent_, write_->beats);
      write_.reset();
    }
    if (top.rvalid_o) {
      ASSERT_FALSE(read_.empty());
      Burst& burst = read_.front();
      const std::uint64_t data = expected_[2 * burst.beat] |
                                 static_cast<std::uint64_t>(expected_[2 * burst.beat + 1]) << 32;
      EXPECT_EQ(top.rdata_o, data);
      EXPECT_EQ(top.rid_o, burst.id);
      EXPECT_EQ(top.rlast_o, burst.beats == 1);
      ++burst.beat;
      if (--burst.beats == 0) read_.pop_front();
    }
    if (top.arvalid_i && top.arready_o) {
      read_.push_back(*ar_);
      ar_.reset();
    }
    if (top.awvalid_i && top.awready_o) aw_.reset();
    edge();
  }

  static void store(std::vector<std::uint32_t>& words, std::uint32_t at, std::uint32_t data,
                    unsigned strobe) {
    for (unsigned i = 0; i < 4; ++i) {
      const std::uint32_t mask = 0xFFU << 8 * i;
      if (strobe >> i & 1) words[at] = (words[at] & ~mask) | (data & mask);
    }
  }

  void edge() {
    top_->clk_i = 1;
    top_->eval();
    top_->clk_i = 0;
    top_->eval();
  }

  std::minstd_rand random_;
  bool stalls_;
  VerilatedContext context_;
  std::unique_ptr<Vsdram_port_default> top_;
  std::vector<std::uint32_t> memory_, expected_;
  unsigned reads_ = 0, writes_ = 0, longest_ = 1, sent_ = 0;
  bool offered_ = false;
  std::optional<Burst> ar_, aw_, write_;                            // write_: until it is answered
  std::deque<Burst> read_;                                          // that are not all back
  std::deque<std::pair<std::uint32_t, unsigned>> stored_, loaded_;  // word, cycles until its data
};

TEST(SdramPort, MovesWhatRandomBurstsAskFor) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    Bench bench(seed, seed % 3 != 0);
    bench.run(150, 100, seed % 2 == 0 ? 256 : 6);
    EXPECT_EQ(bench.memory(), bench.expected()) << seed;
    if (::testing::Test::HasFailure()) return;
  }
}

// Two cycles a beat, from burst to burst, too: the next one's first command stands behind the last
// one's second.
TEST(SdramPort, LeavesNoBubbleBetweenBursts) {
  const auto cycles = [](unsigned bursts, unsigned beats) {
    return Bench(9, false).run(bursts, 0, beats);
  };
  EXPECT_EQ(cycles(80, 1) - cycles(40, 1), 80u);
  // Lengths are random here: 32.5 beats in the mean.
  EXPECT_NEAR((cycles(440, 64) - cycles(40, 64)) / 400.0, 65.0, 5.0);
}

}  // namespace
}  // namespace sterna
