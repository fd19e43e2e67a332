// SPDX-License-Identifier: Apache-2.0
// The simulated memory against a master written here: what it answers, and that it notices a
// master's mistakes.
#include "sim/rtl/axi_memory.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/error.h"

namespace sterna::rtl {
namespace {

constexpr std::uint64_t kBytes = 64 << 10;
constexpr unsigned kBeatBytes = 16;

struct Answer {
  std::uint32_t id = 0;
  AxiResponse response = AxiResponse::kOkay;
  std::byte first{};
  bool last = false;
};

class AxiMemoryTest : public ::testing::Test {
 protected:
  AxiMemoryTest() {
    for (std::uint64_t i = 0; i < kBytes; ++i) *memory_.at(i, 1) = static_cast<std::byte>(i / 16);
  }

  static AxiAddress address(std::uint64_t at, unsigned beats, std::uint32_t id = 0) {
    return {.valid = true, .id = id, .address = at, .len = beats - 1, .size = 4, .burst = 1};
  }

  // Gives each address in turn, takes read data whenever it comes, for at most 2000 cycles.
  std::vector<Answer> read(AxiMemory& axi, const std::vector<AxiAddress>& requests) {
    std::vector<Answer> answers;
    std::size_t next = 0, beats = 0;
    for (const AxiAddress& r : requests) beats += r.len + 1;
    for (unsigned cycle = 0; cycle < 2000 && answers.size() < beats; ++cycle) {
      pins_.ar = next < requests.size() ? requests[next] : AxiAddress{};
      pins_.rready = true;
      if (pins_.ar.valid && pins_.arready) ++next;
      if (pins_.rvalid) {
        answers.push_back({pins_.rid, pins_.rresp, pins_.rdata[0], pins_.rlast});
      }
      axi.clock(pins_);
    }
    pins_.ar = {};
    return answers;
  }

  // Writes one burst of beats filled with `value` and returns the response.
  AxiResponse write(AxiMemory& axi, std::uint64_t at, unsigned beats, std::byte value) {
    unsigned sent = 0;
    bool address_sent = false;
    for (unsigned cycle = 0; cycle < 2000; ++cycle) {
      pins_.aw = address_sent ? AxiAddress{} : address(at, beats);
      pins_.wvalid = sent < beats;
      pins_.wlast = sent + 1 == beats;
      pins_.wstrb = (1u << kBeatBytes) - 1;
      pins_.wdata.fill(value);
      pins_.bready = true;
      if (pins_.aw.valid && pins_.awready) address_sent = true;
      if (pins_.wvalid && pins_.wready) ++sent;
      const bool answered = pins_.bvalid;
      axi.clock(pins_);
      if (answered) return pins_.bresp;
    }
    throw Error("no response");
  }

  void expect_broken(const std::string& rule, const std::function<void(AxiMemory&)>& act) {
    AxiMemory axi(memory_, kBeatBytes, {.latency = 3});
    try {
      act(axi);
      ADD_FAILURE() << "nothing noticed: " << rule;
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(rule), std::string::npos) << e.what();
    }
  }

  golden::Memory memory_{kBytes};
  AxiPins pins_;
};

TEST_F(AxiMemoryTest, AnswersInOrderWithinAnIdWhateverTheStalls) {
  AxiMemory axi(memory_, kBeatBytes,
                {.latency = 7, .stall_probability = 0.4, .reorder = true, .seed = 5});
  std::vector<AxiAddress> requests;
  for (std::uint32_t i = 0; i < 20; ++i) requests.push_back(address(i * 64, 4, i % 2));
  const auto answers = read(axi, requests);
  ASSERT_EQ(answers.size(), 80u);
  std::map<std::uint32_t, unsigned> count;
  bool mixed = false;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const unsigned n = count[answers[i].id]++;
    EXPECT_EQ(static_cast<unsigned>(answers[i].first), (n / 4 * 2 + answers[i].id) * 4 + n % 4);
    EXPECT_EQ(answers[i].last, n % 4 == 3);
    mixed |= i > 0 && n % 4 != 0 && answers[i].id != answers[i - 1].id;
  }
  EXPECT_TRUE(mixed) << "bursts of two IDs should have met";
  EXPECT_TRUE(axi.idle());
}

TEST_F(AxiMemoryTest, DeliversABeatACycleAfterTheLatency) {
  AxiMemory axi(memory_, kBeatBytes, {.latency = 10});
  axi.clock(pins_);  // arready comes up
  unsigned cycles = 0, beats = 0;
  bool sent = false;
  pins_.rready = true;
  while (beats < 8 && cycles < 100) {
    pins_.ar = sent ? AxiAddress{} : address(0, 8);
    sent = true;
    beats += pins_.rvalid;
    axi.clock(pins_);
    ++cycles;
  }
  EXPECT_EQ(cycles, 1u + 10u + 8u);
}

TEST_F(AxiMemoryTest, AnswersErrorsOutsideMemoryAndInFailingRanges) {
  AxiMemory axi(memory_, kBeatBytes, {.latency = 2});
  axi.fail(0x100, 0x110);
  const auto answers = read(axi, {address(kBytes, 1), address(0xF0, 3), address(1ull << 63, 1)});
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_EQ(answers[0].response, AxiResponse::kDecode);
  EXPECT_EQ(answers[1].response, AxiResponse::kOkay);
  EXPECT_EQ(answers[2].response, AxiResponse::kSlave);
  EXPECT_EQ(answers[3].response, AxiResponse::kOkay);
  EXPECT_EQ(answers[4].response, AxiResponse::kDecode);

  EXPECT_EQ(write(axi, 0x200, 2, std::byte{0xAB}), AxiResponse::kOkay);
  EXPECT_EQ(*memory_.at(0x21F, 1), std::byte{0xAB});
  EXPECT_EQ(write(axi, 0xF0, 2, std::byte{0xCD}), AxiResponse::kSlave);
  EXPECT_EQ(*memory_.at(0x100, 1), std::byte{0x10}) << "a failing write must not arrive";
  EXPECT_EQ(write(axi, kBytes, 1, std::byte{1}), AxiResponse::kDecode);
  EXPECT_TRUE(axi.idle());
}

