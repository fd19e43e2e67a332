// SPDX-License-Identifier: Apache-2.0
// The row-wise unit against numerics.h.
#include "Vrow_wise_128.h"
#include "Vrow_wise_512.h"
#include "Vrow_wise_64.h"
#include "isa/numerics.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna::test {
namespace {

namespace n = numerics;

std::int32_t expected(Opcode op, std::int32_t a, std::int32_t b, std::int32_t c,
                      std::uint32_t imm) {
  switch (op) {
    case Opcode::kAdd:
      return n::add(a, b);
    case Opcode::kSub:
      return n::sub(a, b);
    case Opcode::kMul:
      return n::mul(a, b);
    case Opcode::kDiv:
      return n::div(a, b);
    case Opcode::kExp:
      return n::exp(a);
    case Opcode::kSig:
      return n::sigmoid(a);
    case Opcode::kSilu:
      return n::silu(a);
    case Opcode::kSigp:
      return n::sigmoid(a, n::unpack_power(imm));
    case Opcode::kSilup:
      return n::silu(a, n::unpack_power(imm));
    case Opcode::kRelu:
      return n::relu(a);
    case Opcode::kGelu:
      return n::gelu(a, n::unpack_power(imm));
    case Opcode::kGate:
    case Opcode::kScan:
      return n::gate(a, b, c);
    default:
      return static_cast<std::int32_t>(imm);
  }
}

constexpr std::array kOps = {Opcode::kAdd,   Opcode::kSub,  Opcode::kMul,  Opcode::kDiv,
                             Opcode::kExp,   Opcode::kSig,  Opcode::kSilu, Opcode::kSigp,
                             Opcode::kSilup, Opcode::kGate, Opcode::kScan, Opcode::kSet,
                             Opcode::kRelu,  Opcode::kGelu};

// The bits of an immediate that may be set: the decoder refuses others.
std::uint32_t immediate_mask(Opcode op) {
  switch (op) {
    case Opcode::kSigp:
    case Opcode::kSilup:
    case Opcode::kGelu:
      return 0xF;
    case Opcode::kSig:
    case Opcode::kSilu:
    case Opcode::kRelu:
      return 0;
    default:
      return ~0u;
  }
}

template <typename Dut, unsigned kBeatBits, unsigned kVecLen>
void random_instructions(unsigned count) {
  using Bench = UnitBench<Dut, kBeatBits, kVecLen, 3>;
  const std::uint64_t seed = base_seed();
  Random random(seed);
  Bench bench(seed);
  for (unsigned i = 0; i < count; ++i) {
    const Opcode op = kOps[random.below(kOps.size())];
    // Few elements where one takes some 35 cycles.
    const std::uint32_t longest = op == Opcode::kDiv ? 70 : random.chance(3) ? kVecLen : 300;
    const std::uint32_t len = random.chance(10) ? 1 : random.between(1, std::min(longest, kVecLen));
    Instruction instruction;
    instruction.set(Field::kOp, static_cast<std::uint32_t>(op));
    for (const Field field : {Field::kVd, Field::kVa, Field::kVb, Field::kVc}) {
      instruction.set(field, random.below(Bench::kRegisters));
    }
    instruction.set(Field::kLen, len);
    const std::uint32_t imm =
        random.chance(50) ? random.bits() : static_cast<std::uint32_t>(random.extreme());
    instruction.set(Field::kImm, imm & immediate_mask(op));
    // In prefill the lane before sends vb; with or without holes, though hardware leaves none.
    const bool chain = random.chance(50);
    bench.dut().carry_i = chain;

    const std::size_t touched = fix_lines(len) * 16;
    for (std::uint32_t r = 0; r < Bench::kRegisters; ++r) {
      const auto value = pick_values(random);
      for (std::size_t e = 0; e < touched; ++e)
        bench.reg(r)[e] = static_cast<std::uint32_t>(value());
    }
    std::vector<std::uint32_t> before(touched);  // what the lane before sends
    {
      const auto value = pick_values(random);
      for (auto& word : before) word = static_cast<std::uint32_t>(value());
    }
    const bool chained = chain && op == Opcode::kScan;
    const std::uint32_t late = chain ? random.between(1, 20) : 0;
    const bool holes = random.chance(50);
    std::uint32_t cycle = 0;
    std::size_t sent = 0;
    if (random.chance(10)) {  // what a reset cuts off leaves nothing behind
      ASSERT_NO_THROW(bench.cut_off(instruction, random.between(1, len), random.between(1, 3)));
    }
    bench.on_cycle({}, [&] {
      auto& dut = bench.dut();
      dut.carry_valid_i =
          chain && ++cycle > late && sent < before.size() && !(holes && random.chance(30));
      if (!dut.carry_valid_i) return;
      std::copy_n(before.data() + sent, Bench::kWordElems, port_words(dut.carry_data_i));
      sent += Bench::kWordElems;
    });
    auto want = bench.reg(instruction.get(Field::kVd));
    for (std::size_t e = 0; e < touched; ++e) {
      const auto element = [&](Field field) {
        return static_cast<std::int32_t>(bench.reg(instruction.get(field))[e]);
      };
      want[e] = e >= len ? 0
                         : static_cast<std::uint32_t>(expected(
                               op, element(Field::kVa),
                               chained ? static_cast<std::int32_t>(before[e]) : element(Field::kVb),
                               element(Field::kVc), instruction.get(Field::kImm)));
    }
    const std::string where = fmt::format(
        "seed {}, instruction {}: opcode {:#x} vd {} va {} vb {} vc {} len {}", seed, i,
        static_cast<unsigned>(op), instruction.get(Field::kVd), instruction.get(Field::kVa),
        instruction.get(Field::kVb), instruction.get(Field::kVc), len);
    SCOPED_TRACE(where);
    const auto words = static_cast<unsigned>(touched / Bench::kWordElems);
    const unsigned limit = op == Opcode::kDiv ? 4 * words + 40 * len + 20
                           : chained          ? late + (holes ? 4 : 1) * words + 60
                                              : words + 16;
    // Sources that are still being written; not a SCAN's (router).
    const unsigned ready = chained || random.chance(50) ? 100 : random.between(20, 90);
    bench.stall(random, ready);
    ASSERT_NO_THROW(bench.run(instruction, ready == 100 ? limit : 150 * limit));
    while (sent < before.size() && chain) bench.idle();
    bench.on_cycle({}, {});
    bench.dut().carry_valid_i = 0;
    for (std::uint32_t idle = random.below(4); idle > 0; --idle) bench.idle();
    expect_equal(bench.reg(instruction.get(Field::kVd)), want, where);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

// Every value that decides something in the tables: each step's ends, and the ranges' ends.
template <typename Dut, unsigned kBeatBits, unsigned kVecLen>
void table_steps() {
  using Bench = UnitBench<Dut, kBeatBits, kVecLen, 3>;
  Bench bench(1);
  bench.dut().rd_ready_i = 7;
  std::vector<std::int32_t> values;
  constexpr std::int32_t kStep = 1 << n::kWayBits;
  for (std::int32_t i = 0; i <= 1026; ++i) {
    for (const std::int32_t d : {-1, 0, 1, kStep / 2 - 1, kStep / 2, kStep / 2 + 1}) {
      values.push_back(i * kStep + d);
      values.push_back(-(i * kStep + d));
    }
  }
  // ln(2) steps of EXP, from below its smallest result to above its largest.
  for (std::int32_t k = -27 * 8; k <= 8 * 8; ++k) {
    const auto x = static_cast<std::int32_t>(k / 8.0 * 0.6931471805599453 * n::kOne);
    for (std::int32_t d = -2; d <= 2; ++d) values.push_back(x + d);
  }
  for (const Opcode op : {Opcode::kSig, Opcode::kSilu, Opcode::kExp}) {
    for (std::size_t first = 0; first < values.size(); first += kVecLen) {
      const auto len =
          static_cast<std::uint32_t>(std::min<std::size_t>(kVecLen, values.size() - first));
      for (std::uint32_t e = 0; e < len; ++e)
        bench.reg(0)[e] = static_cast<std::uint32_t>(values[first + e]);
      Instruction instruction;
      instruction.set(Field::kOp, static_cast<std::uint32_t>(op));
      instruction.set(Field::kVd, 1);
      instruction.set(Field::kLen, len);
      ASSERT_NO_THROW(bench.run(instruction, kVecLen + 20));
      for (std::uint32_t e = 0; e < len; ++e) {
        ASSERT_EQ(static_cast<std::int32_t>(bench.reg(1)[e]),
                  expected(op, values[first + e], 0, 0, 0))
            << "opcode " << static_cast<unsigned>(op) << " of " << values[first + e];
      }
    }
  }
}

TEST(RowWise, Random512) { random_instructions<Vrow_wise_512, 512, 8192>(2500); }
TEST(RowWise, Random128) { random_instructions<Vrow_wise_128, 128, 1024>(2500); }
TEST(RowWise, Random64) { random_instructions<Vrow_wise_64, 64, 512>(1000); }
TEST(RowWise, TableSteps512) { table_steps<Vrow_wise_512, 512, 8192>(); }
TEST(RowWise, TableSteps128) { table_steps<Vrow_wise_128, 128, 1024>(); }

}  // namespace
}  // namespace sterna::test
