// SPDX-License-Identifier: Apache-2.0
// Load/Store between the registers of all lanes and memory, both of them here and both as unhelpful
// as the contract allows: whole instructions against what they must leave in registers and memory.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <verilated.h>

#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "Vload_store_128.h"
#include "Vload_store_512.h"
#include "isa/instruction.h"
#include "tests/rtl_units/segment_port.h"

namespace sterna {
namespace {

constexpr unsigned kVecLen = 1024;
constexpr unsigned kLineElements = 16;
constexpr std::uint64_t kLane0 = 0x1234'5678'9AC0;  // the first line that decode would give

constexpr auto kLdv = Opcode::kLdv, kSv = Opcode::kSv, kEmb = Opcode::kEmb;

// A port of the unit, as words, whatever type Verilator gave it.
template <typename Port>
std::uint32_t* words_of(Port& port) {
  return reinterpret_cast<std::uint32_t*>(&port);
}

struct Move {
  Opcode op = kLdv;
  unsigned len = 1;
  unsigned segment = 0;
  std::uint32_t stride = 0;
  std::uint64_t active = 1;
  double stall = 0;
  bool fail = false;  // memory answers the beat in the middle, or the first store, with an error
};

// Model: the Verilated unit and what it was built for.
template <typename TopType, unsigned kLanesOf, unsigned kChannelsOf, unsigned kBits>
struct Build {
  using Top = TopType;
  static constexpr unsigned kLanes = kLanesOf, kChannels = kChannelsOf, kBeatBits = kBits;
};

template <typename B>
class Bench {
 public:
  static constexpr unsigned kWordElements = B::kBeatBits / 32;
  static constexpr unsigned kWordBytes = B::kBeatBits / 8;
  static constexpr unsigned kWordsPerLine = kLineElements / kWordElements;
  static constexpr unsigned kRegisterLatency = 4;  // anything up to the unit's ReadLatency

