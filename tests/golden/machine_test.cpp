// SPDX-License-Identifier: Apache-2.0
// Each instruction on the golden machine: its result, its tail, and what the step reports.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "isa/numerics.h"
#include "sim/golden/golden_machine.h"
#include "tests/golden/program_builder.h"

namespace sterna::golden {
namespace {

constexpr std::uint64_t kMemoryBytes = 1 << 20;

class MachineTest : public testing::Test {
 protected:
  MachineTest() {
    machine.control().segments[0] = {0, kMemoryBytes / kLineBytes};
    for (unsigned r = 0; r < 8; ++r) std::ranges::fill(machine.mutable_register_words(r), kStale);
    std::memset(memory.at(0, kMemoryBytes), 0x5A, kMemoryBytes);
  }

  // Runs one instruction; the program's second is HALT.
  Step run(const Instruction& instruction) {
    machine.rom()[0] = instruction;
    machine.rom()[1] = make(Opcode::kHalt);
    machine.start();
    Step step = machine.step();
    EXPECT_EQ(name(step.status), "OK");
    EXPECT_FALSE(step.finished);
    return step;
  }

  void set_register(unsigned r, const std::vector<std::int32_t>& values) {
    std::ranges::copy(values, machine.mutable_register_words(r).begin());
  }
  std::vector<std::int32_t> random_values(std::size_t n) {
    std::vector<std::int32_t> values(n);
    for (auto& v : values) v = static_cast<std::int32_t>(random()) >> (random() % 24);
    return values;
  }

  // v2 holds `expected`, then zeros to the end of the line, then what it held before; the step says
  // so.
  void expect_written(const Step& step, const std::vector<std::int32_t>& expected) {
    const auto words = machine.register_words(2);
    const std::size_t end = (expected.size() + 15) / 16 * 16;
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(words[i], expected[i]) << i;
    for (std::size_t i = expected.size(); i < end; ++i) ASSERT_EQ(words[i], 0) << i;
    if (end < words.size()) {
      EXPECT_EQ(words[end], kStale);
    }
    EXPECT_EQ(step.instruction.get(Field::kVd), 2u);
    ASSERT_EQ(step.registers.front().words.size(), end);
    EXPECT_TRUE(std::equal(step.registers.front().words.begin(), step.registers.front().words.end(),
                           words.begin()));
    EXPECT_TRUE(step.memory_written.empty());
    EXPECT_FALSE(step.registers.front().scale_written);
  }

