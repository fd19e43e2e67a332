// SPDX-License-Identifier: Apache-2.0
// The lanes' side of FFFIN and FFFOUT against numerics.h, and TMATMUL between them: what the lanes
// share is played from a score, cycle by cycle, with gaps, blocks and records of some lanes only,
// and anything on the wires that are not valid.
#include <map>

#include "Vfff_lane_c1r2.h"
#include "Vfff_lane_c2r1.h"
#include "Vfff_lane_c4r1.h"
#include "Vfff_lane_c4r2.h"
#include "tests/rtl_units/fff_lane_score.h"

namespace sterna::test {
namespace {

template <typename Port>
void set_bits(Port& port, std::size_t lsb, std::size_t bits, std::uint32_t value) {
  std::uint8_t* bytes = reinterpret_cast<std::uint8_t*>(port_words(port));
  for (std::size_t i = 0; i < bits; ++i) {
    const std::size_t at = lsb + i;
    bytes[at / 8] =
        static_cast<std::uint8_t>((bytes[at / 8] & ~(1u << at % 8)) | (value >> i & 1) << at % 8);
  }
}

template <typename Dut>
class Bench {
 public:
  Bench(const Build& build, std::uint64_t seed) : lanes(build.lanes), build_(build), random_(seed) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed % 0x7FFFFFFF) + 1);
    dut_ = std::make_unique<Dut>(&context_);
    for (Lane& lane : lanes) {
      lane.va.resize(build.vec_len);
      lane.vd.resize(build.vec_len);
    }
    dut_->rst_ni = 0;
    drive(Beat{}, false);
    edge();
    edge();
    dut_->rst_ni = 1;
  }
  ~Bench() { dut_->final(); }

  std::vector<Lane> lanes;

  // Plays a command's score; gives the cycle of its last write.
  std::size_t run(const Command& command, std::size_t limit) {
    std::uint64_t active = 0;
    for (std::size_t l = 0; l < lanes.size(); ++l) {
      active |= std::uint64_t{lanes[l].active} << l;
      port_words(dut_->scale_i)[l] = lanes[l].scale;
    }
    dut_->active_i = static_cast<CData>(active);
    picks_.clear();
    mode_ = command.mode;
    over_ = 0;
    std::size_t done = 0;
    for (std::size_t now = 0; done == 0 || now <= command.score.rbegin()->first; ++now) {
      if (now > limit) throw std::runtime_error(fmt::format("no done_o in {} cycles", limit));
      const auto found = command.score.find(now);
      const Beat beat = found == command.score.end() ? Beat{} : found->second;
      drive(beat, now == 0);
      if (now == 0) {
        dut_->mode_i = static_cast<CData>(command.mode);
        dut_->imm_i = command.immediate;
        dut_->rows_i = static_cast<SData>(command.elements);
      }
      if (beat.block) picks_[now + 2] = {beat.mine & static_cast<unsigned>(active), beat.picks};
      if (cycle(now)) {
        if (now < command.last || done != 0) throw std::runtime_error("done_o at another time");
        done = now;
      }
    }
    return done;
  }

  void idle() {
    drive(Beat{}, false);
    picks_.clear();
    cycle(0);
  }

  bool saturated(std::size_t lane) const { return (dut_->saturated_o >> lane) & 1; }

 private:
  // Anything on the wires that say nothing.
  void drive(const Beat& beat, bool start) {
    const auto fill = [this](auto& port, std::size_t words) {
      for (std::size_t i = 0; i < words; ++i) port_words(port)[i] = random_.bits();
    };
    const auto put = [](auto& port, std::size_t lsb, const auto& bytes) {
      std::copy(bytes.begin(), bytes.end(),
                reinterpret_cast<std::uint8_t*>(port_words(port)) + lsb / 8);
    };
    dut_->start_i = start;
    dut_->mode_i = static_cast<CData>(random_.below(3));
    dut_->imm_i = random_.bits();
    dut_->rows_i = static_cast<SData>(random_.bits());
    dut_->load_i = beat.load;
    dut_->load_word_i = static_cast<SData>(beat.load ? beat.load_word : random_.below(1024));
    dut_->load_keep_i = beat.load ? beat.load_keep : 0;
    dut_->step_i = beat.step;
    dut_->step_word_i = static_cast<SData>(beat.step_word);
    dut_->step_one_i = beat.step_one;
    dut_->first_i = beat.first;
    dut_->last_i = beat.last;
    dut_->turn_i = static_cast<CData>(beat.last ? beat.turn : random_.below(4));
    fill(dut_->weights_i, build_.channels * build_.beats_per_step * build_.word_elems());
    put(dut_->weights_i, 0, beat.weights);

    dut_->group_valid_i = static_cast<CData>(beat.groups);
    fill(dut_->bias_i, kBlockNodes);
    for (unsigned g = 0; g < kBlockGroups; ++g) {
      if ((beat.groups >> g & 1) == 0) continue;
      for (std::size_t r = 0; r < 5; ++r)
        port_words(dut_->bias_i)[5 * (g % build_.at_once()) + r] =
            static_cast<std::uint32_t>(beat.bias[5 * g + r]);
    }
    dut_->block_i = beat.block;
    dut_->mine_i = static_cast<CData>(beat.block ? beat.mine : random_.below(1u << build_.lanes));

    fill(dut_->record_data_i, build_.buses() * build_.word_elems());
    unsigned valid = 0;
    std::uint64_t mine = 0;
    for (unsigned b = 0; b < build_.buses(); ++b) {
      RecordBeat record{.valid = false,
                        .last = random_.chance(50),
                        .word = random_.below(1024),
                        .quad = random_.below(256),
                        .mine = random_.below(1u << build_.lanes),
                        .data = {}};
      if (!beat.records.empty() && beat.records[b].valid) record = beat.records[b];
      valid |= unsigned{record.valid} << b;
      mine |= std::uint64_t{record.mine} << build_.lanes * b;
      set_bits(dut_->record_i, 19ull * b, 19, record.last << 18 | record.word << 8 | record.quad);
      put(dut_->record_data_i, b * build_.beat_bits, record.data);
    }
    dut_->record_valid_i = static_cast<CData>(valid);
    set_bits(dut_->record_mine_i, 0, build_.lanes * build_.buses(),
             static_cast<std::uint32_t>(mine));
  }

  // True when the active lanes are done, which they are in the same cycle.
  bool cycle(std::size_t now) {
    dut_->clk_i = 0;
    dut_->eval();
    const unsigned active = dut_->active_i;
    const auto together = [active](unsigned bits, const char* what) {
      if (bits != 0 && bits != active)
        throw std::runtime_error(fmt::format("{} of some lanes", what));
      return bits != 0;
    };
    // FFFIN's lanes write and are done each with its own blocks.
    if (mode_ != Mode::kFffin) {
      together(dut_->done_o, "done_o");
      together(dut_->wr_en_o, "wr_en_o");
    }
    if ((over_ & dut_->done_o) != 0) throw std::runtime_error("a lane that is done twice");
    over_ |= dut_->done_o;
    const bool done = over_ == active;
    if (done) over_ = 0;
    const bool reads = together(dut_->rd_en_o, "rd_en_o");
    const unsigned writes = dut_->wr_en_o;
    if ((dut_->done_o & ~writes) != 0) throw std::runtime_error("done_o without a write");
    const auto pick = picks_.find(now);
    if ((dut_->pick_valid_o & active) != (pick == picks_.end() ? 0 : pick->second.first))
      throw std::runtime_error("a pick at another time");

    const std::size_t words = build_.word_elems();
    const std::size_t address_bits = std::bit_width(build_.vec_len / words - 1);
    std::vector<std::int64_t> read(lanes.size(), -1);
    for (std::size_t l = 0; l < lanes.size(); ++l) {
      if (!lanes[l].active) continue;
      if (reads) read[l] = get_bits(dut_->rd_addr_o, l * address_bits, address_bits);
      if ((writes >> l & 1) != 0) {
        std::copy_n(
            port_words(dut_->wr_data_o) + l * words, words,
            lanes[l].vd.data() + words * get_bits(dut_->wr_addr_o, l * address_bits, address_bits));
      }
      // It stays until the lane's next one.
      if (pick != picks_.end() && (pick->second.first >> l & 1) != 0)
        held_[l] = pick->second.second[l];
      if (held_.contains(l) && get_bits(dut_->pick_o, 4 * l, 4) != held_[l]) {
        throw std::runtime_error(fmt::format("lane {} picks {:04b}, not {:04b}", l,
                                             get_bits(dut_->pick_o, 4 * l, 4), held_[l]));
      }
    }
    edge();
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
  std::map<std::size_t, std::pair<unsigned, std::vector<unsigned>>> picks_;
  Mode mode_ = Mode::kTmatmul;
  unsigned over_ = 0;                     // lanes that are done
  std::map<std::size_t, unsigned> held_;  // their last picks
};

