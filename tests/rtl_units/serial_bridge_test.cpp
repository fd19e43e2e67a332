// SPDX-License-Identifier: Apache-2.0
// serial_bridge at bit level: a host's frames, whole and spoilt, in any order, against a model of
// what the board should then hold and answer.
#include <gtest/gtest.h>
#include <verilated.h>

#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "Vserial_bridge_default.h"
#include "host/serial/frame.h"
#include "isa/generated/isa.h"
#include "sim/board/line.h"

namespace sterna::serial {
namespace {

using namespace serial_line;

constexpr double kCyclesPerBit = 5.0;
constexpr std::uint32_t kMemoryBytes = 65536;
constexpr unsigned kPatience = 400'000;  // cycles until an answer has come

Frame request(Command command, std::uint8_t sequence, std::uint32_t address = 0,
              std::vector<std::byte> payload = {}) {
  return {static_cast<std::uint8_t>(command), sequence, address, std::move(payload)};
}

std::vector<std::byte> number(std::uint32_t value, unsigned bytes) {
  std::vector<std::byte> payload;
  append_word(value, bytes, payload);
  return payload;
}

// The bridge between a line, a memory that takes its time and a slow control port.
class Bench {
 public:
  explicit Bench(unsigned seed) : random_(seed), memory_(kMemoryBytes) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed) + 1);
    top_ = std::make_unique<Vserial_bridge_default>(&context_);
    for (std::byte& byte : memory_) byte = std::byte(random_() >> 8 & 0xFF);
    reset();
  }

  void reset() {
    top_->clk_i = 0;
    top_->rst_ni = 0;
    top_->line_i = 1;
    for (int i = 0; i < 4; ++i) cycle();
    top_->rst_ni = 1;
  }

  void send(const Frame& frame) {
    std::vector<std::byte> bytes;
    append_frame(frame, Direction::kRequest, bytes);
    send(bytes);
  }
  void send(const std::vector<std::byte>& bytes) {
    for (const std::byte byte : bytes) sender_.push(byte);
  }

  // The next answer.
  std::optional<Frame> answer(unsigned patience = kPatience) {
    for (unsigned i = 0; i < patience; ++i) {
      if (auto frame = parser_.next()) return frame;
      cycle();
    }
    return std::nullopt;
  }
  void cycles(unsigned count) {
    for (unsigned i = 0; i < count; ++i) cycle();
  }
  void hello(std::uint8_t sequence) {
    send(request(Command::kHello, sequence, 77));
    const auto frame = answer();
    ASSERT_TRUE(frame);
    ASSERT_EQ(frame->command, 0);
    ASSERT_EQ(frame->address, 77u);
    ASSERT_EQ(frame->payload.size(), kIdentityBytes);
    EXPECT_EQ(word_at(frame->payload, 0, 4), kVersion);
    EXPECT_EQ(word_at(frame->payload, 4, 4), kMemoryBytes);
  }

  std::vector<std::byte>& memory() { return memory_; }
  std::map<std::uint32_t, std::uint32_t>& registers() { return registers_; }
  std::vector<std::pair<std::uint32_t, std::uint32_t>>& written() { return written_; }

 private:
  void cycle() {
    auto& top = *top_;
    // What the memory and the control port say is known before the edge.
    top.mem_ready_i = random_() % 3 != 0;
    top.mem_wdata_ready_i = store_ && store_delay_ == 0;
    top.mem_rdata_valid_i = load_ && load_delay_ == 0;
    if (top.mem_rdata_valid_i) std::memcpy(&top.mem_rdata_i, memory_.data() + 4 * *load_, 4);
    top.awready_i = !aw_ && random_() % 2 == 0;
    top.wready_i = !w_ && random_() % 2 == 0;
    top.bvalid_i = aw_ && w_ && random_() % 3 == 0;
    top.arready_i = !ar_ && random_() % 2 == 0;
    top.rvalid_i = ar_ && random_() % 3 == 0;
    if (top.rvalid_i) top.rdata_i = registers_[*ar_];
    top.line_i = sender_.next();
    top.eval();
    const bool mem = top.mem_valid_o && top.mem_ready_i;
    const bool aw = top.awvalid_o && top.awready_i, w = top.wvalid_o && top.wready_i;
    const bool ar = top.arvalid_o && top.arready_i;
    if (store_ && store_delay_ > 0) --store_delay_;
    if (load_ && load_delay_ > 0) --load_delay_;
    if (top.mem_wdata_ready_i) {
      for (unsigned i = 0; i < 4; ++i) {
        if (top.mem_wstrb_o >> i & 1)
          memory_[4 * *store_ + i] = std::byte(top.mem_wdata_o >> 8 * i & 0xFF);
      }
      store_.reset();
    }
    if (top.mem_rdata_valid_i) load_.reset();
    if (mem) {
      EXPECT_LT(top.mem_addr_o, kMemoryBytes / 4);
      (top.mem_we_o ? store_ : load_) = top.mem_addr_o % (kMemoryBytes / 4);
      store_delay_ = load_delay_ = random_() % 6 + 1;
    }
    if (top.bvalid_i) {
      written_.emplace_back(*aw_, *w_);
      registers_[*aw_] = *w_;
      aw_.reset();
      w_.reset();
    }
    if (top.rvalid_i) ar_.reset();
    if (aw) aw_ = top.awaddr_o;
    if (w) w_ = top.wdata_o;
    if (ar) ar_ = top.araddr_o;
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
    if (const auto byte = receiver_.take(top.line_o)) parser_.feed(std::span(&*byte, 1));
  }

  std::minstd_rand random_;
  VerilatedContext context_;
  std::unique_ptr<Vserial_bridge_default> top_;
  board::LineSender sender_{kCyclesPerBit};
  board::LineReceiver receiver_{kCyclesPerBit};
  FrameParser parser_{Direction::kReply};
  std::vector<std::byte> memory_;
  std::map<std::uint32_t, std::uint32_t> registers_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> written_;
  std::optional<std::size_t> store_, load_;
  unsigned long store_delay_ = 0, load_delay_ = 0;
  std::optional<std::uint32_t> aw_, w_, ar_;
};