  std::mt19937 random{1};
  Memory memory{kMemoryBytes};
  GoldenMachine machine{{}, memory};
};

constexpr std::uint32_t kLens[] = {1, 15, 16, 17, 31, 320, 1000, 8191, 8192};

TEST_F(MachineTest, LoadReadsWholeLinesAndClearsTheTail) {
  for (const std::uint32_t len : kLens) {
    std::ranges::fill(machine.mutable_register_words(2), kStale);
    const auto values = random_values(len);
    std::memcpy(memory.at(640, 4 * len), values.data(), 4 * len);
    const Step step =
        run(make(Opcode::kLdv, {{Field::kVd, 2}, {Field::kOff, 10}, {Field::kLen, len}}));
    expect_written(step, values);
    EXPECT_EQ(step.memory_read.front().address, 640u);
    EXPECT_EQ(step.memory_read.front().bytes, fix_lines(len) * 64);
  }
}

TEST_F(MachineTest, StoreWritesWholeLinesAndClearsTheTail) {
  for (const std::uint32_t len : kLens) {
    std::memset(memory.at(0, kMemoryBytes), 0x5A, kMemoryBytes);
    const auto values = random_values(len);
    set_register(3, values);
    const Step step =
        run(make(Opcode::kSv, {{Field::kVa, 3}, {Field::kOff, 10}, {Field::kLen, len}}));
    std::vector<std::int32_t> stored(fix_lines(len) * 16 + 2);
    std::memcpy(stored.data(), memory.at(640 - 4, stored.size() * 4), stored.size() * 4);
    EXPECT_EQ(stored.front(), kStale);
    EXPECT_EQ(stored.back(), kStale);
    for (std::size_t i = 0; i < stored.size() - 2; ++i)
      ASSERT_EQ(stored[i + 1], i < len ? values[i] : 0) << i;
    ASSERT_EQ(step.memory_written.size(), 1u);
    const Step::MemoryWrite& write = step.memory_written.front();
    EXPECT_EQ(write.range.address, 640u);
    EXPECT_EQ(write.range.bytes, fix_lines(len) * 64);
    EXPECT_EQ(0, std::memcmp(write.bytes.data(), stored.data() + 1, write.range.bytes));
    EXPECT_EQ(write.before.size(), write.range.bytes);
    EXPECT_EQ(std::ranges::count(write.before, std::byte{0x5A}), std::ssize(write.before));
    EXPECT_TRUE(step.registers.empty());
  }
}

TEST_F(MachineTest, EmbeddingRowsAreWholeLinesApart) {
  machine.control().tokens[0] = 7;
  machine.control().segments[0] = {128, 3 + 8 * 2};  // the row of token 7 is the last
  const auto values = random_values(20);
  std::memcpy(memory.at(128 + (3 + 7 * 2) * 64, 80), values.data(), 80);
  expect_written(run(make(Opcode::kEmb, {{Field::kVd, 2}, {Field::kOff, 3}, {Field::kLen, 20}})),
                 values);
}

TEST_F(MachineTest, SegmentsMoveAddressesAndTheirLowBitsAreZero) {
  machine.control().segments[5] = {4096 + 63, 100};
  const auto values = random_values(16);
  std::memcpy(memory.at(4096 + 64, 64), values.data(), 64);
  expect_written(
      run(make(Opcode::kLdv,
               {{Field::kVd, 2}, {Field::kSeg, 5}, {Field::kOff, 1}, {Field::kLen, 16}})),
      values);
}

TEST_F(MachineTest, RowWiseOperations) {
  using namespace numerics;
  for (const std::uint32_t len : kLens) {
    const auto a = random_values(len), b = random_values(len), c = random_values(len);
    const auto look = [&](Opcode opcode, unsigned sources, auto f) {
      std::ranges::fill(machine.mutable_register_words(2), kStale);
      set_register(4, a);
      set_register(5, b);
      set_register(6, c);
      std::vector<std::int32_t> expected(len);
      for (std::uint32_t i = 0; i < len; ++i) expected[i] = f(a[i], b[i], c[i]);
      Instruction in = make(opcode, {{Field::kVd, 2}, {Field::kVa, 4}, {Field::kLen, len}});
      if (sources > 1) in.set(Field::kVb, 5);
      if (sources > 2) in.set(Field::kVc, 6);
      SCOPED_TRACE(find_instruction(static_cast<std::uint32_t>(opcode))->mnemonic);
      expect_written(run(in), expected);
    };
    look(Opcode::kAdd, 2, [](fix x, fix y, fix) { return add(x, y); });
    look(Opcode::kSub, 2, [](fix x, fix y, fix) { return sub(x, y); });
    look(Opcode::kMul, 2, [](fix x, fix y, fix) { return mul(x, y); });
    look(Opcode::kDiv, 2, [](fix x, fix y, fix) { return numerics::div(x, y); });
    look(Opcode::kExp, 1, [](fix x, fix, fix) { return numerics::exp(x); });
    look(Opcode::kSig, 1, [](fix x, fix, fix) { return sigmoid(x); });
    look(Opcode::kSilu, 1, [](fix x, fix, fix) { return silu(x); });
    look(Opcode::kGate, 3, [](fix x, fix y, fix z) { return gate(x, y, z); });
  }
}

TEST_F(MachineTest, SetFillsWithTheImmediate) {
  const auto minus_two = static_cast<std::uint32_t>(-2 * numerics::kOne);
  const Step step =
      run(make(Opcode::kSet, {{Field::kVd, 2}, {Field::kLen, 19}, {Field::kImm, minus_two}}));
  expect_written(step, std::vector<std::int32_t>(19, -2 * numerics::kOne));
}

TEST_F(MachineTest, ADestinationMayBeASource) {
  const auto a = random_values(40), b = random_values(40);
  set_register(2, a);
  set_register(5, b);
  std::vector<std::int32_t> expected(40);
  for (int i = 0; i < 40; ++i) expected[i] = numerics::gate(b[i], a[i], a[i]);
  run(make(
      Opcode::kGate,
      {{Field::kVd, 2}, {Field::kVa, 5}, {Field::kVb, 2}, {Field::kVc, 2}, {Field::kLen, 40}}));
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), machine.register_words(2).begin()));
}