  explicit Bench(std::uint64_t seed) : random_(static_cast<unsigned>(seed)) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed) + 1);
    top_ = std::make_unique<typename B::Top>(&context_);
    top_->clk_i = 0;
    top_->rst_ni = 0;
    top_->start_i = 0;
    top_->rd_valid_i = 0;
    for (int i = 0; i < 3; ++i) edge();
    top_->rst_ni = 1;
    registers.assign(B::kLanes, std::vector<std::uint32_t>(kVecLen));
    tokens.resize(B::kLanes);
  }

  std::map<std::uint64_t, std::array<std::uint32_t, kLineElements>> memory;  // by line
  std::vector<std::vector<std::uint32_t>>
      registers;  // the one that is read and written, of each lane
  std::vector<std::uint32_t> tokens;
  unsigned requests = 0;  // of the last instruction
  unsigned cycles = 0;    // start to done

  std::uint64_t first_line(const Move& m, unsigned lane) const {
    const std::uint64_t row = m.op == kEmb ? std::uint64_t{tokens[lane]} * lines(m) : 0;
    return (kLane0 / 64 + std::uint64_t{lane} * m.stride + row) & ((1ull << 58) - 1);
  }
  static unsigned lines(const Move& m) { return (m.len + kLineElements - 1) / kLineElements; }

  std::array<std::uint32_t, kLineElements>& line(std::uint64_t at) {
    auto [place, fresh] = memory.try_emplace(at);
    if (fresh) {
      for (std::uint32_t& w : place->second) w = static_cast<std::uint32_t>(random_());
    }
    return place->second;
  }

  void randomise() {
    for (auto& lane : registers) {
      for (std::uint32_t& w : lane) w = static_cast<std::uint32_t>(random_());
    }
    for (std::uint32_t& token : tokens) {
      token = static_cast<std::uint32_t>(random_() % 4 == 0 ? random_() : random_() % 100);
    }
    memory.clear();
  }

  // Runs one instruction to its done and returns its error code.
  unsigned run(const Move& m) {
    auto& t = *top_;
    const bool store = m.op == kSv;
    const unsigned channel = m.segment % B::kChannels;
    const unsigned words_each = lines(m) * kWordsPerLine;
    Instruction in;
    in.set(Field::kOp, static_cast<std::uint32_t>(m.op));
    in.set(Field::kSeg, m.segment);
    in.set(Field::kLen, m.len);
    std::memcpy(words_of(t.instr_i), in.words.data(), sizeof(in.words));
    t.line_addr_i = kLane0;
    set_active(m.active);
    for (unsigned l = 0; l < B::kLanes; ++l) words_of(t.token_i)[l] = tokens[l];
    for (unsigned s = 0; s < kSegments; ++s) {
      const auto other = static_cast<std::uint32_t>(random_() % 3);
      put_segment(t.segment_i, s, {0, 0, s == m.segment ? m.stride : other});
      idle(1);
    }
    put_no_segment(t.segment_i);
    idle(3);  // arguments stand long before a program starts

    std::deque<std::uint64_t>
        wanted;  // words of memory asked for, or to be stored to: line * words + word
    unsigned answers = 0, asked_words = 0, moved = 0, waited = 0;
    bool offering = false;
    std::deque<std::pair<unsigned, std::vector<std::uint32_t>>> reading;  // due cycle, word
    requests = 0;
    for (unsigned cycle = 0; cycle < 200'000; ++cycle) {
      t.start_i = cycle == 0;
      if (cycle == 1) {  // gone after the start
        for (unsigned i = 0; i < 4; ++i)
          words_of(t.instr_i)[i] = static_cast<std::uint32_t>(random_());
        t.line_addr_i = random_();
      }
      // While it runs, what other channels say means nothing.
      const auto others = cycle == 0 ? 0 : static_cast<unsigned>(random_()) & ~(1u << channel);
      t.load_req_ready_i = bits(others, channel, !chance(m.stall));
      t.store_req_ready_i = bits(others, channel, !chance(m.stall));
      offering = !store && !wanted.empty() && (offering || !chance(m.stall));
      t.load_data_valid_i = bits(others, channel, offering);
      t.load_data_error_i = bits(others, channel, m.fail && moved == words_each / 2);
      if (offering) {
        std::memcpy(words_of(t.load_data_i) + channel * kWordElements, word(wanted.front()),
                    kWordBytes);
      }
      t.store_data_ready_i = bits(others, channel, !wanted.empty() && !chance(m.stall));
      const bool answer =
          store && answers < requests && wanted.empty() && moved == asked_words && !chance(m.stall);
      t.store_resp_valid_i = bits(others, channel, answer);
      t.store_resp_error_i = bits(others, channel, m.fail && answers == 0);
      t.rd_valid_i = !reading.empty() && reading.front().first == cycle;
      if (t.rd_valid_i) {
        std::memcpy(words_of(t.rd_data_i), reading.front().second.data(), kWordBytes);
        reading.pop_front();
      }
      t.eval();
      if (cycle <= 1) {
        EXPECT_EQ(t.ready_o != 0, cycle == 0);
      }

      EXPECT_EQ((t.load_req_valid_o | t.store_req_valid_o) & ~(1u << channel), 0u);
      const unsigned ready = store ? t.store_req_ready_i : t.load_req_ready_i;
      if ((store ? t.store_req_valid_o : t.load_req_valid_o) >> channel & ready >> channel & 1) {
        const std::uint64_t at = store ? t.store_req_addr_o : t.load_req_addr_o;
        EXPECT_EQ(at % 64, 0u);
        EXPECT_EQ(store ? t.store_req_lines_o : t.load_req_lines_o, lines(m));
        for (unsigned w = 0; w < words_each; ++w) wanted.push_back(at / 64 * kWordsPerLine + w);
        asked_words += words_each;
        ++requests;
      }
      if (offering && (t.load_data_ready_o >> channel & 1)) {
        offering = false;
        wanted.pop_front();
        ++moved;
      }
      if ((t.store_data_valid_o & t.store_data_ready_i) >> channel & 1) {
        std::memcpy(word(wanted.front()), words_of(t.store_data_o), kWordBytes);
        wanted.pop_front();
        ++moved;
      }
      answers += answer;
      waited += t.wait_dram_o;
      for (unsigned l = 0; l < B::kLanes; ++l) {
        if (t.rd_en_o >> l & 1) {
          const auto from = registers[l].begin() + t.rd_addr_o * kWordElements;
          reading.emplace_back(cycle + kRegisterLatency, std::vector(from, from + kWordElements));
        }
        if (t.wr_en_o >> l & 1) {
          std::memcpy(&registers[l][t.wr_addr_o * kWordElements], words_of(t.wr_data_o),
                      kWordBytes);
        }
      }
      EXPECT_LE(std::popcount(static_cast<std::uint64_t>(t.rd_en_o)), 1);
      const bool done = t.done_o;
      const unsigned error = t.error_o;
      edge();
      if (done) {
        EXPECT_TRUE(wanted.empty());
        EXPECT_EQ(answers, store ? requests : 0);
        EXPECT_EQ(moved + waited, cycle - 1) << "a cycle is a word's or waits for memory";
        cycles = cycle;
        idle(1);
        return error;
      }
    }
    ADD_FAILURE() << "hangs";
    return 0;
  }

 private:
  bool chance(double p) { return std::uniform_real_distribution<>(0, 1)(random_) < p; }
  static CData bits(unsigned others, unsigned channel, bool mine) {
    return static_cast<CData>((others | unsigned{mine} << channel) & ((1u << B::kChannels) - 1));
  }
  // A word by its number in memory.
  std::uint32_t* word(std::uint64_t number) {
    constexpr std::uint64_t kMask = (1ull << 58) - 1;
    return line(number / kWordsPerLine & kMask).data() + number % kWordsPerLine * kWordElements;
  }
  void set_active(std::uint64_t mask) {
    top_->active_i = static_cast<std::remove_reference_t<decltype(top_->active_i)>>(mask);
  }
  void idle(unsigned count) {
    auto& t = *top_;
    t.start_i = 0;
    t.rd_valid_i = 0;
    t.load_data_valid_i = 0;
    t.store_resp_valid_i = 0;
    for (unsigned i = 0; i < count; ++i) edge();
  }
  void edge() {
    top_->clk_i = 1;
    top_->eval();
    top_->clk_i = 0;
    top_->eval();
  }

  std::mt19937_64 random_;
  VerilatedContext context_;
  std::unique_ptr<typename B::Top> top_;
};