TEST(SerialBridge, ReadsAndWritesMemoryAtAnyPlace) {
  std::minstd_rand random(3);
  Bench bench(3);
  bench.hello(250);
  std::uint8_t sequence = 251;  // over the end of its byte, too
  for (unsigned i = 0; i < 60; ++i) {
    const auto count =
        static_cast<std::uint32_t>(i < 40 ? random() % 20 + 1 : random() % kMaxPayload + 1);
    const auto at = static_cast<std::uint32_t>(random() % (kMemoryBytes - count));
    std::vector<std::byte> expected = bench.memory();
    if (i % 2 == 0) {
      std::vector<std::byte> bytes(count);
      for (std::byte& byte : bytes) byte = std::byte(random() >> 8 & 0xFF);
      std::copy(bytes.begin(), bytes.end(), expected.begin() + at);
      bench.send(request(Command::kWriteMemory, sequence, at, bytes));
    } else {
      bench.send(request(Command::kReadMemory, sequence, at, number(count, 2)));
    }
    const auto frame = bench.answer();
    ASSERT_TRUE(frame) << i;
    EXPECT_EQ(frame->command, i % 2 == 0 ? 2 : 1);
    EXPECT_EQ(frame->sequence, sequence++);
    if (i % 2 != 0) {
      const auto there = std::span(expected).subspan(at, count);
      EXPECT_TRUE(
          std::equal(there.begin(), there.end(), frame->payload.begin(), frame->payload.end()))
          << i;
    }
    EXPECT_EQ(bench.memory(), expected) << i;
  }
}

TEST(SerialBridge, WritesRegistersInOrderAndReadsThem) {
  Bench bench(4);
  bench.hello(0);
  std::vector<std::byte> pairs;
  for (std::uint32_t i = 0; i < 100; ++i) {
    append_word(reg::kRomData, 4, pairs);
    append_word(i * 0x01234567, 4, pairs);
  }
  bench.send(request(Command::kWriteRegisters, 1, 0, pairs));
  ASSERT_TRUE(bench.answer());
  ASSERT_EQ(bench.written().size(), 100u);
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(bench.written()[i], std::make_pair(reg::kRomData, i * 0x01234567));
  }
  for (std::uint32_t i = 0; i < 8; ++i) bench.registers()[0x400 + 4 * i] = 0xABCD0000 + i;
  bench.send(request(Command::kReadRegisters, 2, 0x400, number(32, 2)));
  const auto frame = bench.answer();
  ASSERT_TRUE(frame);
  ASSERT_EQ(frame->payload.size(), 32u);
  for (std::uint32_t i = 0; i < 8; ++i) {
    EXPECT_EQ(word_at(frame->payload, std::size_t{4} * i, 4), 0xABCD0000 + i);
  }
}

TEST(SerialBridge, ExecutesEachFrameOnceAndInOrder) {
  Bench bench(5);
  // Nothing but HELLO is done after a reset.
  bench.send(request(Command::kWriteRegisters, 0, 0, number(0, 8)));
  auto frame = bench.answer();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->result(), Result::kSequence);
  EXPECT_EQ(frame->address, 256u);
  bench.hello(9);
  const auto write = [](std::uint8_t sequence) {
    std::vector<std::byte> pair = number(reg::kEntry, 4);
    append_word(sequence, 4, pair);
    return request(Command::kWriteRegisters, sequence, 0, pair);
  };
  struct {
    std::uint8_t sequence;
    Result result;
    std::size_t written;
  } const steps[] = {
      {10, Result::kOk, 1},       {10, Result::kOk, 1},  // again: answered only
      {12, Result::kSequence, 1}, {11, Result::kOk, 2},  // the gap, then what was missing
      {12, Result::kOk, 3},       {10, Result::kOk, 3},  // older ones
      {13, Result::kOk, 4},       {200, Result::kSequence, 4}};
  for (const auto& step : steps) {
    bench.send(write(step.sequence));
    frame = bench.answer();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->sequence, step.sequence);
    EXPECT_EQ(frame->result(), step.result) << int{step.sequence};
    if (step.result == Result::kSequence) {
      EXPECT_EQ(frame->address, step.sequence == 12 ? 11u : 14u);
    }
    EXPECT_EQ(bench.written().size(), step.written) << int{step.sequence};
  }
  // A read is answered again, with what is there now.
  bench.registers()[reg::kStatus] = 5;
  bench.send(request(Command::kReadRegisters, 14, reg::kStatus, number(4, 2)));
  bench.send(request(Command::kReadRegisters, 14, reg::kStatus, number(4, 2)));
  for (int i = 0; i < 2; ++i) {
    frame = bench.answer();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->payload, number(5, 4));
  }
}

