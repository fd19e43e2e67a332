// SPDX-License-Identifier: Apache-2.0
// The RMS unit against numerics.h.
#include <optional>

#include "Vrms_128.h"
#include "Vrms_512.h"
#include "Vrms_64.h"
#include "isa/numerics.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna::test {
namespace {

namespace n = numerics;

// What NORM leaves in vd.
void expected_norm(std::vector<std::uint32_t>& vd, const std::vector<std::uint32_t>& x,
                   const std::vector<std::uint32_t>& weight, std::uint32_t len, std::uint32_t eps) {
  std::uint64_t sum = 0;
  for (std::uint32_t e = 0; e < len; ++e) sum += n::square(static_cast<std::int32_t>(x[e]));
  const n::Factor factor = n::norm_factor(sum, len, eps);
  for (std::size_t e = 0; e < fix_lines(len) * 16; ++e) {
    vd[e] = e < len ? static_cast<std::uint32_t>(n::norm(static_cast<std::int32_t>(x[e]), factor,
                                                         static_cast<std::int32_t>(weight[e])))
                    : 0;
  }
}

// What QUANT leaves in vd; gives its scale.
std::uint32_t expected_quant(std::vector<std::uint32_t>& vd, const std::vector<std::uint32_t>& x,
                             std::uint32_t len) {
  std::uint32_t amax = 1;
  for (std::uint32_t e = 0; e < len; ++e)
    amax = std::max(amax, n::magnitude(static_cast<std::int32_t>(x[e])));
  const n::Factor factor = n::quant_factor(amax);
  std::fill_n(vd.begin(), q8_lines(len) * 16, 0u);
  for (std::uint32_t e = 0; e < len; ++e) {
    const auto q = static_cast<std::uint8_t>(n::quant(static_cast<std::int32_t>(x[e]), factor));
    vd[e / 4] |= std::uint32_t{q} << (8 * (e % 4));
  }
  return amax;
}

// What the unit may still know from its last instructions: which instructions have no first pass.
struct Known {
  std::uint32_t source = 0, result = 0, len = 0, eps = 0;  // of the last NORM
  bool factor = false, amax = false;

  void written(std::uint32_t vd) {
    factor = factor && vd != source;
    amax = amax && vd != result;
  }
};

// Random instructions in a row, of which many take up what the one before has found, with other
// units' instructions before, between and beside them.
template <typename Dut, unsigned kBeatBits, unsigned kVecLen, unsigned kAhead>
class RmsTest {
 public:
  using Bench = UnitBench<Dut, kBeatBits, kVecLen, 2>;

  RmsTest() : seed_(base_seed()), random_(seed_), bench_(seed_) {
    Dut& dut = bench_.dut();
    dut.other_write_i = 0;
    dut.rd_complete_i = 0;
    bench_.stall(random_, 100);
    bench_.on_cycle([this] { before_cycle(); }, [this] { bench_.dut().other_write_i = 0; });
    for (std::uint32_t r = 0; r < Bench::kRegisters; ++r) fill(r, kVecLen);
  }

  void run(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      while (random_.chance(30)) idle();
      one(i);
      if (::testing::Test::HasFatalFailure()) return;
    }
    // Each way must have been gone often enough to have been tested.
    EXPECT_GT(norms_without_first_pass_, count / 20);
    EXPECT_GT(quants_without_first_pass_, count / 20);
  }

 private:
  void fill(std::uint32_t r, std::size_t elements) {
    const auto value = pick_values(random_);
    for (std::size_t e = 0; e < elements; ++e)
      bench_.reg(r)[e] = static_cast<std::uint32_t>(value());
  }