template <typename B>
class LoadStore : public ::testing::Test {};
using Builds =
    ::testing::Types<Build<Vload_store_128, 5, 2, 128>, Build<Vload_store_512, 1, 1, 512>>;
TYPED_TEST_SUITE(LoadStore, Builds);

// The lane whose copy a lane's register is loaded from: of a shared segment there is but one.
TYPED_TEST(LoadStore, MovesEveryLaneAndZeroesTheTail) {
  Bench<TypeParam> bench(1);
  std::mt19937 random(2);
  constexpr unsigned kLanes = TypeParam::kLanes;
  std::uniform_int_distribution<unsigned> length(1, kVecLen);
  for (unsigned i = 0; i < 400; ++i) {
    Move m;
    m.op = std::array{kLdv, kSv, kEmb}[random() % 3];
    m.len = i < 70 ? i + 1 : i == 70 ? kVecLen : length(random);
    m.segment = random() % kSegments;
    m.active = 1 + random() % ((1u << kLanes) - 1);
    m.stall = 0.3 * static_cast<double>(random() % 4);
    bench.randomise();
    // Copies that do not overlap; for a load they may.
    const unsigned lines = bench.lines(m);
    m.stride = random() % 3 == 0 ? 0
               : m.op == kSv     ? lines + static_cast<unsigned>(random() % 9)
                                 : static_cast<unsigned>(random());
    SCOPED_TRACE(fmt::format("opcode {:#x}, len {}, stride {}, lanes {:#x}, stall {}",
                             static_cast<unsigned>(m.op), m.len, m.stride, m.active, m.stall));

    auto expected_registers = bench.registers;
    std::map<std::uint64_t, std::array<std::uint32_t, kLineElements>> expected_memory;
    unsigned requests = 0;
    for (unsigned l = 0; l < kLanes; ++l) {
      if ((m.active >> l & 1) == 0) continue;
      ++requests;
      for (unsigned e = 0; e < lines * kLineElements; ++e) {
        const std::uint64_t at = (bench.first_line(m, l) + e / kLineElements) & ((1ull << 58) - 1);
        if (m.op == kSv) {
          expected_memory[at][e % kLineElements] = e < m.len ? bench.registers[l][e] : 0;
        } else {
          expected_registers[l][e] = e < m.len ? bench.line(at)[e % kLineElements] : 0;
        }
      }
    }
    if (m.op == kSv) bench.memory.clear();
    EXPECT_EQ(bench.run(m), 0u);
    EXPECT_EQ(bench.registers, expected_registers);
    if (m.op == kSv) {
      EXPECT_EQ(bench.memory, expected_memory);
    }
    EXPECT_EQ(bench.requests, m.stride == 0 && m.op != kEmb ? 1u : requests);
    if (this->HasFailure()) return;
  }
}

TYPED_TEST(LoadStore, ReportsErrorsAndGoesOn) {
  Bench<TypeParam> bench(3);
  const std::uint64_t all = (1u << TypeParam::kLanes) - 1;
  for (unsigned i = 0; i < 20; ++i) {
    const auto run = [&](Opcode op, unsigned len, bool fail) {
      return bench.run(
          {.op = op, .len = len, .stride = 100, .active = all, .stall = 0.3, .fail = fail});
    };
    EXPECT_EQ(run(kLdv, 16 * (i + 1), true), 1u);
    EXPECT_EQ(run(kLdv, 100, false), 0u);
    EXPECT_EQ(run(kSv, 16 * (i + 1), true), 2u);
    EXPECT_EQ(run(kSv, 100, false), 0u);
  }
}

// The lanes' vectors follow one another without a gap.
TYPED_TEST(LoadStore, MovesAWordACycle) {
  Bench<TypeParam> bench(4);
  constexpr unsigned kLanes = TypeParam::kLanes;
  constexpr unsigned kWords = kVecLen * 32 / TypeParam::kBeatBits;
  const std::uint64_t all = (1u << kLanes) - 1;
  for (const Opcode op : {kLdv, kSv, kEmb}) {
    bench.run({.op = op, .len = kVecLen, .stride = 64, .active = all});
    EXPECT_LE(bench.cycles, kLanes * kWords + 16) << static_cast<unsigned>(op);
  }
  bench.run({.op = kLdv, .len = kVecLen, .stride = 0, .active = all});
  EXPECT_LE(bench.cycles, kWords + 8) << "one load for all";
}

}  // namespace
}  // namespace sterna
