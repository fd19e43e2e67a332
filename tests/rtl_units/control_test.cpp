// SPDX-License-Identifier: Apache-2.0
// The control registers: ap_ctrl_hs as XRT and Vitis expect it, and every word of the register map.
#include <gtest/gtest.h>
#include <verilated.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

#include "Vcontrol_default.h"
#include "isa/generated/isa.h"
#include "sim/rtl/axi_lite_driver.h"
#include "tests/rtl_units/segment_port.h"

namespace sterna {
namespace {

constexpr std::uint32_t kStart = 1, kDone = 2, kIdle = 4, kReady = 8;

class ControlTest : public ::testing::TestWithParam<double> {  // probability of a stall on the bus
 protected:
  ControlTest() {
    context_.randReset(2);
    top_.clk_i = 0;
    top_.rst_ni = 0;
    top_.end_i = 0;
    top_.draining_i = 0;
    tick();
    tick();
    top_.rst_ni = 1;
  }

  void tick() {
    top_.awvalid_i = pins_.awvalid;
    top_.awaddr_i = static_cast<SData>(pins_.awaddr & 0xFFF);
    top_.wvalid_i = pins_.wvalid;
    top_.wdata_i = pins_.wdata;
    top_.wstrb_i = static_cast<CData>(pins_.wstrb);
    top_.bready_i = pins_.bready;
    top_.arvalid_i = pins_.arvalid;
    top_.araddr_i = static_cast<SData>(pins_.araddr & 0xFFF);
    top_.rready_i = pins_.rready;
    top_.eval();
    pins_.awready = top_.awready_o;
    pins_.wready = top_.wready_o;
    pins_.bvalid = top_.bvalid_o;
    pins_.bresp = top_.bresp_o;
    pins_.arready = top_.arready_o;
    pins_.rvalid = top_.rvalid_o;
    pins_.rdata = top_.rdata_o;
    pins_.rresp = top_.rresp_o;
    starts_ += top_.start_o;
    if (has_segment(top_.segment_o))
      told_[segment_index(top_.segment_o)] = segment_of(top_.segment_o);
    if (top_.rom_wr_en_o) {
      rom_[top_.rom_wr_addr_o * 4u + top_.rom_wr_word_o] = top_.rom_wr_data_o;
    }
    // The counters answer with their own index, two cycles later.
    top_.counter_i = index_[1] | std::uint64_t{~index_[1]} << 32;
    index_[1] = index_[0];
    index_[0] = top_.counter_index_o;
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
  }

  void end_program() {
    top_.end_i = 1;
    tick();
    top_.end_i = 0;
  }

  void write(std::uint32_t offset, std::uint32_t value, std::uint32_t strobe = 0xF) {
    driver_.write(offset, value, strobe);
  }
  std::uint32_t read(std::uint32_t offset) { return driver_.read(offset); }

  // Starts a program, which begins some cycles later where it has to be told of segments.
  void start() {
    const unsigned before = starts_;
    write(reg::kCtrl, kStart);
    for (unsigned i = 0; i <= kSegments && starts_ == before; ++i) tick();
    ASSERT_EQ(starts_, before + 1);
  }