  // Another unit's instruction is on instr_i in the cycle that is about to be run.
  Instruction start_other() {
    static constexpr std::array<Opcode, 6> kOthers = {
        Opcode::kLdv, Opcode::kSv, Opcode::kSub, Opcode::kSet, Opcode::kTmatmul, Opcode::kTopk};
    const Opcode op = kOthers[random_.below(kOthers.size())];
    Instruction in;
    in.set(Field::kOp, static_cast<std::uint32_t>(op));
    in.set(Field::kVd, random_.below(Bench::kRegisters));
    in.set(Field::kVa, random_.below(Bench::kRegisters));
    std::memcpy(port_words(bench_.dut().instr_i), in.words.data(), sizeof(in.words));
    bench_.dut().other_write_i = op != Opcode::kSv;
    if (op != Opcode::kSv) known_.written(in.get(Field::kVd));
    return in;
  }
  void write_other(const Instruction& in) {
    if (in.get(Field::kOp) == static_cast<std::uint32_t>(Opcode::kSv)) return;
    fill(in.get(Field::kVd), 320);
  }

  // A cycle between two instructions, in which another unit's may start.
  void idle() {
    std::optional<Instruction> other;
    if (random_.chance(40)) other = start_other();
    bench_.idle();
    if (other) write_other(*other);
    ++gap_;
  }

  Instruction pick_instruction() {
    const bool quant = random_.chance(50);
    const std::uint32_t longest = random_.chance(5) ? kVecLen : std::min(kVecLen, 300u);
    Instruction in;
    in.set(Field::kOp, static_cast<std::uint32_t>(quant ? Opcode::kQuant : Opcode::kNorm));
    for (const Field field : {Field::kVd, Field::kVa, Field::kVb}) {
      in.set(field, random_.below(Bench::kRegisters));
    }
    in.set(Field::kLen, random_.chance(10) ? random_.between(1, 2) : random_.between(1, longest));
    in.set(Field::kImm, random_.chance(30) ? 0 : static_cast<std::uint32_t>(random_.sized()));
    if (known_.len != 0 && random_.chance(60)) {  // as the last NORM, almost
      in.set(Field::kVa, quant ? known_.result : known_.source);
      const std::uint32_t len = known_.len;
      in.set(Field::kLen, random_.chance(80)   ? len
                          : random_.chance(50) ? std::max(len - 1, 1u)
                                               : std::min(len + 1, kVecLen));
      in.set(Field::kImm, known_.eps ^ (random_.chance(80) ? 0 : 1u << random_.below(32)));
    }
    return in;
  }

  // A reset somewhere in the instruction. Its factor may not be there yet, so nothing is known
  // afterwards, although registers have kept what was in them.
  void cut_off(const Instruction& in) {
    ASSERT_NO_THROW(
        bench_.cut_off(in, random_.between(1, in.get(Field::kLen)), random_.between(1, 3)));
    known_ = {};
    gap_ = 2;
  }