TEST_F(MachineTest, NormOverElementsWithinLenOnly) {
  for (const std::uint32_t len : kLens) {
    std::ranges::fill(machine.mutable_register_words(2), kStale);
    const auto x = random_values(len), weight = random_values(len);
    set_register(4, x);
    set_register(5, weight);
    std::uint64_t sum = 0;
    for (const std::int32_t v : x) sum += numerics::square(v);
    const auto factor = numerics::norm_factor(sum, len, 1099512);
    std::vector<std::int32_t> expected(len);
    for (std::uint32_t i = 0; i < len; ++i) expected[i] = numerics::norm(x[i], factor, weight[i]);
    expect_written(run(make(Opcode::kNorm, {{Field::kVd, 2},
                                            {Field::kVa, 4},
                                            {Field::kVb, 5},
                                            {Field::kLen, len},
                                            {Field::kImm, 1099512}})),
                   expected);
  }
}

TEST_F(MachineTest, LiftShiftsAsFarAsItMayAndNormlTakesItOut) {
  // 300 of 2^24 is 2^8.2: 22 bits are free above it, of which LIFT leaves five.
  const std::vector<std::int32_t> tiny = {300, -7, 0, 123}, half(4, numerics::kOne / 2);
  set_register(4, tiny);
  set_register(5, half);
  const auto lift = [&](std::uint32_t headroom) {
    return run(make(Opcode::kLift, {{Field::kVd, 2},
                                    {Field::kVa, 4},
                                    {Field::kVb, 5},
                                    {Field::kLen, 4},
                                    {Field::kImm, headroom}}));
  };
  expect_written(lift(15), {300 << 6, -7 * 64, 0, 123 << 6});  // 2^7 times a half
  expect_written(lift(5), {300 << 8, -7 * 256, 0, 123 << 8});  // 2^9 is the most

  // eps = 2^-30 counts 2^18 times as much: as 2^-12 does in a NORM. A program's start forgets that.
  const auto normalise = [](Opcode opcode, std::uint32_t eps) {
    return make(
        opcode,
        {{Field::kVd, 3}, {Field::kVa, 2}, {Field::kVb, 5}, {Field::kLen, 4}, {Field::kImm, eps}});
  };
  const auto words = [](const Step& step) {
    const auto written = step.registers.front().words;
    return std::vector<std::int32_t>(written.begin(), written.end());
  };
  const auto expected = words(run(normalise(Opcode::kNorm, 1u << 28)));
  const auto unlifted = words(run(normalise(Opcode::kNorm, 1u << 10)));
  EXPECT_EQ(words(run(normalise(Opcode::kNorml, 1u << 10))), unlifted);
  lift(5);
  machine.rom()[1] = normalise(Opcode::kNorml, 1u << 10);
  EXPECT_EQ(words(machine.step()), expected);
  EXPECT_NE(expected, unlifted);
}

