// The Ternary MatMul unit against numerics.h, behind a weight stream that stalls as it likes.
#include "Vternary_matmul_128.h"
#include "Vternary_matmul_512.h"
#include "Vternary_matmul_64.h"
#include "sim/golden/numerics.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna::test {
namespace {

namespace n = numerics;

// Answers the unit's read request with beats of a byte image.
template <typename Bench, unsigned kBeatBits>
class WeightStream {
 public:
  WeightStream(Bench& bench, Random& random) : bench_(bench), random_(random) {
    bench_.dut().data_valid_i = 0;
    bench_.on_cycle([this] { before(); }, [this] { after(); });
    after();
  }

  // What the next request must ask for; stalls in percent of the cycles; error_beat < 0: none.
  void expect(std::uint64_t address, std::vector<std::uint8_t> bytes, unsigned stalls,
              std::int64_t error_beat) {
    address_ = address;
    bytes_ = std::move(bytes);
    stalls_ = stalls;
    error_beat_ = error_beat;
    position_ = 0;
    requested_ = false;
    after();
  }
  bool finished() const { return requested_ && position_ == bytes_.size(); }

 private:
  static constexpr std::size_t kBeatBytes = kBeatBits / 8;

  void before() {
    auto& dut = bench_.dut();
    taken_ = dut.rst_ni && dut.data_valid_i && dut.data_ready_o;
    if (dut.rst_ni && taken_ != static_cast<bool>(dut.beat_o))
      throw std::runtime_error("beat_o does not tell of a beat");
    if (dut.rst_ni && dut.req_valid_o && dut.req_ready_i) {
      if (requested_) throw std::runtime_error("asks twice");
      if (dut.req_addr_o != address_) throw std::runtime_error("asks for another address");
      if (dut.req_lines_o * std::size_t{64} != bytes_.size()) {
        throw std::runtime_error(
            fmt::format("asks for {} lines, not {}", dut.req_lines_o, bytes_.size() / 64));
      }
      requested_now_ = true;
    }
  }

  void after() {
    auto& dut = bench_.dut();
    if (taken_) position_ += kBeatBytes;
    const bool waiting = dut.data_valid_i && !taken_;  // valid may not be taken back
    taken_ = false;
    dut.req_ready_i = !random_.chance(stalls_);
    if (requested_now_) {
      requested_ = true;
      requested_now_ = false;
    }
    if (waiting) return;
    dut.data_valid_i = requested_ && position_ < bytes_.size() && !random_.chance(stalls_);
    dut.data_error_i =
        dut.data_valid_i && static_cast<std::int64_t>(position_ / kBeatBytes) == error_beat_;
    for (unsigned i = 0; i < kBeatBytes / 4; ++i) {
      std::uint32_t word = random_.bits();
      if (dut.data_valid_i) std::memcpy(&word, bytes_.data() + position_ + 4 * i, 4);
      port_words(dut.data_i)[i] = word;
    }
  }

  Bench& bench_;
  Random& random_;
  std::uint64_t address_ = 0;
  std::vector<std::uint8_t> bytes_;
  unsigned stalls_ = 0;
  std::int64_t error_beat_ = -1;
  std::size_t position_ = 0;
  bool requested_ = true, requested_now_ = false, taken_ = false;
};

struct Shape {
  std::uint32_t rows, columns;
};

Shape pick_shape(Random& random, std::uint32_t longest) {
  switch (random.below(8)) {
    case 0:
      return {random.between(1, 40), random.between(1, 8)};
    case 1:
      return {random.between(1, longest), random.between(1, 64)};  // a line a group: fastest output
    case 2:
      return {random.between(1, 7), longest - random.below(70)};
    case 3:
      return {5 * random.between(1, 20), 64 * random.between(1, 4)};
    case 4:
      return {16 * random.between(1, 8), random.between(1, 200)};
    default:
      return {random.between(1, 120), random.between(1, 400)};
  }
}

template <typename Dut, unsigned kBeatBits, unsigned kVecLen>
void random_instructions(unsigned count) {
  using Bench = UnitBench<Dut, kBeatBits, kVecLen, 1>;
  const std::uint64_t seed = base_seed();
  Random random(seed);
  Bench bench(seed);
  WeightStream<Bench, kBeatBits> stream(bench, random);
  for (unsigned i = 0; i < count; ++i) {
    const auto [rows, columns] = pick_shape(random, std::min(kVecLen, 2048u));
    const std::uint32_t va = random.below(Bench::kRegisters);
    const std::uint32_t vd = (va + random.between(1, Bench::kRegisters - 1)) % Bench::kRegisters;
    const bool usual = random.chance(60);  // outputs of a usual size, else anything
    const std::uint32_t scale =
        usual ? static_cast<std::uint32_t>(random.sized()) >> 8 : random.bits();
    const std::uint32_t exponent = random.between(usual ? 21 : kMinScaleExponent, usual ? 38 : 63);
    const std::uint32_t immediate = n::pack_scale({random.below(1 << 24), exponent});
    Instruction instruction;
    instruction.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kTmatmul));
    instruction.set(Field::kVd, vd);
    instruction.set(Field::kVa, va);
    instruction.set(Field::kLen, columns);
    instruction.set(Field::kRows, rows);
    instruction.set(Field::kImm, immediate);
    const unsigned stalls = random.chance(40) ? 0 : random.below(90);