  VerilatedContext context_;
  Vcontrol_default top_{&context_};
  rtl::AxiLitePins pins_;
  rtl::AxiLiteDriver driver_{pins_, [this] { tick(); }, GetParam(), 7};
  unsigned starts_ = 0;
  std::map<unsigned, Segment> told_;  // to the program that starts
  std::map<std::uint32_t, std::uint32_t> rom_;
  std::array<std::uint32_t, 2> index_{};
};
INSTANTIATE_TEST_SUITE_P(Bus, ControlTest, ::testing::Values(0.0, 0.4));

TEST_P(ControlTest, RunsFromStartToDone) {
  EXPECT_EQ(read(reg::kCtrl), kIdle);
  for (unsigned program = 1; program <= 3; ++program) {
    start();
    EXPECT_EQ(starts_, program);
    EXPECT_EQ(read(reg::kCtrl), kStart);
    write(reg::kCtrl, kStart);  // while it runs: nothing
    EXPECT_EQ(starts_, program);
    EXPECT_EQ(read(reg::kCtrl), kStart);
    end_program();
    EXPECT_EQ(read(reg::kCtrl), kDone | kIdle | kReady);
    EXPECT_EQ(read(reg::kCtrl), kIdle) << "done clears on read";
  }
  // A done that nobody read is not the next program's.
  write(reg::kCtrl, kStart);
  end_program();
  write(reg::kCtrl, kStart);
  EXPECT_EQ(read(reg::kCtrl), kStart);
  end_program();
  EXPECT_EQ(read(reg::kCtrl), kDone | kIdle | kReady);
}

// A host that polls sees running, then done once, then idle: never idle before done, whenever the
// end comes.
TEST_P(ControlTest, NeverLosesDone) {
  start();  // the segments are told, and the next programs start at once
  end_program();
  read(reg::kCtrl);
  for (unsigned delay = 0; delay < 12; ++delay) {
    write(reg::kCtrl, kStart);
    for (unsigned i = 0; i < delay; ++i) tick();
    std::vector<std::uint32_t> seen;
    for (unsigned poll = 0; poll < 4; ++poll) {
      if (poll == 1) end_program();
      seen.push_back(read(reg::kCtrl));
    }
    EXPECT_EQ(seen, (std::vector<std::uint32_t>{kStart, kDone | kIdle | kReady, kIdle, kIdle}));
  }
  // The end in every cycle of a read.
  for (unsigned at = 0; at < 8; ++at) {
    write(reg::kCtrl, kStart);
    pins_.arvalid = true;
    pins_.araddr = reg::kCtrl;
    pins_.rready = true;
    std::uint32_t first = 0;
    for (unsigned cycle = 0; cycle < 12; ++cycle) {
      top_.end_i = cycle == at;
      tick();
      if (pins_.arready) pins_.arvalid = false;
      if (pins_.rvalid) first = pins_.rdata;
    }
    pins_.rready = false;
    if (first == kStart) first = read(reg::kCtrl);
    EXPECT_EQ(first, kDone | kIdle | kReady) << "end at cycle " << at;
    EXPECT_EQ(read(reg::kCtrl), kIdle);
  }
}

TEST_P(ControlTest, InterruptsWhenEnabled) {
  const auto run = [this] {
    start();
    end_program();
    tick();
  };
  run();
  EXPECT_EQ(read(reg::kIsr), 0u) << "nothing is enabled";
  EXPECT_FALSE(top_.interrupt_o);
  write(reg::kIer, 1);
  run();
  EXPECT_EQ(read(reg::kIsr), 1u);
  EXPECT_FALSE(top_.interrupt_o) << "not globally enabled";
  write(reg::kGie, 1);
  EXPECT_TRUE(top_.interrupt_o);
  write(reg::kIsr, 1);
  EXPECT_EQ(read(reg::kIsr), 0u);
  EXPECT_FALSE(top_.interrupt_o);
  write(reg::kIsr, 2);
  EXPECT_EQ(read(reg::kIsr), 2u) << "toggles both ways";
  EXPECT_TRUE(top_.interrupt_o);
  EXPECT_EQ(read(reg::kIer), 1u);
  EXPECT_EQ(read(reg::kGie), 1u);
}

TEST_P(ControlTest, KeepsEveryArgument) {
  std::mt19937 random(5);
  std::map<std::uint32_t, std::uint32_t> written;
  const auto put = [&](std::uint32_t offset) {
    written[offset] = static_cast<std::uint32_t>(random());
    write(offset, written[offset]);
  };
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    put(reg::seg_base_lo(s));
    put(reg::seg_base_hi(s));
    put(reg::seg_size(s));
    put(reg::seg_lane_stride(s));
  }
  put(reg::kEntry);
  put(reg::token(0));
  put(reg::kLaneMaskLo);
  put(reg::kLaneMaskHi);
  put(reg::kRomAddr);
  // Every second byte alone.
  for (auto& [offset, value] : written) {
    const auto other = static_cast<std::uint32_t>(random());
    write(offset, other, 0b0101);
    value = (value & 0xFF00FF00) | (other & 0x00FF00FF);
  }
  for (const auto& [offset, value] : written) EXPECT_EQ(read(offset), value) << offset;
  write(reg::kCtrl, kStart);
  // A program's arguments are those of its start; what is written now is for the next.
  for (const auto& [offset, value] : written) write(offset, ~value);
  for (const auto& [offset, value] : written) EXPECT_EQ(read(offset), ~value) << offset;
  ASSERT_EQ(told_.size(), kSegments);
  for (const auto& [s, segment] : told_) {
    EXPECT_EQ(static_cast<std::uint32_t>(segment.base), written[reg::seg_base_lo(s)]);
    EXPECT_EQ(static_cast<std::uint32_t>(segment.base >> 32), written[reg::seg_base_hi(s)]);
    EXPECT_EQ(segment.lines, written[reg::seg_size(s)]);
    EXPECT_EQ(segment.stride, written[reg::seg_lane_stride(s)]);
  }
  EXPECT_EQ(top_.entry_o, written[reg::kEntry]);
  EXPECT_EQ(top_.token_o, written[reg::token(0)]);
  EXPECT_EQ(top_.lane_mask_o, written[reg::kLaneMaskLo] & 1) << "of the lanes that there are";
  for (const std::uint32_t prefill : {1u, 0u, 3u}) {
    end_program();
    write(reg::kPrefill, prefill);
    EXPECT_EQ(read(reg::kPrefill), prefill & 1);
    write(reg::kCtrl, kStart);
    write(reg::kPrefill, ~prefill);
    EXPECT_EQ(top_.prefill_o, prefill & 1);
  }
  // For one program alone.
  end_program();
  EXPECT_EQ(top_.fff_keep_o, 0);
  write(reg::kFffKeep, 3);
  EXPECT_EQ(read(reg::kFffKeep), 1u);
  write(reg::kCtrl, kStart);
  EXPECT_EQ(top_.fff_keep_o, 1);
  EXPECT_EQ(read(reg::kFffKeep), 0u);
  end_program();
  write(reg::kCtrl, kStart);
  EXPECT_EQ(top_.fff_keep_o, 0);
  // What was written while a program ran has been told to the next; where nothing was, none is
  // told.
  for (const auto& [s, segment] : told_) EXPECT_EQ(segment.lines, ~written[reg::seg_size(s)]);
  end_program();
  told_.clear();
  start();
  EXPECT_TRUE(told_.empty());
}

// Each segment's registers are zero after a reset, whatever the memory held.
TEST_P(ControlTest, SegmentsAreZeroAfterAReset) {
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    EXPECT_EQ(read(reg::seg_base_lo(s)) | read(reg::seg_base_hi(s)), 0u);
    EXPECT_EQ(read(reg::seg_size(s)) | read(reg::seg_lane_stride(s)), 0u);
  }
}