TEST_F(MachineTest, StepsSayWhatSaturated) {
  const auto add = [&](std::uint32_t len) {
    return run(make(Opcode::kAdd,
                    {{Field::kVd, 2}, {Field::kVa, 4}, {Field::kVb, 5}, {Field::kLen, len}}))
        .saturated;
  };
  set_register(4, {1, numerics::kFixMax});
  set_register(5, {1, 1});
  EXPECT_TRUE(add(2));
  EXPECT_FALSE(add(1)) << "the second element is beyond the end";
  set_register(5, {1, 0});
  EXPECT_FALSE(add(2)) << "the largest number is a number";
}

TEST_F(MachineTest, QuantPacksBytesAndSetsTheScale) {
  for (const std::uint32_t len : kLens) {
    for (const unsigned vd : {2u, 4u}) {  // beside and in place
      std::ranges::fill(machine.mutable_register_words(2), kStale);
      std::ranges::fill(machine.mutable_register_words(4), kStale);
      const auto x = random_values(len);
      set_register(4, x);
      std::uint32_t amax = 1;
      for (const std::int32_t v : x) amax = std::max(amax, numerics::magnitude(v));
      const auto factor = numerics::quant_factor(amax);
      const Step step =
          run(make(Opcode::kQuant, {{Field::kVd, vd}, {Field::kVa, 4}, {Field::kLen, len}}));
      ASSERT_EQ(step.registers.front().words.size(), (len + 63) / 64 * 16);
      const auto* q = reinterpret_cast<const std::int8_t*>(step.registers.front().words.data());
      for (std::uint32_t i = 0; i < step.registers.front().words.size() * 4; ++i) {
        ASSERT_EQ(q[i], i < len ? numerics::quant(x[i], factor) : 0) << len << " " << i;
      }
      EXPECT_TRUE(step.registers.front().scale_written);
      EXPECT_EQ(step.registers.front().scale, amax);
      EXPECT_EQ(machine.register_scale(vd), amax);
      EXPECT_EQ(step.registers.front().words.data(), machine.register_words(vd).data());
    }
  }
}

TEST_F(MachineTest, QuantOfZerosHasScaleOne) {
  set_register(4, std::vector<std::int32_t>(100, 0));
  const Step step =
      run(make(Opcode::kQuant, {{Field::kVd, 2}, {Field::kVa, 4}, {Field::kLen, 100}}));
  EXPECT_EQ(step.registers.front().scale, 1u);
  EXPECT_TRUE(
      std::ranges::all_of(step.registers.front().words, [](std::int32_t w) { return w == 0; }));
}

TEST_F(MachineTest, TernaryMatmulAgainstAPlainSum) {
  struct Size {
    std::uint32_t rows, cols;
  };
  for (const auto [rows, cols] :
       {Size{1, 1}, {5, 64}, {6, 65}, {4, 63}, {33, 320}, {1000, 128}, {7, 8192}, {8192, 5}}) {
    SCOPED_TRACE(testing::Message() << rows << " x " << cols);
    std::ranges::fill(machine.mutable_register_words(2), kStale);
    const std::uint64_t bytes = matrix_lines(rows, cols) * 64;
    // Random bytes everywhere, padding included: what lies beyond rows and cols must not matter.
    auto* packed = reinterpret_cast<std::uint8_t*>(memory.at(64, bytes));
    for (std::uint64_t i = 0; i < bytes; ++i) packed[i] = static_cast<std::uint8_t>(random());
    set_register(4, random_values(cols));
    machine.rom()[0] =
        make(Opcode::kQuant, {{Field::kVd, 3}, {Field::kVa, 4}, {Field::kLen, cols}});
    const std::uint32_t imm = numerics::pack_scale({10'240'000, 38});
    machine.rom()[1] = make(Opcode::kTmatmul, {{Field::kVd, 2},
                                               {Field::kVa, 3},
                                               {Field::kOff, 1},
                                               {Field::kRows, rows},
                                               {Field::kLen, cols},
                                               {Field::kImm, imm}});
    machine.start();
    machine.step();
    // Junk beyond len in the source's last line counts as zero.
    for (std::uint32_t c = cols; c < (cols + 63) / 64 * 64; ++c) {
      reinterpret_cast<std::int8_t*>(machine.mutable_register_words(3).data())[c] = 99;
    }
    const Step step = machine.step();
    ASSERT_EQ(name(step.status), "OK");

    const auto* q = reinterpret_cast<const std::int8_t*>(machine.register_words(3).data());
    const std::uint32_t multiplier =
        numerics::matmul_multiplier(machine.register_scale(3), numerics::unpack_scale(imm));
    std::vector<std::int32_t> expected(rows);
    const std::uint64_t group_bytes = (cols + 63) / 64 * 64;
    for (std::uint32_t r = 0; r < rows; ++r) {
      std::int32_t sum = 0;
      for (std::uint32_t c = 0; c < cols; ++c) {
        std::int8_t trits[5];
        numerics::unpack_trits(packed[r / 5 * group_bytes + c], trits);
        sum += trits[r % 5] * q[c];
      }
      expected[r] = numerics::matmul_output(sum, multiplier);
    }
    expect_written(step, expected);
    EXPECT_EQ(step.memory_read.front().address, 64u);
    EXPECT_EQ(step.memory_read.front().bytes, bytes);
  }
}