    // Activations and weights, with garbage in the padding; a source that was never quantised has
    // bytes of -128, too.
    const std::size_t source_words = q8_lines(columns) * 16;
    auto& source = bench.reg(va);
    const std::uint32_t kind = random.below(3);
    for (std::size_t e = 0; e < source_words; ++e) {
      source[e] = kind == 0 ? 0x80808080u : kind == 1 ? 0x7F7F7F7Fu : random.bits();
    }
    const std::size_t stride = q8_lines(columns) * 64;
    const std::size_t groups = (rows + 4) / 5;
    std::vector<std::uint8_t> bytes(groups * stride);
    const std::uint32_t weights = random.below(3);
    for (auto& byte : bytes) {
      byte = weights == 0 ? 0 : weights == 1 ? 255 : static_cast<std::uint8_t>(random.bits());
    }

    auto want = bench.reg(vd);
    std::fill_n(want.begin(), fix_lines(rows) * 16, 0u);
    const std::uint32_t multiplier = n::matmul_multiplier(scale, n::unpack_scale(immediate));
    for (std::size_t g = 0; g < groups; ++g) {
      std::int32_t acc[5] = {};
      for (std::uint32_t c = 0; c < columns; ++c) {
        std::int8_t trits[5];
        n::unpack_trits(bytes[g * stride + c], trits);
        const auto q = static_cast<std::int8_t>(source[c / 4] >> (8 * (c % 4)));
        for (unsigned r = 0; r < 5; ++r) acc[r] += trits[r] * q;
      }
      for (std::size_t r = 5 * g; r < std::min<std::size_t>(rows, 5 * g + 5); ++r) {
        want[r] = static_cast<std::uint32_t>(n::matmul_output(acc[r - 5 * g], multiplier));
      }
    }

    const std::string where =
        fmt::format("seed {}, instruction {}: vd {} va {} rows {} columns {} imm {:#x} scale {:#x}",
                    seed, i, vd, va, rows, columns, immediate, scale);
    SCOPED_TRACE(where);
    const std::size_t beats = bytes.size() / (kBeatBits / 8);
    const bool fault = random.chance(5);
    const std::uint64_t address = (std::uint64_t{random.bits()} << 32 | random.bits()) & ~63ull;
    stream.expect(address, bytes, stalls,
                  fault ? std::int64_t{random.below(static_cast<std::uint32_t>(beats))} : -1);
    bench.dut().line_addr_i = address;
    bench.dut().scale_i = scale;
    // Without stalls a beat is taken in every cycle; the rest is start, pipeline and the last line.
    const auto limit =
        static_cast<unsigned>(stalls == 0 ? beats + 20 + Bench::kWordsPerLine : 50 * beats + 1000);
    ASSERT_NO_THROW(bench.run(instruction, limit));
    ASSERT_EQ(bench.last_error(), fault ? 1u : 0u);
    ASSERT_TRUE(stream.finished());
    for (std::uint32_t idle = random.below(4); idle > 0; --idle) bench.idle();
    expect_equal(bench.reg(vd), want, where);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(TernaryMatmul, Random512) { random_instructions<Vternary_matmul_512, 512, 8192>(1500); }
TEST(TernaryMatmul, Random128) { random_instructions<Vternary_matmul_128, 128, 1024>(1000); }
TEST(TernaryMatmul, Random64) { random_instructions<Vternary_matmul_64, 64, 512>(500); }

}  // namespace
}  // namespace sterna::test