// Memory still answers what it was asked before a reset: not the time to give it other contents.
TEST_P(ControlTest, IsNotIdleWhileMemoryIsDrained) {
  top_.draining_i = 1;
  EXPECT_EQ(read(reg::kCtrl), 0u);
  write(reg::kCtrl, kStart);
  EXPECT_EQ(read(reg::kCtrl), kStart);
  top_.draining_i = 0;
  EXPECT_EQ(read(reg::kCtrl), kStart);
  end_program();
  EXPECT_EQ(read(reg::kCtrl), kDone | kIdle | kReady);
}

TEST_P(ControlTest, LoadsTheRom) {
  constexpr std::uint32_t kWords = 4 * 1024;  // control.sv's default depth
  write(reg::kRomAddr, 4 * 5 + 1);
  for (std::uint32_t i = 0; i < 9; ++i) write(reg::kRomData, 100 + i);
  EXPECT_EQ(read(reg::kRomAddr), 4 * 5 + 10u);
  write(reg::kRomAddr, kWords - 1);
  for (std::uint32_t i = 0; i < 3; ++i)
    write(reg::kRomData, 200 + i);  // two of them beyond the end
  write(reg::kRomAddr, 0xFFFF'FFFF);
  write(reg::kRomData, 300);
  write(reg::kRomAddr, 0);
  write(reg::kRomData, 400, 0b0111);  // not a whole word
  EXPECT_EQ(rom_.size(), 10u);
  for (std::uint32_t i = 0; i < 9; ++i) EXPECT_EQ(rom_[4 * 5 + 1 + i], 100 + i);
  EXPECT_EQ(rom_[kWords - 1], 200u);
}

TEST_P(ControlTest, ShowsCapabilitiesStatusAndCounters) {
  EXPECT_EQ(read(reg::kMagic), 0x4E525453u);
  EXPECT_EQ(read(reg::kIsaVersion), kIsaVersion);
  EXPECT_EQ(read(reg::kFff), 0u);
  EXPECT_EQ(read(reg::kVectorLength), 8192u);
  EXPECT_EQ(read(reg::kBeatBits), 512u);
  top_.status_i = static_cast<CData>(Status::kBadAddress);
  top_.status_pc_i = 0xABCDE;
  EXPECT_EQ(read(reg::kStatus), static_cast<std::uint32_t>(Status::kBadAddress));
  EXPECT_EQ(read(reg::kStatusPc), 0xABCDEu);
  for (std::uint32_t i = 0; i < kCounters.size(); ++i) {
    EXPECT_EQ(read(kCounters[i].offset), i);
    EXPECT_EQ(read(kCounters[i].offset + 4), ~i);
  }
  for (const std::uint32_t hole : {reg::kEntry + 4, reg::token(1), reg::kStatusPc + 4,
                                   reg::kRomData, kCounters.back().offset + 8, 0xFFCu}) {
    EXPECT_EQ(read(hole), 0u) << hole;
  }
}

}  // namespace
}  // namespace sterna
