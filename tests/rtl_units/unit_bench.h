// SPDX-License-Identifier: Apache-2.0
// A functional unit alone: clock, start and done, and the registers that it reads and writes, with
// the rules of the unit interface (docs/rtl.md) checked in every cycle. The unit's own
// test adds what else the unit has.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <verilated.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "isa/instruction.h"

namespace sterna::test {

// The first 32-bit word of a port, whatever type Verilator gave it.
template <std::integral Port>
std::uint32_t* port_words(Port& port) {
  return reinterpret_cast<std::uint32_t*>(&port);
}
template <std::size_t N>
std::uint32_t* port_words(VlWide<N>& port) {
  return port.data();
}

// Bits of a port of any width.
template <typename Port>
std::uint32_t get_bits(Port& port, std::size_t lsb, std::size_t bits) {
  const std::uint8_t* bytes = reinterpret_cast<const std::uint8_t*>(port_words(port));
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bits; ++i) {
    value |= static_cast<std::uint32_t>((bytes[(lsb + i) / 8] >> ((lsb + i) % 8)) & 1) << i;
  }
  return value;
}

// STERNA_SEED, or 1: printed with every failure.
inline std::uint64_t base_seed() {
  const char* text = std::getenv("STERNA_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 0);
}

// Random numbers with the extremes in them.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(engine_() % n); }
  std::uint32_t between(std::uint32_t low, std::uint32_t high) {
    return low + below(high - low + 1);
  }
  std::uint32_t bits() { return static_cast<std::uint32_t>(engine_() >> 32); }
  bool chance(unsigned percent) { return below(100) < percent; }

  // Any size from one bit to 32, either sign.
  std::int32_t sized() { return static_cast<std::int32_t>(bits()) >> below(32); }
  std::int32_t extreme() {
    constexpr std::int32_t kOne = 1 << kFractionBits;
    static constexpr std::array<std::int32_t, 12> kValues = {
        0,    1,     -1,        0x7FFFFFFF, -0x7FFFFFFF - 1, -0x7FFFFFFF,
        kOne, -kOne, 16 * kOne, -16 * kOne, kOne / 2,        0x7F000000};
    return kValues[below(kValues.size())];
  }

 private:
  std::mt19937_64 engine_;
};

// How a vector's values are spread; one spread for a whole vector, so that sums and maxima vary.
inline std::function<std::int32_t()> pick_values(Random& random) {
  const std::uint32_t kind = random.below(6);
  const std::uint32_t shift = random.below(32);
  const std::int32_t constant = random.extreme();
  return [&random, kind, shift, constant]() -> std::int32_t {
    switch (kind) {
      case 0:
        return static_cast<std::int32_t>(random.bits());
      case 1:
        return random.extreme();
      case 2:
        return constant;
      case 3:
        return static_cast<std::int32_t>(random.bits()) >> shift;
      default:
        return random.sized();
    }
  };
}

template <typename Dut, unsigned kBeatBits, unsigned kVecLen, unsigned kStreams>
class UnitBench {
 public:
  static constexpr unsigned kWordElems = kBeatBits / 32;
  static constexpr unsigned kWordsPerLine = 512 / kBeatBits;
  static constexpr unsigned kVecWords = kVecLen / kWordElems;
  static constexpr unsigned kRegisters = 5;

  using Register = std::vector<std::uint32_t>;  // kVecLen raw words
  using Hook = std::function<void()>;

