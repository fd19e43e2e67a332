// SPDX-License-Identifier: Apache-2.0
// The lanes' side of FFFIN and FFFOUT against numerics.h, and TMATMUL between them: what the lanes
// share is played from a score, cycle by cycle, with gaps, blocks and records of some lanes only,
// and anything on the wires that are not valid.
#include <map>

#include "Vfff_lane_c1r2.h"
#include "Vfff_lane_c2r1.h"
#include "Vfff_lane_c4r2.h"
#include "isa/numerics.h"
#include "isa/trees.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna::test {
namespace {

namespace n = numerics;

constexpr std::size_t kBeatWords = 4;  // register words of the outputs of a record's beat

// What a build was made with (CMakeLists.txt).
struct Build {
  unsigned beat_bits, vec_len, channels, beats_per_step, lanes;

  std::size_t beat_bytes() const { return beat_bits / 8; }
  std::size_t word_elems() const { return beat_bits / 32; }
  std::size_t line_words() const { return 512 / beat_bits; }
  // Of a dot product: a tree's, or that of quad_dot's chains.
  unsigned dot_cycles() const { return lanes > 2 ? std::min(beat_bits / 16, 8u) + 2 : 4; }
  std::size_t group_cycles() const { return (5 + word_elems() - 1) / word_elems(); }
};

enum class Mode : std::uint8_t { kTmatmul, kFffin, kFffout };  // sterna_ternary_pkg's

// What is on the lanes' common wires in one cycle.
struct Beat {
  bool load = false, step = false, first = false, last = false;
  unsigned load_word = 0, step_word = 0;
  std::uint64_t load_keep = 0;
  std::vector<std::uint8_t> weights;

  bool group_valid = false, block = false, push = false;
  unsigned group = 0;
  std::array<std::int32_t, 5> bias{};

  bool record = false, record_first = false, record_last = false;
  unsigned record_word = 0, record_quad = 0;
  std::vector<std::uint8_t> record_data;

  unsigned mine = 0;            // a bit a lane, with block or record
  std::vector<unsigned> picks;  // of each lane, that come three cycles after this one
};

struct Command {
  Mode mode = Mode::kTmatmul;
  std::uint32_t elements = 0;  // of the result
  std::uint32_t immediate = 0;
  std::map<std::size_t, Beat> score;  // by cycle, the start being 0
  std::size_t last = 0;               // the cycle of the last push, or of the last beat with a row
};

struct Lane {
  bool active = false;
  std::uint32_t scale = 0;
  std::vector<std::uint32_t> va, vd;  // whole registers
  std::vector<std::uint32_t> want;    // vd
  bool saturated = false;

  std::int8_t q(std::size_t element) const {
    return static_cast<std::int8_t>(va[element / 4] >> (8 * (element % 4)));
  }
};

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
      if (!beat.picks.empty()) picks_[now + 3] = beat.picks;
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
    dut_->first_i = beat.first;
    dut_->last_i = beat.last;
    fill(dut_->weights_i, build_.channels * build_.beats_per_step * build_.word_elems());
    put(dut_->weights_i, 0, beat.weights);

    dut_->group_valid_i = beat.group_valid;
    dut_->group_i = static_cast<CData>(beat.group_valid ? beat.group : random_.below(4));
    fill(dut_->bias_i, 5);
    if (beat.group_valid) {
      for (std::size_t r = 0; r < 5; ++r)
        port_words(dut_->bias_i)[r] = static_cast<std::uint32_t>(beat.bias[r]);
    }
    dut_->block_i = beat.block;
    dut_->push_i = beat.block ? beat.push : random_.chance(50);
    dut_->record_i = beat.record;
    dut_->record_first_i = beat.record ? beat.record_first : random_.chance(50);
    dut_->record_last_i = beat.record ? beat.record_last : random_.chance(50);
    dut_->record_word_i = static_cast<SData>(beat.record ? beat.record_word : random_.below(1024));
    dut_->record_quad_i = static_cast<CData>(beat.record ? beat.record_quad : random_.below(256));
    fill(dut_->record_data_i, build_.word_elems());
    put(dut_->record_data_i, 0, beat.record_data);
    dut_->mine_i = static_cast<CData>(
        beat.block || beat.record ? beat.mine : random_.below(1u << build_.lanes));
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
    const bool done = together(dut_->done_o, "done_o");
    const bool reads = together(dut_->rd_en_o, "rd_en_o");
    const bool writes = together(dut_->wr_en_o, "wr_en_o");
    const bool picked = together(dut_->pick_valid_o, "pick_valid_o");
    if (done && !writes) throw std::runtime_error("done_o without a write");
    const auto pick = picks_.find(now);
    if (picked != (pick != picks_.end())) throw std::runtime_error("a pick at another time");

