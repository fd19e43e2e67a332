// SPDX-License-Identifier: Apache-2.0
// The Ternary MatMul unit and its lanes against numerics.h, behind a weight stream that stalls as
// it likes: builds of different channels, rates, lanes and widths.
#include "Vternary_matmul_c1r1.h"
#include "Vternary_matmul_c2r2.h"
#include "Vternary_matmul_c4r1.h"
#include "Vternary_matmul_c4r2.h"
#include "Vternary_matmul_q4r2.h"
#include "isa/numerics.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna::test {
namespace {

namespace n = numerics;

// What a build was made with (CMakeLists.txt).
struct Build {
  unsigned beat_bits, vec_len, channels, beats_per_step, lanes, lane_stages;
  unsigned data_stages = 0;  // from a pop to its beats, besides two

  std::size_t beat_bytes() const { return beat_bits / 8; }
  std::size_t word_elems() const { return beat_bits / 32; }
  // Of a dot product: a tree's, or that of quad_dot's chains.
  unsigned dot_cycles() const { return lanes > 2 ? std::min(beat_bits / 16, 8u) + 2 : 4; }
  std::size_t row_words(std::uint32_t columns) const {
    return q8_lines(columns) * (512 / beat_bits);
  }
  std::size_t group_sets(std::uint32_t rows) const {
    return (rows + 5 * channels - 1) / (5 * channels);
  }
};

struct Product {
  std::uint32_t rows = 0, columns = 0, immediate = 0;
  unsigned stalls = 0;                             // percent of the cycles in which no beat comes
  std::int64_t error_beat = -1;                    // of some channel; < 0: none
  std::vector<std::vector<std::uint8_t>> weights;  // by channel
};

struct Lane {
  bool active = false;
  std::uint32_t scale = 0;
  std::vector<std::uint32_t> va, vd;  // whole registers
};

template <typename Dut>
class Bench {
 public:
  Bench(const Build& build, std::uint64_t seed)
      : lanes(build.lanes), build_(build), random_(seed), popped_(2 + build.data_stages) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed % 0x7FFFFFFF) + 1);
    dut_ = std::make_unique<Dut>(&context_);
    for (Lane& lane : lanes) {
      lane.va.resize(build.vec_len);
      lane.vd.resize(build.vec_len);
    }
    dut_->start_i = 0;
    dut_->valid_i = 0;
    dut_->rst_ni = 0;
    edge();
    edge();
    dut_->rst_ni = 1;
  }
  ~Bench() { dut_->final(); }

  std::vector<Lane> lanes;

  // Runs one product; gives the cycles from start_i to done_o, both included.
  unsigned run(const Product& product, unsigned limit) {
    Instruction instruction;
    instruction.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kTmatmul));
    instruction.set(Field::kLen, product.columns);
    instruction.set(Field::kRows, product.rows);
    instruction.set(Field::kImm, product.immediate);
    std::memcpy(port_words(dut_->instr_i), instruction.words.data(), sizeof(instruction.words));
    std::uint64_t active = 0;
    for (std::size_t l = 0; l < lanes.size(); ++l) {
      active |= std::uint64_t{lanes[l].active} << l;
      port_words(dut_->scale_i)[l] = lanes[l].scale;
    }
    dut_->active_i = static_cast<CData>(active);
    position_ = 0;
    available_ = 0;
    dut_->start_i = 1;
    unsigned cycles = 0;
    for (bool done = false; !done;) {
      offer(product);
      done = cycle(product);
      dut_->start_i = 0;
      for (unsigned i = 0; i < 4; ++i) port_words(dut_->instr_i)[i] = 0xDEADBEEF;
      if (++cycles > limit) throw std::runtime_error(fmt::format("no done_o in {} cycles", limit));
    }
    if (position_ != beats(product)) throw std::runtime_error("left beats over");
    return cycles;
  }

  // A cycle in which nothing is asked of the unit.
  void idle() {
    available_ = 0;
    drive(Product{});
    cycle(Product{});
  }

  unsigned last_error() const { return last_error_; }
  bool saturated(std::size_t lane) const { return (dut_->saturated_o >> lane) & 1; }

 private:
  std::size_t beats(const Product& product) const {
    return product.weights.empty() ? 0 : product.weights[0].size() / build_.beat_bytes();
  }

  // A beat that was there stays; new ones come when the dice say so.
  void offer(const Product& product) {
    for (unsigned b = available_; b < build_.beats_per_step && position_ + b < beats(product);
         ++b) {
      if (random_.chance(product.stalls)) break;
      ++available_;
    }
    drive(product);
  }

  // The beats popped two cycles ago or more, and anything beside them.
  void drive(const Product& product) {
    dut_->valid_i = static_cast<CData>((1u << available_) - 1);
    unsigned error = random_.below(1u << build_.beats_per_step);
    const Popped popped = popped_.oldest();
    for (unsigned b = 0; b < build_.beats_per_step; ++b) {
      const bool due = b < popped.count;
      for (unsigned c = 0; c < build_.channels; ++c) {
        const std::size_t words = build_.beat_bytes() / 4;
        std::uint32_t* at = port_words(dut_->data_i) + words * (c * build_.beats_per_step + b);
        for (std::size_t i = 0; i < words; ++i) at[i] = random_.bits();
        if (!due) continue;
        std::memcpy(at, product.weights[c].data() + (popped.first + b) * build_.beat_bytes(),
                    build_.beat_bytes());
      }
      if (!due) continue;
      const bool fails = static_cast<std::int64_t>(popped.first + b) == product.error_beat;
      error = (error & ~(1u << b)) | static_cast<unsigned>(fails) << b;
    }
    dut_->error_i = static_cast<CData>(error);
  }

  bool cycle(const Product& product) {
    dut_->clk_i = 0;
    dut_->eval();
    const bool done = dut_->done_o;
    if (done) last_error_ = dut_->error_o;
    const unsigned taken =
        dut_->pop_o ? static_cast<unsigned>(std::popcount(dut_->pop_beats_o)) : 0;
    if (taken != 0 && dut_->pop_beats_o != (1u << taken) - 1)
      throw std::runtime_error("pops a beat before the first");
    if (taken > available_) throw std::runtime_error("takes what is not there");
    if (dut_->beats_o != taken * build_.channels) throw std::runtime_error("beats_o is wrong");
    if (dut_->wait_dram_o && (taken != 0 || available_ == build_.beats_per_step)) {
      throw std::runtime_error("wait_dram_o without a reason");
    }
    const std::size_t words = build_.word_elems();
    const std::size_t address_bits = std::bit_width(build_.vec_len / words - 1);
    std::vector<std::int64_t> read(lanes.size(), -1);
    for (std::size_t l = 0; l < lanes.size(); ++l) {
      const bool reads = (dut_->rd_en_o >> l) & 1, writes = (dut_->wr_en_o >> l) & 1;
      if ((reads || writes) && !lanes[l].active) throw std::runtime_error("an idle lane works");
      if (reads) {
        read[l] = get_bits(dut_->rd_addr_o, l * address_bits, address_bits);
        if (static_cast<std::size_t>(read[l]) >= build_.row_words(product.columns)) {
          throw std::runtime_error("reads beyond the vector");
        }
      }
      if (writes) {
        std::copy_n(
            port_words(dut_->wr_data_o) + l * words, words,
            lanes[l].vd.data() + words * get_bits(dut_->wr_addr_o, l * address_bits, address_bits));
      }
    }
    edge();
    popped_.push({position_, taken});
    position_ += taken;
    available_ -= taken;
    for (std::size_t l = 0; l < lanes.size(); ++l) {
      if (read[l] < 0) continue;
      std::copy_n(lanes[l].va.data() + static_cast<std::size_t>(read[l]) * words, words,
                  port_words(dut_->rd_data_i) + l * words);
    }
    return done;
  }

  void edge() {
    dut_->clk_i = 1;
    dut_->eval();
    dut_->clk_i = 0;
    dut_->eval();
  }

  Build build_;
  Random random_;
  VerilatedContext context_;
  std::unique_ptr<Dut> dut_;
  struct Popped {
    std::size_t first = 0;
    unsigned count = 0;
  };

  std::size_t position_ = 0;  // beats that every channel has given
  Past<Popped> popped_;
  unsigned available_ = 0;
  unsigned last_error_ = 0;
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