template <typename Dut>
void random_commands(const Build& build, unsigned count) {
  const std::uint64_t seed = base_seed();
  Random random(seed);
  Bench<Dut> bench(build, seed);
  Player player(build, bench.lanes, seed);
  for (unsigned i = 0; i < count; ++i) {
    Command command = player.command();
    const std::uint32_t most = std::min(build.vec_len / 4, 256u);
    const std::uint32_t quads =
        random.chance(5) ? most : random.between(1, random.chance(70) ? 8 : 40);
    switch (random.below(5)) {
      case 0:
        player.tmatmul(command);
        break;
      case 1:
      case 2:
        player.fffin(command, quads);
        break;
      default:
        player.fffout(command, quads);
    }
    const std::string where = fmt::format("seed {}, command {}: mode {} elements {}", seed, i,
                                          static_cast<int>(command.mode), command.elements);
    SCOPED_TRACE(where);
    std::size_t done = 0;
    ASSERT_NO_THROW(done = bench.run(command, command.last + 300));
    const std::size_t words = fix_lines(command.elements) * build.line_words();
    if (command.mode == Mode::kFffout) {
      EXPECT_EQ(done, command.last + 10 + (words - 1) % kBeatWords);
    } else if (command.mode == Mode::kFffin) {
      EXPECT_LE(done, command.last + 5 + build.line_words());
    }
    for (std::uint32_t idle = random.below(3); idle > 0; --idle) bench.idle();
    for (std::size_t l = 0; l < bench.lanes.size(); ++l) {
      const Lane& lane = bench.lanes[l];
      expect_equal(lane.vd, lane.want, fmt::format("{}, lane {}", where, l));
      if (lane.active) {
        ASSERT_EQ(bench.saturated(l), lane.saturated) << "lane " << l;
      }
    }
    if (::testing::Test::HasFatalFailure()) return;
  }
  for (unsigned way = 0; way < 16; ++way) EXPECT_GT(player.ways[way], 0u) << "nobody went " << way;
  EXPECT_GT(player.ties, 0u);
  EXPECT_GT(player.clamped_alone, 0u) << "nothing says whether clamped elements alone are counted";
}

constexpr Build kC1R2{
    .beat_bits = 512, .vec_len = 2048, .channels = 1, .beats_per_step = 2, .lanes = 2};
constexpr Build kC2R1{
    .beat_bits = 128, .vec_len = 1024, .channels = 2, .beats_per_step = 1, .lanes = 3};
constexpr Build kC4R1{
    .beat_bits = 256, .vec_len = 512, .channels = 4, .beats_per_step = 1, .lanes = 4};
constexpr Build kC4R2{
    .beat_bits = 512, .vec_len = 512, .channels = 4, .beats_per_step = 2, .lanes = 4};

TEST(FffLane, OneChannel) { random_commands<Vfff_lane_c1r2>(kC1R2, 300); }
TEST(FffLane, TwoNarrowChannels) { random_commands<Vfff_lane_c2r1>(kC2R1, 300); }
TEST(FffLane, FourNarrowChannels) { random_commands<Vfff_lane_c4r1>(kC4R1, 300); }
TEST(FffLane, FourChannels) { random_commands<Vfff_lane_c4r2>(kC4R2, 300); }

}  // namespace
}  // namespace sterna::test