TEST_F(MachineTest, TernaryMatmulSumsDoNotOverflowAtTheLimits) {
  // 8192 columns of the largest magnitudes against all five trits alike.
  for (const int trit : {-1, 1}) {
    const auto t = static_cast<std::int8_t>(trit);
    const std::int8_t trits[5] = {t, t, t, t, t};
    std::memset(memory.at(0, 8192), numerics::pack_trits(trits), 8192);
    for (const std::int32_t value : {127, -127, -128}) {
      std::memset(machine.mutable_register_words(3).data(), value, 8192);
      machine.rom()[0] = make(Opcode::kQuant, {{Field::kVd, 3}, {Field::kVa, 4}, {Field::kLen, 1}});
      machine.rom()[1] =
          make(Opcode::kTmatmul, {{Field::kVd, 2},
                                  {Field::kVa, 3},
                                  {Field::kRows, 5},
                                  {Field::kLen, 8192},
                                  {Field::kImm, numerics::pack_scale({0xFFFFFF, 36})}});
      set_register(4, {numerics::kOne});
      machine.start();
      machine.step();
      std::memset(machine.mutable_register_words(3).data(), value, 8192);
      machine.step();
      const std::uint32_t multiplier = numerics::matmul_multiplier(numerics::kOne, {0xFFFFFF, 36});
      for (int r = 0; r < 5; ++r) {
        EXPECT_EQ(machine.register_words(2)[r],
                  numerics::matmul_output(8192 * value * trit, multiplier));
      }
    }
  }
}

TEST_F(MachineTest, ScalesAreZeroAtTheStartOfAProgramAndOthersKeepThem) {
  set_register(4, {numerics::kOne});
  run(make(Opcode::kQuant, {{Field::kVd, 3}, {Field::kVa, 4}, {Field::kLen, 1}}));
  machine.step();
  EXPECT_EQ(machine.register_scale(3), std::uint32_t{numerics::kOne});
  machine.start();
  EXPECT_EQ(machine.register_scale(3), 0u);
  EXPECT_EQ(machine.register_words(3)[0], 127);  // vector registers keep their contents
}

TEST_F(MachineTest, ProgramsStartAtEntryAndEndAtHalt) {
  machine.rom()[5] = make(Opcode::kSet, {{Field::kVd, 2}, {Field::kLen, 1}, {Field::kImm, 1}});
  machine.rom()[6] = make(Opcode::kHalt);
  machine.control().entry = 5;
  machine.start();
  EXPECT_EQ(machine.step().pc, 5u);
  const Step last = machine.step();
  EXPECT_EQ(last.pc, 6u);
  EXPECT_TRUE(last.finished);
  EXPECT_EQ(last.status, Status::kOk);
  EXPECT_THROW(machine.step(), std::exception);
}

}  // namespace
}  // namespace sterna::golden
