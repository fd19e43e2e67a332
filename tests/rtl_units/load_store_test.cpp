// Load/Store between a register and memory, both of them here and both as unhelpful as the contract
// allows.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <verilated.h>

#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "Vload_store_128.h"
#include "Vload_store_512.h"
#include "asm/generated/isa.h"

namespace sterna {
namespace {

constexpr unsigned kVecLen = 1024;
constexpr unsigned kLineElements = 16;
constexpr std::uint64_t kAddress = 0x1234'5678'9AC0;

template <typename Top>
class Bench {
 public:
  explicit Bench(std::uint64_t seed) : random_(static_cast<unsigned>(seed)) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed) + 1);
    top_ = std::make_unique<Top>(&context_);
    top_->clk_i = 0;
    top_->rst_ni = 0;
    for (int i = 0; i < 3; ++i) edge();
    top_->rst_ni = 1;
    memory.resize(kVecLen);
    register_.resize(kVecLen);
  }

  std::vector<std::uint32_t> memory;     // from kAddress on
  std::vector<std::uint32_t> register_;  // the one that the unit reads and writes

  void randomise() {
    for (std::uint32_t& w : memory) w = static_cast<std::uint32_t>(random_());
    for (std::uint32_t& w : register_) w = static_cast<std::uint32_t>(random_());
  }

  // Runs one instruction to its done and returns its error code. With `fail`, memory answers the
  // load's beat in the middle, or the store, with an error.
  unsigned run(std::uint8_t opcode, unsigned len, double stall, bool fail = false) {
    const bool store = opcode == static_cast<std::uint8_t>(Opcode::kSv);
    const unsigned lines = (len + kLineElements - 1) / kLineElements;
    const unsigned words = lines * kLineElements / kWordElements;
    bool requested = false;
    unsigned sent = 0;  // words to or from memory
    bool offering = false;
    Top& t = *top_;
    t.instr_i[0] = opcode;
    t.instr_i[1] = len;
    t.instr_i[2] = t.instr_i[3] = 0;
    t.line_addr_i = kAddress;
    for (unsigned cycle = 0; cycle < 100'000; ++cycle) {
      t.start_i = cycle == 0;
      if (cycle == 1) {  // gone after the start
        for (unsigned i = 0; i < 4; ++i) t.instr_i[i] = static_cast<std::uint32_t>(random_());
        t.line_addr_i = random_();
      }
      t.load_req_ready_i = !chance(stall);
      t.store_req_ready_i = !chance(stall);
      offering = !store && requested && sent < words && (offering || !chance(stall));
      t.load_data_valid_i = offering;
      t.load_data_error_i = fail && sent == words / 2;
      if (offering) std::memcpy(&t.load_data_i, &memory[sent * kWordElements], kWordBytes);
      t.store_data_ready_i = store && requested && sent < words && !chance(stall);
      t.store_resp_valid_i = store && sent == words && !chance(stall);
      t.store_resp_error_i = fail;
      t.eval();
      EXPECT_EQ(t.ready_o != 0, cycle == 0) << "cycle " << cycle;

      if (t.load_req_valid_o && t.load_req_ready_i) {
        EXPECT_FALSE(store || requested);
        EXPECT_EQ(t.load_req_addr_o, kAddress);
        EXPECT_EQ(t.load_req_lines_o, lines);
        requested = true;
      }
      if (t.store_req_valid_o && t.store_req_ready_i) {
        EXPECT_TRUE(store && !requested);
        EXPECT_EQ(t.store_req_addr_o, kAddress);
        EXPECT_EQ(t.store_req_lines_o, lines);
        requested = true;
      }
      if (t.load_data_valid_i && t.load_data_ready_o) {
        offering = false;
        ++sent;
      }
      if (t.store_data_valid_o && t.store_data_ready_i) {
        std::memcpy(&memory[sent++ * kWordElements], &t.store_data_o, kWordBytes);
      }
      const bool read = t.rd_en_o;
      const unsigned read_at = t.rd_addr_o;
      if (t.wr_en_o) std::memcpy(&register_[t.wr_addr_o * kWordElements], &t.wr_data_o, kWordBytes);
      const bool done = t.done_o;
      const unsigned error = t.error_o;
      edge();
      if (read) std::memcpy(&t.rd_data_i, &register_[read_at * kWordElements], kWordBytes);
      if (done) {
        EXPECT_EQ(sent, words);
        cycles = cycle;
        t.start_i = 0;
        t.store_resp_valid_i = 0;
        t.load_data_valid_i = 0;
        return error;
      }
    }
    ADD_FAILURE() << "hangs";
    return 0;
  }

  unsigned cycles = 0;  // of the last instruction, start to done

 private:
  static constexpr unsigned kWordBytes =
      sizeof(std::remove_reference_t<decltype(std::declval<Top&>().wr_data_o)>);
  static constexpr unsigned kWordElements = kWordBytes / 4;

  bool chance(double p) { return std::uniform_real_distribution<>(0, 1)(random_) < p; }
  void edge() {
    top_->clk_i = 1;
    top_->eval();
    top_->clk_i = 0;
    top_->eval();
  }

  std::mt19937 random_;
  VerilatedContext context_;
  std::unique_ptr<Top> top_;
};

