// The RMS unit against numerics.h.
#include "Vrms_128.h"
#include "Vrms_512.h"
#include "Vrms_64.h"
#include "sim/golden/numerics.h"
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

template <typename Dut, unsigned kBeatBits, unsigned kVecLen>
void random_instructions(unsigned count) {
  using Bench = UnitBench<Dut, kBeatBits, kVecLen, 2>;
  const std::uint64_t seed = base_seed();
  Random random(seed);
  Bench bench(seed);
  unsigned scales = 0;
  std::uint32_t scale = 0;
  unsigned ready = 100;  // percent of the cycles in which a stream may be read
  bench.dut().rd_ready_i = 3;
  bench.on_cycle(
      [&] {
        if (bench.dut().rst_ni && bench.dut().scale_en_o) {
          ++scales;
          scale = bench.dut().scale_o;
        }
        if ((bench.dut().rd_en_o & ~bench.dut().rd_ready_i) != 0) {
          throw std::runtime_error("reads a word that is not ready");
        }
      },
      [&] {
        bench.dut().rd_ready_i =
            (random.chance(ready) ? 1u : 0u) | (random.chance(ready) ? 2u : 0u);
      });
  for (unsigned i = 0; i < count; ++i) {
    const bool quant = random.chance(50);
    const std::uint32_t longest = random.chance(5) ? kVecLen : std::min(kVecLen, 300u);
    const std::uint32_t len = random.chance(10) ? random.between(1, 2) : random.between(1, longest);
    const std::uint32_t eps = random.chance(30) ? 0 : static_cast<std::uint32_t>(random.sized());
    Instruction instruction;
    instruction.set(Field::kOp, static_cast<std::uint32_t>(quant ? Opcode::kQuant : Opcode::kNorm));
    for (const Field field : {Field::kVd, Field::kVa, Field::kVb}) {
      instruction.set(field, random.below(Bench::kRegisters));
    }
    instruction.set(Field::kLen, len);
    instruction.set(Field::kImm, eps);

    // Garbage beyond len too, as far as any pass reads.
    for (std::uint32_t r = 0; r < Bench::kRegisters; ++r) {
      const auto value = pick_values(random);
      for (std::size_t e = 0; e < q8_lines(len) * 64; ++e)
        bench.reg(r)[e] = static_cast<std::uint32_t>(value());
    }
    const std::uint32_t vd = instruction.get(Field::kVd);
    auto want = bench.reg(vd);
    std::uint32_t amax = 0;
    if (quant) {
      amax = expected_quant(want, bench.reg(instruction.get(Field::kVa)), len);
    } else {
      expected_norm(want, bench.reg(instruction.get(Field::kVa)),
                    bench.reg(instruction.get(Field::kVb)), len, eps);
    }
    const std::string where =
        fmt::format("seed {}, instruction {}: {} vd {} va {} vb {} len {} eps {:#x}", seed, i,
                    quant ? "QUANT" : "NORM", vd, instruction.get(Field::kVa),
                    instruction.get(Field::kVb), len, eps);
    SCOPED_TRACE(where);
    scales = 0;
    const auto words = static_cast<unsigned>(fix_lines(len)) * Bench::kWordsPerLine;
    const auto quarters = static_cast<unsigned>(4 * q8_lines(len)) * Bench::kWordsPerLine;
    ready = random.chance(50) ? 100 : random.between(20, 90);
    const unsigned limit = quant ? words + quarters + 60 : 2 * words + 85;
    ASSERT_NO_THROW(bench.run(instruction, ready == 100 ? limit : 50 * limit));
    for (std::uint32_t idle = random.below(4); idle > 0; --idle) bench.idle();
    ASSERT_EQ(scales, quant ? 1u : 0u);
    if (quant) {
      ASSERT_EQ(scale, amax);
    }
    expect_equal(bench.reg(vd), want, where);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(Rms, Random512) { random_instructions<Vrms_512, 512, 8192>(2500); }
TEST(Rms, Random128) { random_instructions<Vrms_128, 128, 1024>(2500); }
TEST(Rms, Random64) { random_instructions<Vrms_64, 64, 512>(1000); }

}  // namespace
}  // namespace sterna::test
