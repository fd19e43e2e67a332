// SPDX-License-Identifier: Apache-2.0
// The walker and stream of FFFIN and FFFOUT on their own: random trees, lanes that go anywhere in
// them, channels with latency, and a unit that takes beats as it likes. Each active lane must get
// its block and its record of each quad once, with what memory holds of it; lanes that want the
// same share it, and nothing else is read. What is kept is not read again, unless written since.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <verilated.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "Vfff_stream_c1.h"
#include "Vfff_stream_c2.h"
#include "Vfff_stream_c4.h"
#include "tests/rtl_units/fff_stream_program.h"
#include "tests/rtl_units/fff_stream_records.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna::test {
namespace {

template <typename Dut>
class Bench {
 public:
  Bench(const Build& build, std::uint64_t seed)
      : build_(build),
        random_(seed),
        under_way_(build.channels),
        asked_(build.channels),
        records_(build.channels, build.buses),
        popped_(2) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed % 0x7FFFFFFF) + 1);
    dut_ = std::make_unique<Dut>(&context_);
    dut_->start_i = 0;
    dut_->go_i = 0;
    dut_->keep_i = 0;
    dut_->store_i = 0;
    dut_->stop_i = 0;
    dut_->picks_valid_i = 0;
    dut_->blocks_i = 0;
    dut_->records_i = 0;
    dut_->loaded_i = 0;
    dut_->pop_i = 0;
    dut_->set_last_i = 0;
    dut_->set_end_i = 0;
    dut_->ar_ready_i = 0;
    dut_->r_valid_i = 0;
    dut_->rst_ni = 0;
    edge();
    edge();
    dut_->rst_ni = 1;
  }
  ~Bench() { dut_->final(); }

  std::uint64_t visits = 0, shared = 0, records = 0, joined = 0, abandoned = 0;
  unsigned side_by_side() const { return records_.side_by_side; }
  std::uint64_t kept_beats = 0, stored = 0;

  void run(const Knobs& knobs) {
    knobs_ = knobs;
    for (unsigned wait = 0; !dut_->idle_o; ++wait) {
      if (wait > 20000) throw std::runtime_error("never idle");
      cycle();
    }
    if (!knobs.keep) {
      ++now_written_;
      stores_.clear();
      error_percent_ = knobs.error_percent;
    }
    line_ = {};
    line_.end = true;
    make_program();
    dut_->go_i = 1;
    went_ = now_;
    dut_->keep_i = knobs.keep;
    cycle();
    hits_ = 0;  // a visit of the last program may have been counted until now
    dut_->go_i = 0;
    dut_->keep_i = random_.chance(50);
    may_start_ = true;
    const unsigned give_up = knobs.abandon ? random_.below(1500) : ~0u;
    unsigned waited = 0;
    for (unsigned i = 0; now_at_ < program_.size() && i < give_up; ++i) {
      const std::uint64_t before = progress_;
      cycle();
      waited = progress_ == before ? waited + 1 : 0;
      if (waited > 5000) throw std::runtime_error("nothing moves");
    }
    if (now_at_ == program_.size()) {
      for (unsigned i = 0; i < 60; ++i) cycle();
      check_asked();
    } else {
      ++abandoned;
    }
    started_ = program_.size();
    now_at_ = program_.size();
    begun_ = false;
    may_start_ = false;
    due_.clear();
    // What was popped before comes for a cycle more.
    dut_->stop_i = 1;
    ends_ = true;
    cycle();
    dut_->stop_i = 0;
    cycle();
    ends_ = false;
    reads_.clear();
    lines_due_.clear();
    popped_.clear();
    set_ = 0;
    word_ = 0;
    // A program must not read what it stores: which of the two it would get is not defined.
    stores_.insert(stores_.end(), coming_.begin(), coming_.end());
    coming_.clear();
  }

 private:
  // Beats that were not asked for have been, by an earlier program, and were kept.
  void check_asked() {
    std::uint64_t kept = 0, kept_of_first = 0;
    for (unsigned c = 0; c < build_.channels; ++c) {
      if (!std::ranges::includes(wanted_[c], asked_[c])) {
        throw std::runtime_error("asks for other beats than it should");
      }
      kept += wanted_[c].size() - asked_[c].size();
      if (c == 0) kept_of_first = kept;
    }
    if (kept != 0 && !knobs_.keep) throw std::runtime_error("keeps what the host has written");
    if ((kept_of_first != 0) != (hits_ != 0))
      throw std::runtime_error("counts other blocks than it keeps");
    kept_beats += kept;
  }

  unsigned written(unsigned channel, std::uint64_t address) const {
    return last_written(stores_, now_written_, channel, address);
  }

  template <typename List>
  auto& one_of(const List& list) {
    return list[random_.below(static_cast<std::uint32_t>(list.size()))];
  }

  // Somewhere around a tree of this program or of an earlier one.
  void store() {
    auto& d = *dut_;
    d.store_i = 0;
    std::memset(port_words(d.store_addr_i), 0xFF, sizeof(d.store_addr_i));
    // Often before the program's first trees are met.
    if (!stores_now_ || random_.below(now_ < went_ + 60 ? 40 : 400) != 0) return;
    const Walk& walk = random_.chance(50) ? program_.front() : one_of(one_of(pool_));
    const Store store = random_store(random_, build_, walk, ++stores_made_ << 16);
    d.store_i = static_cast<CData>(1u << store.channel);
    d.store_addr_i = store.address;
    d.store_lines_i = static_cast<IData>(store.lines);
    coming_.push_back(store);
    ++stored;
  }

  std::size_t beat_bytes() const { return build_.beat_bits / 8; }
  unsigned words_per_line() const { return 512 / build_.beat_bits; }
  unsigned sets() const { return build_.channels == 1 ? 3 : 4 / build_.channels; }

  void make_program() {
    const std::uint32_t all = (1u << build_.lanes) - 1;
    active_ = random_.chance(50) ? all : 1 + random_.below(all);
    dut_->active_i = static_cast<CData>(active_);
    stores_now_ = random_.chance(knobs_.stores);
    started_ = 0;
    now_at_ = 0;
    begun_ = false;
    pause_ = 0;
    for (auto& asked : asked_) asked.clear();
    wanted_.assign(build_.channels, {});
    if (knobs_.again && !pool_.empty()) {
      program_ = one_of(pool_);
      return;
    }
    program_ = random_trees(random_, build_);
    if (pool_.size() == kPool) pool_.pop_front();
    pool_.push_back(program_);
  }

  // ------------------------------------------------------------------------ what must come
  void begin() {
    const Walk& walk = program_[now_at_];
    begun_ = true;
    walked_ = false;
    if (!walk.record) {
      shape_ = walk.shape;
      quads_ = shape_.elements() / kTreeBlockLevels;
      x_.assign(quads_, std::vector<std::uint32_t>(build_.lanes));
      c_.assign(quads_, std::vector<std::uint32_t>(build_.lanes));
      picked_ = 0;
      picked_lanes_ = 0;
      reads_quad_ = 0;
      reads_left_ = active_;
      coming_blocks_.assign(quads_, {});
      for (std::uint32_t t = 0; t < shape_.trees; ++t) expect(t, active_);
    } else {
      lines_.clear();
      for (std::uint32_t q = 0; q < quads_; ++q) expect(q, active_);
      const std::uint32_t most = quads_ * static_cast<unsigned>(std::popcount(active_));
      few_ = most <= kJoined && walk.lines() <= kHeldBeats / (kJoined - 1) / words_per_line();
      joined += few_;
      records_.begin(lines_, few_);
      loaded_ = now_ + random_.below(20);
    }
  }

  // The blocks or records of a quad that those lanes want; in which order they come hangs on when
  // their decisions do.
  void expect(std::uint32_t quad, std::uint32_t lanes) {
    const Walk& walk = program_[now_at_];
    const std::uint32_t j = quad / shape_.trees, tree = quad % shape_.trees;
    for (std::uint32_t left = lanes; left != 0;) {
      const int lead = std::countr_zero(left);
      Visit visit{.quad = quad, .record = walk.record};
      for (unsigned l = 0; l < build_.lanes; ++l) {
        const bool same = x_[quad][l] == x_[quad][lead] &&
                          (!walk.record || c_[quad][l] >> 1 == c_[quad][lead] >> 1);
        if (same) visit.mask |= left & 1u << l;
      }
      left &= ~visit.mask;
      visit.block = shape_.block(j, tree, x_[quad][lead]);
      const PiecePlace first = walk.place(visit.block, c_[quad][lead] >> 1, build_.channels);
      visit.channel = static_cast<std::uint32_t>(first.channel);
      visit.address = walk.parts[first.channel] + first.line * 64;
      const std::uint64_t words = (walk.record ? walk.lines() : 1) * words_per_line();
      for (std::uint32_t w = 0; w < words; ++w) {
        const Line beat{visit.channel, visit.address + w * beat_bytes(), w, w + 1 == words, visit};
        if (walk.record) lines_.push_back(beat);
        wanted_[visit.channel].insert(beat.address);
      }
      for (std::uint32_t p = 0; !walk.record && p < kBlockGroups; ++p) {
        const PiecePlace place = piece_place(visit.block, p, walk.lines(), build_.channels);
        for (std::uint32_t w = 0; w < walk.lines() * words_per_line(); ++w) {
          wanted_[place.channel].insert(walk.parts[place.channel] + place.line * 64 +
                                        w * beat_bytes());
        }
      }
      if (!walk.record) coming_blocks_[quad].push_back(visit);
      ++visits;
      records += walk.record;
      shared += static_cast<unsigned>(std::popcount(visit.mask)) - 1;
    }
  }

  // ---------------------------------------------------------------------------- the lanes
  // Some ways through a block are taken often.
  std::uint32_t way() { return random_.chance(60) ? 5 * random_.below(3) : random_.below(16); }

  // A block's lanes; what the others decided stays on their wires.
  void pick() {
    auto& d = *dut_;
    std::uint32_t valid = 0;
    if (!due_.empty() && due_.front().cycle <= now_) {
      const Due due = due_.front();
      due_.pop_front();
      valid = due.mask;
      const std::uint32_t below = due.quad + shape_.trees;
      const std::uint32_t levels = shape_.block_levels(due.quad / shape_.trees);
      const bool together = random_.chance(60);
      const std::uint32_t common = way();
      for (unsigned l = 0; l < build_.lanes; ++l) {
        if ((due.mask >> l & 1) == 0) continue;
        // A first block's missing levels go left.
        const std::uint32_t c = (together && random_.chance(80) ? common : way()) >>
                                (kTreeBlockLevels - levels) << (kTreeBlockLevels - levels);
        c_[due.quad][l] = c;
        picks_ = (picks_ & ~(15u << 4 * l)) | c << 4 * l;
        if (below < quads_)
          x_[below][l] = x_[due.quad][l] << levels | c >> (kTreeBlockLevels - levels);
      }
      if (below < quads_) expect(below, due.mask);
      ++progress_;
      picked_lanes_ |= due.mask;
      if (picked_lanes_ == active_) {
        picked_lanes_ = 0;
        ++picked_;
      }
      if (picked_ == quads_) end_of_walk();
    }
    std::memcpy(&d.picks_valid_i, &valid, sizeof(d.picks_valid_i));
    std::memcpy(&d.picks_i, &picks_, sizeof(d.picks_i));
  }

  void end_of_walk() {
    ++now_at_;
    begun_ = false;
    pause_ = random_.between(2, 60);
  }

  // ----------------------------------------------------------------------------- the unit
  // What was popped in a cycle, of each channel and beat; 0: nothing.
  using Popped = std::vector<std::uint64_t>;

  void take() {
    auto& d = *dut_;
    d.pop_i = 0;
    d.set_end_i = 0;
    d.set_last_i = random_.chance(50);
    const unsigned step = (1u << build_.beats_per_step) - 1;
    d.pop_leaves_i = static_cast<CData>(random_.below(step + 1));
    Popped popped(build_.channels * build_.beats_per_step);
    const unsigned valid = d.open_o ? d.valid_o : 0u;
    const unsigned held = static_cast<unsigned>(std::popcount(valid));
    if (valid != (1u << held) - 1) throw std::runtime_error("valid_o has gaps");
    if (d.blocks_i && held != 0 && !random_.chance(knobs_.unit_stalls)) {
      // With one lane what is read is known before its line comes.
      if (reads_.empty() && build_.lanes == 1) lines_due_.push_back(reads_block(active_));
      if (reads_.empty()) throw std::runtime_error("a block too many");
      const Walk& walk = program_[now_at_];
      const Visit visit = reads_.front();
      const std::uint64_t words = walk.lines() * words_per_line();
      const unsigned count = static_cast<unsigned>(std::min<std::uint64_t>(held, words - word_));
      d.pop_leaves_i = static_cast<CData>(step << count & step);
      d.pop_i = 1;
      d.set_last_i = word_ + count == words;
      for (std::uint32_t p = set_ * build_.channels;
           p < std::min((set_ + 1) * build_.channels, kBlockGroups); ++p) {
        const PiecePlace place = piece_place(visit.block, p, walk.lines(), build_.channels);
        for (unsigned b = 0; b < count; ++b) {
          popped[place.channel * build_.beats_per_step + b] =
              walk.parts[place.channel] + place.line * 64 + (word_ + b) * beat_bytes();
        }
      }
      word_ += count;
      ++progress_;
      if (word_ == words) {
        word_ = 0;
        d.set_end_i = 1;
        const bool last = visit.last && set_ + 1 == sets();
        if (d.last_set_o != last) throw std::runtime_error("last_set_o is wrong");
        walked_ = last;
        if (++set_ == sets()) {
          set_ = 0;
          const std::uint64_t soon = due_.empty() ? now_ : due_.back().cycle + 3;
          due_.push_back(
              {std::max(soon, now_ + kDrain + random_.below(4)), visit.quad, visit.mask});
          reads_.pop_front();
        }
      }
    }
    popped_.push(std::move(popped));
  }

  // The next block is that of those lanes.
  Visit reads_block(std::uint32_t mask) {
    if (reads_quad_ == coming_blocks_.size()) throw std::runtime_error("a block too many");
    auto& coming = coming_blocks_[reads_quad_];
    const auto found = std::ranges::find(coming, mask, &Visit::mask);
    if (found == coming.end()) throw std::runtime_error("a block of other lanes");
    Visit visit = *found;
    coming.erase(found);
    reads_left_ &= ~mask;
    visit.push = reads_left_ == 0;
    visit.last = visit.push && reads_quad_ + 1 == quads_;
    if (visit.push) {
      ++reads_quad_;
      reads_left_ = active_;
    }
    reads_.push_back(visit);
    return visit;
  }

  bool fails(unsigned channel, std::uint64_t address) const {
    return word_at(channel, address, 77, now_written_) % 1000 < 10 * error_percent_;
  }

  void receive() {
    auto& d = *dut_;
    if (const Popped& due = popped_.oldest(); !due.empty()) {
      std::uint32_t error = 0, popped = 0;
      for (unsigned c = 0; c < build_.channels; ++c) {
        for (unsigned b = 0; b < build_.beats_per_step; ++b) {
          const std::size_t at = c * build_.beats_per_step + b;
          if (due[at] == 0) continue;
          popped |= 1u << b;
          error |= static_cast<std::uint32_t>(fails(c, due[at])) << b;
          compare(port_words(d.data_o) + at * beat_bytes() / 4, c, due[at]);
        }
      }
      if ((d.error_o & popped) != error) throw std::runtime_error("error_o is wrong");
    }
    if (ends_) return;
    bool fault = false;
    if (d.line_valid_o) {
      if (!begun_) throw std::runtime_error("a line too many");
      if (line_.end) {
        line_ = {};
        if (lines_due_.empty()) {
          line_.visit = reads_block(static_cast<std::uint32_t>(d.line_visit_o >> 13));
        } else {
          line_.visit = lines_due_.front();
          lines_due_.pop_front();
        }
        line_.channel = line_.visit.channel;
        line_.address = line_.visit.address;
      } else {
        ++line_.word;
        line_.address += beat_bytes();
      }
      line_.end = line_.word + 1 == words_per_line();
      const Line& line = line_;
      compare(port_words(d.line_data_o), line.channel, line.address);
      const std::uint64_t bits = std::uint64_t{line.visit.mask} << 13 | line.visit.quad << 5 |
                                 line.visit.channel << 3 | line.visit.push << 1 | line.visit.last;
      if (d.line_word_o != line.word || d.line_end_o != line.end || d.line_visit_o != bits) {
        throw std::runtime_error("a line of something else");
      }
      fault = fails(line.channel, line.address);
      ++progress_;
    }
    if (d.record_valid_o != 0) fault |= receive_records();
    if (d.records_end_o != (d.record_valid_o != 0 && records_.ended()))
      throw std::runtime_error("records_end_o is wrong");
    if (d.fault_o != fault) throw std::runtime_error("fault_o is wrong");
    if (d.records_end_o) end_of_walk();
  }

  bool receive_records() {
    auto& d = *dut_;
    if (!begun_ || !program_[now_at_].record) throw std::runtime_error("a record too many");
    std::vector<BusBeat> beats(build_.buses);
    for (unsigned b = 0; b < build_.buses; ++b) {
      const std::uint32_t bits = get_bits(d.record_o, 19 * b, 19);
      beats[b] = {.valid = (d.record_valid_o >> b & 1) != 0,
                  .last = bits >> 18 != 0,
                  .word = bits >> 8 & 0x3FF,
                  .quad = bits & 0xFF,
                  .mine = get_bits(d.record_mine_o, build_.lanes * b, build_.lanes)};
    }
    const std::vector<const Line*> lines = records_.receive(beats, now_);
    bool fault = false;
    for (unsigned b = 0; b < build_.buses; ++b) {
      if (lines[b] == nullptr) continue;
      compare(port_words(d.record_data_o) + b * beat_bytes() / 4, lines[b]->channel,
              lines[b]->address);
      fault |= fails(lines[b]->channel, lines[b]->address);
    }
    // They come three cycles after their pops.
    if (!few_ && now_ < loaded_ + 3) throw std::runtime_error("a record before its vector");
    ++progress_;
    return fault;
  }

  void compare(const std::uint32_t* data, unsigned channel, std::uint64_t address) const {
    for (unsigned w = 0; w < beat_bytes() / 4; ++w) {
      if (data[w] != word_at(channel, address, w, written(channel, address))) {
        throw std::runtime_error(fmt::format("channel {}: another beat", channel));
      }
    }
  }

  void cycle() {
    auto& d = *dut_;
    // Instructions come ahead of the unit; those that come with a program's end, or a cycle later,
    // are dropped.
    const bool starts = may_start_ && started_ < program_.size() && random_.chance(20);
    const bool dropped = ends_ && random_.chance(20);
    d.start_i = starts || dropped;
    if (starts || dropped) {
      const Walk& walk = program_[starts ? started_ : 0];
      const Instruction in = walk.instruction();
      std::memcpy(port_words(d.instr_i), in.words.data(), 16);
      std::memcpy(port_words(d.addr_i), walk.parts.data(), 8 * build_.channels);
    }
    // The memory's side.
    std::uint32_t ready = 0, valid = 0, error = 0;
    for (unsigned c = 0; c < build_.channels; ++c) {
      ready |= static_cast<std::uint32_t>(!random_.chance(knobs_.stalls)) << c;
      std::uint32_t* data = port_words(d.r_data_i) + c * beat_bytes() / 4;
      const bool comes = !under_way_[c].empty() && under_way_[c].front().cycle <= now_ &&
                         !random_.chance(knobs_.stalls);
      for (unsigned w = 0; w < beat_bytes() / 4; ++w) {
        const std::uint64_t address = comes ? under_way_[c].front().address : 0;
        data[w] = comes ? word_at(c, address, w, written(c, address)) : random_.bits();
      }
      if (!comes) continue;
      valid |= 1u << c;
      error |= static_cast<std::uint32_t>(fails(c, under_way_[c].front().address)) << c;
      under_way_[c].pop_front();
    }
    d.ar_ready_i = static_cast<CData>(ready);
    d.r_valid_i = static_cast<CData>(valid);
    d.r_error_i = static_cast<CData>(error);
    // The unit's: an instruction that has come, a while after the one before it.
    if (pause_ > 0) --pause_;
    if (!begun_ && now_at_ < started_ && pause_ == 0) begin();
    pick();
    store();
    d.blocks_i = begun_ && !program_[now_at_].record && !walked_;
    d.records_i = begun_ && program_[now_at_].record;
    d.loaded_i = now_ >= loaded_;
    d.clk_i = 0;
    d.eval();
    receive();
    take();
    d.eval();
    hits_ += d.visited_o && d.visited_hit_o;
    if (starts && d.ready_o) ++started_;
    bursts(ready);
    edge();
    ++now_;
  }

  void bursts(std::uint32_t ready) {
    auto& d = *dut_;
    for (unsigned c = 0; c < build_.channels; ++c) {
      if (((d.ar_valid_o & ready) >> c & 1) == 0) continue;
      std::uint64_t address =
          std::uint64_t{port_words(d.ar_addr_o)[2 * c + 1]} << 32 | port_words(d.ar_addr_o)[2 * c];
      const unsigned count = get_bits(d.ar_beats_o, 9 * c, 9);
      for (unsigned b = 0; b < count; ++b, address += beat_bytes()) {
        asked_[c].insert(address);
        under_way_[c].push_back(
            {address, now_ + knobs_.latency + random_.below(knobs_.jitter + 1)});
      }
    }
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
  Knobs knobs_;
  std::vector<Walk> program_;
  std::size_t started_ = 0, now_at_ = 0;  // instructions the stream has; the unit's
  std::deque<std::vector<Walk>> pool_;    // the last programs
  unsigned now_written_ = 0;              // by the host, so often
  unsigned error_percent_ = 0;
  std::vector<Store> stores_, coming_;  // since then; of the program
  unsigned stores_made_ = 0;
  std::uint64_t hits_ = 0;
  bool may_start_ = false, ends_ = false, stores_now_ = false;  // of the program
  bool begun_ = false, walked_ = false;  // the unit's instruction; its last block has been taken
  unsigned pause_ = 0;
  std::uint32_t active_ = 0;
  std::vector<std::deque<Beat>> under_way_;
  std::vector<std::multiset<std::uint64_t>> asked_, wanted_;  // addresses of beats
  // The last FFFIN: each quad's blocks and decisions, by lane.
  TreeShape shape_;
  std::uint32_t quads_ = 0, picked_ = 0;
  std::vector<std::vector<std::uint32_t>> x_, c_;
  std::vector<std::vector<Visit>> coming_blocks_;  // of each quad, not read yet
  std::uint32_t reads_quad_ = 0, reads_left_ = 0;  // of which blocks are read; lanes without one
  std::deque<Visit> reads_, lines_due_;            // the unit takes them; their lines are to come
  Line line_;                                      // the last beat of biases
  std::vector<Line> lines_;                        // of FFFOUT's records
  RecordCheck records_;
  bool few_ = false;
  std::uint64_t loaded_ = 0;  // from when on lanes have its vector
  std::deque<Due> due_;       // picks
  std::uint32_t picks_ = 0, picked_lanes_ = 0;
  std::uint32_t set_ = 0;
  std::uint64_t word_ = 0;
  Past<Popped> popped_;
  std::uint64_t now_ = 0, progress_ = 0, went_ = 0;  // went_: when the program started
};