  explicit UnitBench(std::uint64_t seed) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed % 0x7FFFFFFF) + 1);
    dut_ = std::make_unique<Dut>(&context_);
    registers_.fill(Register(kVecLen));
    dut_->start_i = 0;
    dut_->rst_ni = 0;
    cycle();
    cycle();
    dut_->rst_ni = 1;
  }
  ~UnitBench() { dut_->final(); }

  Dut& dut() { return *dut_; }
  Register& reg(std::uint32_t index) { return registers_.at(index); }

  // Hooks: `before` may look at the settled outputs of a cycle and still set inputs; `after` sets
  // the next cycle's inputs.
  void on_cycle(Hook before, Hook after) {
    before_ = std::move(before);
    after_ = std::move(after);
  }

  // Of units with rd_ready_i: each stream's next word is there in so many percent of the cycles.
  void stall(Random& random, unsigned ready_percent) {
    stalls_ = &random;
    ready_percent_ = ready_percent;
    set_ready();
  }

  // Runs one instruction; gives the cycles from start_i to done_o, both included.
  unsigned run(const Instruction& instruction, unsigned limit) {
    begin(instruction);
    unsigned cycles = 0;
    for (bool done = false; !done;) {
      done = cycle();
      end_of_start();
      if (++cycles > limit) throw std::runtime_error(fmt::format("no done_o in {} cycles", limit));
    }
    running_ = false;
    return cycles;
  }

  // Starts an instruction and resets the unit so many cycles later, if it is not done by then. What
  // it writes after the reset breaks the protocol, as it is idle.
  void cut_off(const Instruction& instruction, unsigned cycles, unsigned reset_cycles) {
    begin(instruction);
    for (bool done = false; !done && cycles > 0; --cycles) {
      done = cycle();
      end_of_start();
    }
    running_ = false;
    dut_->start_i = 0;
    dut_->rst_ni = 0;
    while (reset_cycles-- > 0) cycle();
    dut_->rst_ni = 1;
    for (unsigned i = 0; i < kSettled; ++i) cycle();
  }

  // error_o of the last instruction.
  unsigned last_error() const { return last_error_; }

  // A cycle in which nothing is asked of the unit.
  void idle() { cycle(); }

 private:
  static constexpr unsigned kSettled = 50;  // cycles: longer than any pipeline

  void begin(const Instruction& instruction) {
    destination_ = instruction.get(Field::kVd);
    sources_ = {instruction.get(Field::kVa), instruction.get(Field::kVb),
                instruction.get(Field::kVc)};
    const auto op = static_cast<Opcode>(instruction.get(Field::kOp));
    if (op == Opcode::kGate || op == Opcode::kScan) {  // they begin with b and c (decode)
      std::rotate(sources_.begin(), sources_.begin() + 1, sources_.end());
    }
    std::memcpy(port_words(dut_->instr_i), instruction.words.data(), sizeof(instruction.words));
    dut_->start_i = 1;
    running_ = true;
  }
  // After the first cycle: the instruction does not stay.
  void end_of_start() {
    dut_->start_i = 0;
    for (unsigned i = 0; i < 4; ++i) port_words(dut_->instr_i)[i] = 0xDEADBEEF;
  }

  bool cycle() {
    dut_->clk_i = 0;
    dut_->eval();
    if (before_) {
      before_();
      dut_->eval();
    }
    const bool in_reset = !dut_->rst_ni;
    // A word that is not there yet makes the unit ask again for those of all streams.
    taken_ = true;
    if constexpr (requires(Dut & dut) { dut.rd_ready_i; }) {
      taken_ = (dut_->rd_en_o & ~dut_->rd_ready_i) == 0;
    }
    const bool done = !in_reset && dut_->done_o;
    if (!in_reset) check_protocol();
    if constexpr (requires(Dut & dut) { dut.error_o; }) {
      if (done) last_error_ = dut_->error_o;
    }

    std::array<const std::uint32_t*, kStreams> read{};
    std::array<std::uint32_t, kWordElems * kStreams> words{};
    for (unsigned k = 0; k < kStreams && !in_reset; ++k) {
      if (((dut_->rd_en_o >> k) & 1) == 0) continue;
      const std::uint32_t address = field(dut_->rd_addr_o, k);
      read[k] = registers_.at(sources_[k]).data() + address * kWordElems;
      if (taken_) {
        std::copy_n(read[k], kWordElems, words.data() + k * kWordElems);
      } else {
        std::fill_n(words.data() + k * kWordElems, kWordElems, 0xDEADBEEF);
      }
    }
    if (!in_reset && dut_->wr_en_o) {
      std::copy_n(port_words(dut_->wr_data_o), kWordElems,
                  registers_.at(destination_).data() + dut_->wr_addr_o * kWordElems);
    }
    dut_->clk_i = 1;
    dut_->eval();
    for (unsigned k = 0; k < kStreams; ++k) {
      if (read[k] == nullptr) continue;
      std::copy_n(words.data() + k * kWordElems, kWordElems,
                  port_words(dut_->rd_data_i) + k * kWordElems);
    }
    if (after_) after_();
    set_ready();
    return done;
  }

  void set_ready() {
    if constexpr (requires(Dut & dut) { dut.rd_ready_i; }) {
      if (stalls_ == nullptr) return;
      unsigned ready = 0;
      for (unsigned k = 0; k < kStreams; ++k) {
        ready |= (stalls_->chance(ready_percent_) ? 1u : 0u) << k;
      }
      dut_->rd_ready_i = static_cast<std::uint8_t>(ready);
    }
  }

  // Address k of a flat port.
  template <std::integral Port>
  static std::uint32_t field(const Port& port, unsigned k) {
    constexpr unsigned kBits = std::bit_width(kVecWords - 1);
    return static_cast<std::uint32_t>(port >> (k * kBits)) & ((1u << kBits) - 1);
  }

  void check_protocol() {
    const auto fail = [](const char* what) { throw std::runtime_error(what); };
    if (!running_ && (dut_->rd_en_o != 0 || dut_->wr_en_o || dut_->done_o))
      fail("works while idle");
    if (running_ && dut_->ready_o != dut_->start_i) fail("ready_o and work do not agree");
    if (!running_ && !dut_->ready_o) fail("not ready while idle");
    for (unsigned k = 0; k < kStreams; ++k) {
      if (((dut_->rd_en_o >> k) & 1) == 0) continue;
      const std::uint32_t address = field(dut_->rd_addr_o, k);
      if (taken_ && dut_->wr_en_o && destination_ == sources_[k] && dut_->wr_addr_o == address) {
        fail("reads and writes one address of a register in one cycle");
      }
      for (unsigned j = 0; j < k; ++j) {
        if (sources_[j] == sources_[k] && ((dut_->rd_en_o >> j) & 1) != 0 &&
            field(dut_->rd_addr_o, j) != address) {
          fail("two streams of one register read different addresses");
        }
      }
    }
  }

  VerilatedContext context_;
  std::unique_ptr<Dut> dut_;
  Random* stalls_ = nullptr;
  unsigned ready_percent_ = 100;
  std::array<Register, kRegisters> registers_;
  std::uint32_t destination_ = 0;
  std::array<std::uint32_t, 3> sources_{};
  bool running_ = false;
  bool taken_ = true;  // what rd_en_o asks for in this cycle
  unsigned last_error_ = 0;
  Hook before_, after_;
};

// What was pushed in each of the last cycles, as many as it is made for; the oldest is what comes
// back now.
template <typename T>
class Past {
 public:
  explicit Past(std::size_t cycles) : values_(cycles) {}

  const T& oldest() const { return values_.front(); }
  void push(T value) {
    values_.pop_front();
    values_.push_back(std::move(value));
  }
  void clear() {
    for (T& value : values_) value = {};
  }

 private:
  std::deque<T> values_;
};

// Compares whole registers; tells the first difference.
inline void expect_equal(const std::vector<std::uint32_t>& got,
                         const std::vector<std::uint32_t>& want, const std::string& where) {
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (got[i] == want[i]) continue;
    FAIL() << where << fmt::format(": word {} is {:#010x}, not {:#010x}", i, got[i], want[i]);
  }
}

}  // namespace sterna::test