// Weights of row group g lie in channel g mod channels; groups beyond the matrix hold anything.
std::vector<std::vector<std::uint8_t>> pick_weights(Random& random, const Build& build,
                                                    const Product& product) {
  std::vector<std::vector<std::uint8_t>> weights(build.channels);
  const std::uint32_t kind = random.below(3);
  for (auto& part : weights) {
    part.resize(build.group_sets(product.rows) * q8_lines(product.columns) * 64);
    for (auto& byte : part) {
      byte = kind == 0 ? 0 : kind == 1 ? 255 : static_cast<std::uint8_t>(random.bits());
    }
  }
  return weights;
}

struct Expected {
  std::vector<std::uint32_t> vd;
  bool factor_clamped = false, element_clamped = false;
};

Expected expected(const Build& build, const Product& product, const Lane& lane) {
  Expected result{.vd = lane.vd};
  if (!lane.active) return result;
  auto& want = result.vd;
  std::fill_n(want.begin(), fix_lines(product.rows) * 16, 0u);
  const std::uint32_t multiplier =
      n::matmul_multiplier(lane.scale, n::unpack_scale(product.immediate), &result.factor_clamped);
  const std::size_t stride = q8_lines(product.columns) * 64;
  for (std::size_t g = 0; 5 * g < product.rows; ++g) {
    const std::uint8_t* group =
        product.weights[g % build.channels].data() + g / build.channels * stride;
    std::int32_t acc[5] = {};
    for (std::uint32_t c = 0; c < product.columns; ++c) {
      std::int8_t trits[5];
      n::unpack_trits(group[c], trits);
      const auto q = static_cast<std::int8_t>(lane.va[c / 4] >> (8 * (c % 4)));
      for (unsigned r = 0; r < 5; ++r) acc[r] += trits[r] * q;
    }
    for (std::size_t r = 5 * g; r < std::min<std::size_t>(product.rows, 5 * g + 5); ++r) {
      want[r] = static_cast<std::uint32_t>(
          n::matmul_output(acc[r - 5 * g], multiplier, &result.element_clamped));
    }
  }
  return result;
}