template <typename Dut>
void random_walks(const Build& build, unsigned count) {
  const std::uint64_t seed = base_seed();
  Random random(seed);
  Bench<Dut> bench(build, seed);
  for (unsigned i = 0; i < count; ++i) {
    SCOPED_TRACE(fmt::format("seed {}, program {}", seed, i));
    ASSERT_NO_THROW(bench.run(random_knobs(random)));
  }
  EXPECT_GT(bench.visits, 20 * count);
  EXPECT_GT(bench.records, 5 * count);
  EXPECT_GT(bench.joined, count / 20);
  EXPECT_GT(bench.abandoned, count / 20);
  EXPECT_GT(bench.kept_beats, 4 * count);
  EXPECT_GT(bench.stored, count / 20);
  if (build.lanes > 1) {
    EXPECT_GT(bench.shared, bench.visits / 4);
    EXPECT_EQ(bench.side_by_side() > 10 * count, build.buses > 1);
  }
}

TEST(FffStream, OneChannel) { random_walks<Vfff_stream_c1>({512, 1, 1, 1, 1}, 1000); }
TEST(FffStream, TwoChannels) { random_walks<Vfff_stream_c2>({128, 2, 2, 3, 1}, 500); }
TEST(FffStream, FourChannels) { random_walks<Vfff_stream_c4>({256, 4, 2, 5, 4}, 500); }

}  // namespace
}  // namespace sterna::test