  void one(unsigned number) {
    const Instruction in = pick_instruction();
    const bool quant = in.get(Field::kOp) == static_cast<std::uint32_t>(Opcode::kQuant);
    if (random_.chance(10)) cut_off(in);
    const std::uint32_t vd = in.get(Field::kVd);
    const std::uint32_t va = in.get(Field::kVa);
    const std::uint32_t len = in.get(Field::kLen);
    const std::uint32_t eps = in.get(Field::kImm);
    auto want = bench_.reg(vd);
    const std::uint32_t amax =
        quant ? expected_quant(want, bench_.reg(va), len)
              : (expected_norm(want, bench_.reg(va), bench_.reg(in.get(Field::kVb)), len, eps), 0);

    const bool same_len = len == known_.len;
    const bool no_first_pass =
        quant ? known_.amax && va == known_.result && same_len
              : known_.factor && va == known_.source && same_len && eps == known_.eps;
    unsigned& shortened = quant ? quants_without_first_pass_ : norms_without_first_pass_;
    shortened += no_first_pass;
    const std::string where =
        fmt::format("seed {}, instruction {}: {} vd {} va {} vb {} len {} eps {:#x}{}", seed_,
                    number, quant ? "QUANT" : "NORM", vd, va, in.get(Field::kVb), len, eps,
                    no_first_pass ? ", no first pass" : "");
    SCOPED_TRACE(where);

    const unsigned words = static_cast<unsigned>(fix_lines(len)) * Bench::kWordsPerLine;
    const unsigned quarters = static_cast<unsigned>(4 * q8_lines(len)) * Bench::kWordsPerLine;
    unsigned cycles = 0;
    if (quant) {
      cycles = quarters + (no_first_pass ? 15 + (gap_ < 2 ? 2 - gap_ : 0) : words + 20);
    } else {
      cycles = words + (no_first_pass ? 10 : words + 33);
    }
    if (quant) {
      known_.written(vd);
      known_.amax = false;
    } else {
      known_ = {va, vd, len, eps, vd != va, true};
    }

    scales_ = 0;
    cycle_ = 0;
    other_at_ = random_.chance(30) ? random_.between(1, cycles) : 0;
    beside_.reset();
    const unsigned ready = random_.chance(50) ? 100 : random_.between(20, 90);
    bench_.stall(random_, ready);
    bench_.dut().rd_complete_i = ready == 100;
    dues_.clear();
    writes_.clear();
    unsigned took = 0;
    ASSERT_NO_THROW(took = bench_.run(in, ready == 100 ? cycles : 50 * cycles));
    if (ready == 100) {
      ASSERT_EQ(took, cycles);
    }
    ASSERT_EQ(scales_, quant ? 1u : 0u);
    if (quant) {
      ASSERT_EQ(scale_, amax);
    }
    check_due(quant && ready == 100);
    expect_equal(bench_.reg(vd), want, where);
    if (beside_) write_other(*beside_);
    other_at_ = 0;
    gap_ = 0;
  }

  // A product that starts as soon as it hears of due_o meets every word when it is there, and the
  // last of them just so, unless the product could not have come earlier.
  void check_due(bool expected) {
    const auto words = static_cast<unsigned>(writes_.size());
    if (!expected || (kAhead == 0 && words == 1)) {  // of which it would come behind done_o
      ASSERT_TRUE(dues_.empty());
      return;
    }
    ASSERT_EQ(dues_.size(), 1u);
    const unsigned first_read = dues_.front() + 6 + 2 * kAhead;
    for (unsigned k = 0; k < words; ++k) {
      ASSERT_GT(first_read + k, writes_[k]) << "word " << k;
    }
    if (3 * words >= 2 * kAhead) {
      ASSERT_EQ(first_read + words - 1, writes_.back() + 1);
    }
  }

  void before_cycle() {
    Dut& dut = bench_.dut();
    if (!dut.rst_ni) return;
    if (dut.due_o) dues_.push_back(cycle_);
    if (dut.wr_en_o) writes_.push_back(cycle_);
    if (dut.scale_en_o) {
      ++scales_;
      scale_ = dut.scale_o;
    }
    if (other_at_ != 0 && cycle_ == other_at_) beside_ = start_other();
    ++cycle_;
  }

  std::uint64_t seed_;
  Random random_;
  Bench bench_;
  Known known_;
  unsigned gap_ = 2;       // cycles since the last instruction
  unsigned cycle_ = 0;     // of the instruction
  unsigned other_at_ = 0;  // when another unit's instruction starts beside it
  std::optional<Instruction> beside_;
  std::vector<unsigned> dues_, writes_;  // their cycles, of the instruction
  unsigned scales_ = 0;
  std::uint32_t scale_ = 0;
  unsigned norms_without_first_pass_ = 0;
  unsigned quants_without_first_pass_ = 0;
};

TEST(Rms, Random512) { RmsTest<Vrms_512, 512, 8192, 3>().run(4000); }
TEST(Rms, Random128) { RmsTest<Vrms_128, 128, 1024, 1>().run(4000); }
TEST(Rms, Random64) { RmsTest<Vrms_64, 64, 512, 0>().run(2000); }

}  // namespace
}  // namespace sterna::test