    const std::size_t words = build_.word_elems();
    const std::size_t address_bits = std::bit_width(build_.vec_len / words - 1);
    std::vector<std::int64_t> read(lanes.size(), -1);
    for (std::size_t l = 0; l < lanes.size(); ++l) {
      if (!lanes[l].active) continue;
      if (reads) read[l] = get_bits(dut_->rd_addr_o, l * address_bits, address_bits);
      if (writes) {
        std::copy_n(
            port_words(dut_->wr_data_o) + l * words, words,
            lanes[l].vd.data() + words * get_bits(dut_->wr_addr_o, l * address_bits, address_bits));
      }
      if (picked && get_bits(dut_->pick_o, 4 * l, 4) != pick->second[l]) {
        throw std::runtime_error(fmt::format("lane {} picks {:04b}, not {:04b}", l,
                                             get_bits(dut_->pick_o, 4 * l, 4), pick->second[l]));
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
  std::map<std::size_t, std::vector<unsigned>> picks_;
};

using Bytes = std::vector<std::uint8_t>;

// Writes scores of commands, and what comes of them, into the lanes.
class Player {
 public:
  Player(const Build& build, std::vector<Lane>& lanes, std::uint64_t seed)
      : build_(build), lanes_(lanes), random_(seed) {}

  unsigned ways[16] = {}, ties = 0, clamped_alone = 0;  // how often

  Command command() {
    Command command;
    const bool usual = random_.chance(60);  // outputs of a usual size, else anything
    command.immediate = n::pack_scale(
        {random_.below(1 << 24), random_.between(usual ? 21 : kMinScaleExponent, usual ? 38 : 63)});
    const std::uint32_t someone = random_.below(build_.lanes);
    factors_.clear();
    for (std::size_t l = 0; l < lanes_.size(); ++l) {
      Lane& lane = lanes_[l];
      lane.active = l == someone || random_.chance(60);
      lane.scale = usual ? static_cast<std::uint32_t>(random_.sized()) >> 8 : random_.bits();
      const std::uint32_t kind = random_.below(3);
      for (std::uint32_t& word : lane.va) {
        word = kind == 0 ? 0x80808080u : kind == 1 ? 0x7F7F7F7Fu : random_.bits();
      }
      lane.want = lane.vd;
      lane.saturated = false;
      factors_.push_back(n::matmul_multiplier(lane.scale, n::unpack_scale(command.immediate),
                                              lane.active ? &lane.saturated : nullptr));
    }
    gaps_ = random_.chance(50) ? 0 : random_.below(60);
    now_ = 1 + random_.below(3);
    next_end_ = 0;
    return command;
  }

  void tmatmul(Command& command) {
    command.mode = Mode::kTmatmul;
    const std::uint32_t rows = random_.between(1, 100), columns = pick_columns();
    result(command, rows);
    load(command, columns);
    const std::size_t sets = (rows + 5 * build_.channels - 1) / (5 * build_.channels);
    for (std::size_t s = 0; s < sets; ++s) {
      std::vector<Bytes> groups(build_.channels);
      for (std::size_t c = 0; c < groups.size(); ++c) {
        groups[c] = random_bytes(q8_lines(columns) * 64);
        for (Lane* lane : active()) {
          for (unsigned r = 0; r < 5; ++r) {
            const std::size_t row = 5 * (s * build_.channels + c) + r;
            if (row >= rows) break;
            lane->want[row] = static_cast<std::uint32_t>(
                output(*lane, product(*lane, groups[c], r, columns), &lane->saturated));
          }
        }
      }
      command.last = set(command, groups);
    }
  }

  // `quads` blocks on every lane's path.
  void fffin(Command& command, std::uint32_t quads) {
    command.mode = Mode::kFffin;
    const std::uint32_t columns = pick_columns();
    result(command, 4 * quads);
    load(command, columns);
    for (std::uint32_t q = 0; q < quads; ++q) {
      std::vector<unsigned> picks(lanes_.size());
      const std::vector<unsigned> masks = visits();
      for (const unsigned mask : masks) {
        const std::size_t end = block(command, columns, mask, q, picks);
        Beat& beat = command.score[end];
        beat.block = true;
        beat.mine = mask;
        beat.push = mask == masks.back();
        if (beat.push) beat.picks = picks;
        command.last = end;
      }
    }
  }

  void fffout(Command& command, std::uint32_t quads) {
    command.mode = Mode::kFffout;
    const std::uint32_t rows = pick_rows();
    result(command, rows);
    load(command, 4 * quads);
    std::map<Lane*, std::vector<std::int32_t>> sums;
    for (Lane* lane : active()) sums[lane].resize(rows);
    std::vector<Record> records;
    for (std::uint32_t q = 0; q < quads; ++q) {
      for (const unsigned mask : visits()) {
        const Bytes record = random_bytes(q8_lines(rows) * 256 / 4);
        for (auto& [lane, sum] : sums) {
          if ((mask >> (lane - lanes_.data()) & 1) == 0) continue;
          for (std::uint32_t r = 0; r < rows; ++r) {
            for (unsigned k = 0; k < 4; ++k) {
              const std::size_t bit = r / 16 * 128 + 32 * k + 2 * (r % 16);
              sum[r] += lane->q(4 * q + k) * unpack_output(record[bit / 8] >> bit % 8);
            }
          }
        }
        records.push_back({q, mask, record});
      }
    }
    // One after the other, or each word of all of them.
    const std::size_t beats = records.front().data.size() / build_.beat_bytes();
    const bool joined = records.size() <= kBeatWords && random_.chance(60);
    std::size_t free =
        0;  // from when on the outputs of the last record's next beat may be complete
    for (std::size_t i = 0; i < beats * records.size(); ++i) {
      const Record& record = records[joined ? i % records.size() : i / beats];
      const auto b = static_cast<std::ptrdiff_t>(joined ? i / records.size() : i % beats);
      const auto bytes = static_cast<std::ptrdiff_t>(build_.beat_bytes());
      gap();
      Beat beat;
      beat.record = true;
      beat.record_first = record.quad == 0;
      beat.record_last = &record == &records.back();
      beat.record_word = static_cast<unsigned>(b);
      beat.record_quad = record.quad;
      beat.record_data.assign(record.data.begin() + b * bytes,
                              record.data.begin() + (b + 1) * bytes);
      beat.mine = record.mask;
      if (beat.record_last) {
        now_ = std::max(now_, free);
        free = now_ + kBeatWords;
        if (static_cast<std::size_t>(b) <= (fix_lines(rows) * build_.line_words() - 1) / kBeatWords)
          command.last = now_;
      }
      command.score[now_++] = beat;
    }
    now_ = std::max(now_, free);
    for (auto& [lane, sum] : sums) {
      const bool factor = lane->saturated;
      for (std::uint32_t r = 0; r < rows; ++r) {
        lane->want[r] = static_cast<std::uint32_t>(output(*lane, sum[r], &lane->saturated));
      }
      clamped_alone += lane->saturated && !factor;
    }
  }

 private:
  struct Record {
    std::uint32_t quad;
    unsigned mask;
    Bytes data;
  };

  std::vector<Lane*> active() {
    std::vector<Lane*> result;
    for (Lane& lane : lanes_) {
      if (lane.active) result.push_back(&lane);
    }
    return result;
  }

  void gap() {
    while (random_.chance(gaps_)) ++now_;
  }

  std::uint32_t pick_columns() {
    return random_.chance(40) ? random_.between(1, 64)
                              : random_.between(1, std::min(build_.vec_len, 600u));
  }
  std::uint32_t pick_rows() {
    return random_.chance(50) ? random_.between(1, 64)  // the same words again in every cycle
                              : random_.between(1, std::min(build_.vec_len, 700u));
  }

  // What vd is to hold, zeros up to the line's end.
  void result(Command& command, std::uint32_t elements) {
    command.elements = elements;
    for (Lane* lane : active()) std::fill_n(lane->want.begin(), fix_lines(elements) * 16, 0u);
  }

  Bytes random_bytes(std::size_t size) {
    const std::uint32_t kind = random_.below(8), fill = random_.bits();
    Bytes bytes(size);
    for (auto& byte : bytes) {
      byte = static_cast<std::uint8_t>(kind == 0   ? 0x80  // zeros, as trits
                                       : kind == 1 ? fill
                                                   : random_.bits());
    }
    return bytes;
  }

  // va to the lanes' buffers, zeros behind `columns`.
  void load(Command& command, std::uint32_t columns) {
    columns_ = columns;
    for (unsigned w = 0; w < row_words(); ++w) {
      gap();
      Beat& beat = command.score[now_++];
      beat.load = true;
      beat.load_word = w;
      const std::size_t left = columns - std::min<std::size_t>(columns, w * build_.beat_bytes());
      beat.load_keep = left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
    }
    // A step's word must have been written; a factor takes eight cycles.
    now_ = std::max<std::size_t>(now_ + 2, 10);
  }

  std::size_t row_words() const { return q8_lines(columns_) * build_.line_words(); }

  // A group set, a row group a channel; gives the cycle in which the first of them are rescaled.
  std::size_t set(Command& command, const std::vector<Bytes>& groups) {
    const std::size_t rate = build_.beats_per_step, bytes = build_.beat_bytes();
    for (std::size_t w = 0; w < row_words(); w += rate) {
      gap();
      const bool last = w + rate >= row_words();
      if (last) now_ = std::max(now_, next_end_);
      Beat& beat = command.score[now_];
      beat.step = true;
      beat.step_word = static_cast<unsigned>(w / rate);
      beat.first = w == 0;
      beat.last = last;
      for (const Bytes& group : groups) {
        for (std::size_t b = 0; b < rate; ++b) {
          const std::size_t at = (w + b) * bytes;
          if (at < group.size()) {
            beat.weights.insert(beat.weights.end(), group.begin() + static_cast<std::ptrdiff_t>(at),
                                group.begin() + static_cast<std::ptrdiff_t>(at + bytes));
          } else {  // behind the row group: anything, times zeros
            const Bytes any = random_bytes(bytes);
            beat.weights.insert(beat.weights.end(), any.begin(), any.end());
          }
        }
      }
      ++now_;
    }
    next_end_ = now_ - 1 + build_.channels * build_.group_cycles();
    return now_ - 1 + 1 + 8 + build_.dot_cycles();  // control is a cycle late (fff_lane_bench)
  }

  // Masks of lanes, one for each block or record that is on the path of some of them; with bits of
  // idle lanes that mean nothing.
  std::vector<unsigned> visits() {
    const unsigned parts = random_.between(1, build_.lanes);
    std::vector<unsigned> masks(parts);
    for (unsigned l = 0; l < build_.lanes; ++l) {
      if (lanes_[l].active) masks[random_.below(parts)] |= 1u << l;
    }
    std::erase(masks, 0u);
    for (unsigned l = 0; l < build_.lanes; ++l) {
      if (!lanes_[l].active && random_.chance(50))
        masks[random_.below(static_cast<std::uint32_t>(masks.size()))] |= 1u << l;
    }
    return masks;
  }

  // A block of the lanes in `mask`; gives a cycle in which it may be told to be complete.
  std::size_t block(Command& command, std::uint32_t columns, unsigned mask, std::uint32_t quad,
                    std::vector<unsigned>& picks) {
    std::array<Bytes, kBlockPieces> pieces;
    for (Bytes& piece : pieces) piece = random_bytes(q8_lines(columns) * 64);
    std::array<std::int32_t, kBlockNodes> biases{};
    const auto values = pick_values(random_);
    const bool none = random_.chance(20);
    for (auto& bias : biases) bias = none ? 0 : values();

    const std::uint64_t number = random_.below(4);
    std::size_t last_group = 0, end = 0;
    // With one channel biases are no row group of a set; else that of their channel is rubbish.
    const std::size_t sets = build_.channels == 1 ? kBlockGroups : kBlockPieces / build_.channels;
    for (std::size_t s = 0; s < sets; ++s) {
      std::vector<Bytes> groups(build_.channels);
      std::vector<unsigned> piece_of(build_.channels);
      for (unsigned p = 0; p < kBlockPieces; ++p) {
        if (p / build_.channels != s) continue;
        const std::uint64_t channel = piece_place(number, p, 1, build_.channels).channel;
        groups[channel] = pieces[p];
        piece_of[channel] = p;
      }
      const std::size_t first = set(command, groups);
      for (unsigned c = 0; c < build_.channels; ++c) {
        end = first + c * build_.group_cycles();
        if (piece_of[c] == kBlockGroups) continue;
        Beat& beat = command.score[end];
        beat.group_valid = true;
        beat.group = piece_of[c];
        std::copy_n(biases.begin() + 5 * piece_of[c], 5, beat.bias.begin());
        last_group = end;
      }
    }
    for (Lane* lane : active()) {
      const auto l = static_cast<std::size_t>(lane - lanes_.data());
      if ((mask >> l & 1) == 0) continue;
      const bool before = lane->saturated;
      unsigned node = 0;
      for (unsigned level = 0; level < kTreeBlockLevels; ++level) {
        const std::int32_t row =
            output(*lane, product(*lane, pieces[node / 5], node % 5, columns), &lane->saturated);
        const std::int32_t logit = n::add(row, biases[node], &lane->saturated);
        lane->want[4 * quad + level] = static_cast<std::uint32_t>(logit);
        picks[l] = picks[l] << 1 | (logit > 0);
        ties += logit == 0;
        node = 2 * node + 1 + (logit > 0);
      }
      ++ways[picks[l]];
      clamped_alone += lane->saturated && !before;
    }
    return random_.chance(50) ? end : last_group;
  }

  std::int32_t product(const Lane& lane, const Bytes& group, unsigned row, std::uint32_t columns) {
    std::int32_t acc = 0;
    for (std::uint32_t c = 0; c < columns; ++c) {
      std::int8_t trits[5];
      n::unpack_trits(group[c], trits);
      acc += trits[row] * lane.q(c);
    }
    return acc;
  }
  std::int32_t output(const Lane& lane, std::int32_t acc, bool* clamped) {
    return n::matmul_output(acc, factors_[static_cast<std::size_t>(&lane - lanes_.data())],
                            clamped);
  }

  Build build_;
  std::vector<Lane>& lanes_;
  Random random_;
  std::vector<std::uint32_t> factors_;  // of each lane
  unsigned gaps_ = 0;                   // percent of the cycles
  std::size_t now_ = 0, next_end_ = 0;  // a set may end
  std::uint32_t columns_ = 0;
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
constexpr Build kC4R2{
    .beat_bits = 256, .vec_len = 512, .channels = 4, .beats_per_step = 2, .lanes = 4};

TEST(FffLane, OneChannel) { random_commands<Vfff_lane_c1r2>(kC1R2, 300); }
TEST(FffLane, TwoNarrowChannels) { random_commands<Vfff_lane_c2r1>(kC2R1, 300); }
TEST(FffLane, FourChannels) { random_commands<Vfff_lane_c4r2>(kC4R2, 300); }

}  // namespace
}  // namespace sterna::test