// Without stalls: loading activations at a word a cycle, then BeatsPerStep beats a cycle, and no
// group set faster than its rows can leave. The rest is start, pipeline and the last line.
unsigned cycles_at_most(const Build& build, const Product& product) {
  const std::size_t words = build.row_words(product.columns);
  const std::size_t leaving = build.channels * ((5 + build.word_elems() - 1) / build.word_elems());
  const std::size_t set =
      std::max((words + build.beats_per_step - 1) / build.beats_per_step, leaving);
  return static_cast<unsigned>(std::max(words, set) + (build.group_sets(product.rows) - 1) * set +
                               leaving + 14 + build.dot_cycles() + 512 / build.beat_bits +
                               2 * build.lane_stages + build.data_stages);
}

template <typename Dut>
void random_products(const Build& build, unsigned count) {
  const std::uint64_t seed = base_seed();
  Random random(seed);
  Bench<Dut> bench(build, seed);
  unsigned elements_alone = 0;  // products of a lane in which they clamped, and the factor did not
  for (unsigned i = 0; i < count; ++i) {
    Product product;
    const auto [rows, columns] = pick_shape(random, std::min(build.vec_len, 2048u));
    const bool usual = random.chance(60);  // outputs of a usual size, else anything
    const std::uint32_t exponent = random.between(usual ? 21 : kMinScaleExponent, usual ? 38 : 63);
    product.rows = rows;
    product.columns = columns;
    product.immediate = n::pack_scale({random.below(1 << 24), exponent});
    product.stalls = random.chance(40) ? 0 : random.below(90);
    product.weights = pick_weights(random, build, product);
    const std::size_t beats = product.weights[0].size() / build.beat_bytes();
    const bool fault = random.chance(5);
    if (fault) product.error_beat = random.below(static_cast<std::uint32_t>(beats));

    // Activations with garbage in the padding; a source that was never quantised has bytes of -128,
    // too.
    const std::uint32_t someone = random.below(build.lanes);
    std::vector<Expected> want;
    for (std::size_t l = 0; l < bench.lanes.size(); ++l) {
      Lane& lane = bench.lanes[l];
      lane.active = l == someone || random.chance(60);
      lane.scale = usual ? static_cast<std::uint32_t>(random.sized()) >> 8 : random.bits();
      const std::uint32_t kind = random.below(3);
      for (std::size_t e = 0; e < q8_lines(columns) * 16; ++e) {
        lane.va[e] = kind == 0 ? 0x80808080u : kind == 1 ? 0x7F7F7F7Fu : random.bits();
      }
      want.push_back(expected(build, product, lane));
    }

    const std::string where = fmt::format("seed {}, product {}: rows {} columns {} imm {:#x}", seed,
                                          i, rows, columns, product.immediate);
    SCOPED_TRACE(where);
    const auto limit = product.stalls == 0 ? cycles_at_most(build, product)
                                           : static_cast<unsigned>(50 * beats + 1000);
    ASSERT_NO_THROW(bench.run(product, limit));
    ASSERT_EQ(bench.last_error(), fault ? 1u : 0u);
    for (std::uint32_t idle = random.below(4); idle > 0; --idle) bench.idle();
    for (std::size_t l = 0; l < bench.lanes.size(); ++l) {
      expect_equal(bench.lanes[l].vd, want[l].vd, fmt::format("{}, lane {}", where, l));
      if (!bench.lanes[l].active) continue;
      const auto& [vd, factor_clamped, element_clamped] = want[l];
      ASSERT_EQ(bench.saturated(l), factor_clamped || element_clamped) << "lane " << l;
      elements_alone += !factor_clamped && element_clamped;
    }
    if (::testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(elements_alone, 0u) << "no product says whether clamped elements alone are counted";
}

constexpr Build kC1R1{.beat_bits = 128,
                      .vec_len = 1024,
                      .channels = 1,
                      .beats_per_step = 1,
                      .lanes = 1,
                      .lane_stages = 0};
constexpr Build kC2R2{.beat_bits = 64,
                      .vec_len = 512,
                      .channels = 2,
                      .beats_per_step = 2,
                      .lanes = 3,
                      .lane_stages = 2};
constexpr Build kC4R1{.beat_bits = 256,
                      .vec_len = 1024,
                      .channels = 4,
                      .beats_per_step = 1,
                      .lanes = 1,
                      .lane_stages = 0};
constexpr Build kC4R2{.beat_bits = 512,
                      .vec_len = 8192,
                      .channels = 4,
                      .beats_per_step = 2,
                      .lanes = 2,
                      .lane_stages = 1,
                      .data_stages = 4};

// Five lanes: four that share their dot products, and one that has them alone.
constexpr Build kQ4R2{.beat_bits = 512,
                      .vec_len = 2048,
                      .channels = 4,
                      .beats_per_step = 2,
                      .lanes = 5,
                      .lane_stages = 1};

TEST(TernaryMatmul, OneChannel) { random_products<Vternary_matmul_c1r1>(kC1R1, 1000); }
TEST(TernaryMatmul, TwoNarrowChannels) { random_products<Vternary_matmul_c2r2>(kC2R2, 700); }
TEST(TernaryMatmul, FourChannelsOneBeat) { random_products<Vternary_matmul_c4r1>(kC4R1, 700); }
TEST(TernaryMatmul, FourChannelsTwoBeats) { random_products<Vternary_matmul_c4r2>(kC4R2, 700); }
TEST(TernaryMatmul, FourChannelsManyLanes) { random_products<Vternary_matmul_q4r2>(kQ4R2, 300); }

// The released models' shapes: what a product costs beside its beats when the FIFO is full.
TEST(TernaryMatmul, CyclesOfTheModelsShapes) {
  Bench<Vternary_matmul_c4r2> bench(kC4R2, 1);
  Random random(1);
  bench.lanes[0].active = true;
  for (const Shape shape :
       {Shape{1024, 1024}, {2816, 1024}, {1024, 2816}, {2048, 2048}, {2560, 6912}}) {
    Product product{.rows = shape.rows,
                    .columns = shape.columns,
                    .immediate = n::pack_scale({0, 20}),
                    .weights = {}};
    product.weights = pick_weights(random, kC4R2, product);
    const std::size_t beats = product.weights[0].size() / kC4R2.beat_bytes();
    const unsigned cycles = bench.run(product, cycles_at_most(kC4R2, product));
    fmt::print("{} x {}: {} beats a channel, {} cycles\n", shape.rows, shape.columns, beats,
               cycles);
    EXPECT_LT(2 * cycles, beats + beats / 10 + 130);
  }
}

}  // namespace
}  // namespace sterna::test