TEST(SerialBridge, RefusesWhatItCannotDo) {
  Bench bench(6);
  bench.hello(0);
  const struct {
    Frame frame;
    Result result;
  } cases[] = {
      {request(static_cast<Command>(9), 1), Result::kBadCommand},
      {{0x11, 1, 0, number(4, 2)},
       Result::kBadCommand},  // a command's upper half is none of its own
      {request(Command::kWait, 1, 0, number(1, 1)), Result::kBadCommand},
      {request(Command::kWriteMemory, 1, 0), Result::kBadCommand},
      {request(Command::kWriteRegisters, 1, 0, number(0, 4)), Result::kBadCommand},
      {request(Command::kReadMemory, 1, 0, number(0, 2)), Result::kBadCommand},
      {request(Command::kReadMemory, 1, 0, number(1025, 2)), Result::kBadCommand},
      {request(Command::kReadMemory, 1, 0, number(4, 3)), Result::kBadCommand},
      {request(Command::kReadRegisters, 1, 0, number(6, 2)), Result::kBadCommand},
      {request(Command::kReadRegisters, 1, 2, number(4, 2)), Result::kBadCommand},
      {request(Command::kReadRegisters, 1, 4096, number(4, 2)), Result::kBadCommand},
      {request(Command::kReadMemory, 1, kMemoryBytes - 3, number(4, 2)), Result::kBadAddress},
      {request(Command::kWriteMemory, 1, 0xFFFFFFFF, number(4, 2)), Result::kBadAddress},
  };
  for (const auto& wrong : cases) {
    bench.send(wrong.frame);
    const auto frame = bench.answer();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->result(), wrong.result) << int{wrong.frame.command};
    EXPECT_TRUE(frame->payload.empty());
  }
  // None of them counted.
  bench.send(request(Command::kReadMemory, 1, kMemoryBytes - 4, number(4, 2)));
  const auto frame = bench.answer();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->result(), Result::kOk);
}

TEST(SerialBridge, WaitsForTheEndOfAProgram) {
  Bench bench(7);
  bench.hello(0);
  bench.registers()[reg::kCtrl] = 1;
  bench.send(request(Command::kWait, 1));
  bench.cycles(2000);
  bench.registers()[reg::kCtrl] = 6;
  auto frame = bench.answer();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->result(), Result::kOk);
  EXPECT_EQ(frame->payload, number(6, 4));
  // After a while, and when another byte comes.
  bench.registers()[reg::kCtrl] = 1;
  bench.send(request(Command::kWait, 2));
  frame = bench.answer();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->result(), Result::kBusy);
  bench.send(request(Command::kWait, 3));
  bench.send(request(Command::kReadRegisters, 4, reg::kCtrl, number(4, 2)));
  frame = bench.answer();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->sequence, 3);
  EXPECT_EQ(frame->result(), Result::kBusy);
  frame = bench.answer();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->sequence, 4);
}

// Frames with wrong, missing and additional bytes, and noise. None of it does anything, and after a
// silence it listens again.
TEST(SerialBridge, SurvivesAnything) {
  std::minstd_rand random(8);
  Bench bench(8);
  bench.hello(0);
  for (unsigned i = 0; i < 60; ++i) {
    std::vector<std::byte> pair = number(reg::kEntry, 4);
    append_word(i, 4, pair);
    std::vector<std::byte> bytes;
    append_frame(request(Command::kWriteRegisters, 1, 0, pair), Direction::kRequest, bytes);
    const std::size_t at = random() % bytes.size();
    switch (random() % 4) {
      case 0:
        bytes[at] ^= std::byte(random() % 255 + 1);
        break;
      case 1:
        bytes.resize(at);
        break;
      case 2:
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    bytes.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        break;
      default:
        for (std::byte& byte : bytes) byte = std::byte(random() >> 8 & 0xFF);
        if (i % 2 == 0) bytes.insert(bytes.begin(), std::byte(kRequestSync));
        break;
    }
    bench.send(bytes);
    bench.cycles(6000);  // of silence: more than 2^TimeoutBits
    bench.send(request(Command::kReadRegisters, static_cast<std::uint8_t>(1 + i), 0, number(4, 2)));
    const auto frame = bench.answer();
    ASSERT_TRUE(frame) << i;
    EXPECT_EQ(frame->result(), Result::kOk) << i;
    EXPECT_EQ(frame->sequence, 1 + i);
    EXPECT_TRUE(bench.written().empty()) << i;
  }
}

}  // namespace
}  // namespace sterna::serial