// What a move of `len` elements leaves in `to`: the rest of its last line zero, later lines as they
// were.
std::vector<std::uint32_t> moved(const std::vector<std::uint32_t>& from,
                                 std::vector<std::uint32_t> to, unsigned len) {
  const unsigned end = (len + kLineElements - 1) / kLineElements * kLineElements;
  for (unsigned i = 0; i < end; ++i) to[i] = i < len ? from[i] : 0;
  return to;
}

template <typename Top>
class LoadStore : public ::testing::Test {};
using Widths = ::testing::Types<Vload_store_128, Vload_store_512>;
TYPED_TEST_SUITE(LoadStore, Widths);

constexpr auto kLdv = static_cast<std::uint8_t>(Opcode::kLdv);
constexpr auto kSv = static_cast<std::uint8_t>(Opcode::kSv);
constexpr auto kEmb = static_cast<std::uint8_t>(Opcode::kEmb);

TYPED_TEST(LoadStore, MovesEveryLengthAndZeroesTheTail) {
  Bench<TypeParam> bench(1);
  std::mt19937 random(2);
  std::uniform_int_distribution<unsigned> length(1, kVecLen);
  for (unsigned i = 0; i < 400; ++i) {
    const unsigned len = i < 70 ? i + 1 : i == 70 ? kVecLen : length(random);
    const double stall = 0.3 * static_cast<double>(random() % 4);
    bench.randomise();
    const std::uint8_t op = std::array{kLdv, kSv, kEmb}[random() % 3];
    SCOPED_TRACE(fmt::format("opcode {:#x}, len {}, stall {}", op, len, stall));
    auto expected_memory = bench.memory, expected_register = bench.register_;
    if (op == kSv) {
      expected_memory = moved(bench.register_, bench.memory, len);
    } else {
      expected_register = moved(bench.memory, bench.register_, len);
    }
    EXPECT_EQ(bench.run(op, len, stall), 0u);
    EXPECT_EQ(bench.memory, expected_memory);
    EXPECT_EQ(bench.register_, expected_register);
    if (this->HasFailure()) return;
  }
}

TYPED_TEST(LoadStore, ReportsErrorsAndGoesOn) {
  Bench<TypeParam> bench(3);
  for (unsigned i = 0; i < 20; ++i) {
    EXPECT_EQ(bench.run(kLdv, 16 * (i + 1), 0.3, true), 1u);
    EXPECT_EQ(bench.run(kLdv, 100, 0.3), 0u);
    EXPECT_EQ(bench.run(kSv, 16 * (i + 1), 0.3, true), 2u);
    EXPECT_EQ(bench.run(kSv, 100, 0.3), 0u);
  }
}

TYPED_TEST(LoadStore, MovesAWordACycle) {
  Bench<TypeParam> bench(4);
  constexpr unsigned kWords = kVecLen / (sizeof(std::declval<TypeParam&>().wr_data_o) / 4);
  bench.run(kLdv, kVecLen, 0);
  EXPECT_LE(bench.cycles, kWords + 4);
  bench.run(kSv, kVecLen, 0);
  EXPECT_LE(bench.cycles, kWords + 8);
}

}  // namespace
}  // namespace sterna