TEST_F(AxiMemoryTest, AWriteIsVisibleFromItsResponseOn) {
  AxiMemory axi(memory_, kBeatBytes, {.latency = 10});
  bool address_sent = false, data_sent = false;
  unsigned waited = 0;
  for (unsigned cycle = 0; cycle < 100 && !pins_.bvalid; ++cycle) {
    EXPECT_EQ(*memory_.at(0x40, 1), std::byte{4}) << "cycle " << cycle;
    waited += data_sent;
    pins_.aw = address_sent ? AxiAddress{} : address(0x40, 1);
    pins_.wvalid = pins_.wlast = !data_sent;
    pins_.wstrb = 1;
    pins_.wdata.fill(std::byte{0xEE});
    address_sent |= pins_.aw.valid && pins_.awready;
    data_sent |= pins_.wvalid && pins_.wready;
    axi.clock(pins_);
  }
  EXPECT_GE(waited, 9u);
  EXPECT_EQ(*memory_.at(0x40, 1), std::byte{0xEE});
  EXPECT_EQ(*memory_.at(0x41, 1), std::byte{4}) << "not under the strobe";
}

// Data first, address first, or both at once: a master that waits for neither is served by all.
TEST_F(AxiMemoryTest, TakesAddressAndDataInTheOrderItWasGiven) {
  for (const auto order : {AxiWriteOrder::kAddressFirst, AxiWriteOrder::kDataFirst,
                           AxiWriteOrder::kWholeDataFirst, AxiWriteOrder::kAny}) {
    for (const bool ready_waits : {false, true}) {
      pins_ = {};
      AxiMemory axi(memory_, kBeatBytes,
                    {.latency = 3,
                     .jitter = 5,
                     .stall_probability = 0.3,
                     .behaviour = {.write_order = order, .ready_waits = ready_waits}});
      const auto value = static_cast<std::byte>(16 * static_cast<int>(order) + ready_waits);
      for (std::uint64_t at = 0x400; at < 0x800; at += 0x100) {
        EXPECT_EQ(write(axi, at, 4, value), AxiResponse::kOkay);
        EXPECT_EQ(*memory_.at(at + 63, 1), value);
      }
      EXPECT_TRUE(axi.idle());
    }
  }
}

// What AXI forbids a master: this memory never takes an address whose data it has not been offered.
TEST_F(AxiMemoryTest, AMasterThatKeepsItsDataBackWaitsForEver) {
  for (const auto order : {AxiWriteOrder::kDataFirst, AxiWriteOrder::kWholeDataFirst}) {
    pins_ = {};
    AxiMemory axi(memory_, kBeatBytes, {.behaviour = {.write_order = order}});
    pins_.aw = address(0x400, 1);
    for (unsigned cycle = 0; cycle < 100; ++cycle) {
      axi.clock(pins_);
      ASSERT_FALSE(pins_.awready);
    }
  }
}

TEST_F(AxiMemoryTest, NoReadyComesBeforeItsValidIfItWaits) {
  AxiMemory axi(memory_, kBeatBytes,
                {.behaviour = {.write_order = AxiWriteOrder::kAny, .ready_waits = true}});
  for (unsigned cycle = 0; cycle < 20; ++cycle) {
    axi.clock(pins_);
    ASSERT_FALSE(pins_.arready || pins_.awready || pins_.wready);
  }
  pins_.ar = address(0, 1);
  axi.clock(pins_);
  EXPECT_TRUE(pins_.arready);
}

TEST_F(AxiMemoryTest, NoticesAMasterThatBreaksTheRules) {
  const auto give = [this](AxiAddress a) { return [this, a](AxiMemory& axi) { read(axi, {a}); }; };
  expect_broken("crosses 4 KiB", give(address(4096 - 32, 3)));
  expect_broken("not aligned", give(address(8, 1)));
  AxiAddress fixed = address(0, 2);
  fixed.burst = 0;
  expect_broken("burst type 0", give(fixed));
  AxiAddress narrow = address(0, 2);
  narrow.size = 2;
  expect_broken("size 2", give(narrow));

  expect_broken("ar changed", [this](AxiMemory& axi) {
    pins_ = {};
    pins_.ar = address(0, 1);
    axi.clock(pins_);  // not ready in the first cycle
    pins_.ar.address = 16;
    axi.clock(pins_);
  });
  expect_broken("aw changed", [this](AxiMemory& axi) {
    pins_ = {};
    pins_.aw = address(0, 1);
    axi.clock(pins_);
    pins_.aw.valid = false;
    axi.clock(pins_);
  });
  expect_broken("w changed", [this](AxiMemory& axi) {
    pins_ = {};
    pins_.wvalid = true;
    axi.clock(pins_);
    pins_.wdata[3] = std::byte{1};
    axi.clock(pins_);
  });
  expect_broken("wlast", [this](AxiMemory& axi) {
    pins_ = {};
    axi.clock(pins_);
    pins_.aw = address(0, 2);
    axi.clock(pins_);
    pins_.aw = {};
    pins_.wvalid = pins_.wlast = true;
    axi.clock(pins_);
    axi.clock(pins_);
  });
}

}  // namespace
}  // namespace sterna::rtl
