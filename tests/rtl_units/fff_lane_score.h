// SPDX-License-Identifier: Apache-2.0
// What fff_lane_test plays to the lanes: commands as scores, cycle by cycle, and by numerics.h what
// comes of them.
#pragma once

#include <array>
#include <bit>
#include <map>
#include <optional>
#include <vector>

#include "isa/numerics.h"
#include "isa/trees.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna::test {

namespace n = numerics;

namespace n = numerics;

constexpr std::size_t kBeatWords = 4;  // register words of the outputs of a record's beat

// What a build was made with (CMakeLists.txt).
struct Build {
  unsigned beat_bits, vec_len, channels, beats_per_step, lanes;

  std::size_t beat_bytes() const { return beat_bits / 8; }
  std::size_t word_elems() const { return beat_bits / 32; }
  std::size_t line_words() const { return 512 / beat_bits; }
  // Of FFFOUT's records, as sterna_core has them.
  unsigned buses() const { return lanes > 1 ? channels : 1; }
  // Of a dot product: a tree's, or that of quad_dot's chains.
  unsigned dot_cycles() const { return lanes > 2 ? std::min(beat_bits / 16, 8u) + 2 : 4; }
  std::size_t group_cycles() const { return (5 + word_elems() - 1) / word_elems(); }
  // Row groups of a set of FFFIN that are rescaled at once.
  unsigned at_once() const { return word_elems() >= kBlockNodes ? channels : 1; }
};

enum class Mode : std::uint8_t { kTmatmul, kFffin, kFffout };  // sterna_ternary_pkg's

// What is on a bus of FFFOUT in one cycle.
struct RecordBeat {
  bool valid = false, last = false;
  unsigned word = 0, quad = 0, mine = 0;
  std::vector<std::uint8_t> data;
};

// What is on the lanes' common wires in one cycle.
struct Beat {
  bool load = false, step = false, step_one = false, first = false, last = false;
  unsigned load_word = 0, step_word = 0;
  std::uint64_t load_keep = 0;
  std::vector<std::uint8_t> weights;

  unsigned turn = 0;  // of the set, with last

  bool block = false;
  unsigned groups = 0;  // of the block, a bit each
  std::array<std::int32_t, kBlockNodes> bias{};

  std::vector<RecordBeat> records;  // of each bus; none: nothing on any

  unsigned mine = 0;            // a bit a lane, with block
  std::vector<unsigned> picks;  // of the block's lanes, that come two cycles after this one
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
        beat.picks = picks;
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
    if (records.size() <= kBeatWords && random_.chance(60)) {
      word_by_word(command, records);
    } else {
      side_by_side(command, records);
    }
    now_ = std::max(now_, free_);
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

  std::size_t beats(const Record& record) const { return record.data.size() / build_.beat_bytes(); }

  RecordBeat beat_of(const Record& record, std::size_t word) const {
    const auto bytes = static_cast<std::ptrdiff_t>(build_.beat_bytes());
    const auto begin = record.data.begin() + static_cast<std::ptrdiff_t>(word) * bytes;
    return {.valid = true,
            .last = false,
            .word = static_cast<unsigned>(word),
            .quad = record.quad,
            .mine = record.mask,
            .data = Bytes(begin, begin + bytes)};
  }

  // The outputs of a word are complete in this cycle: not sooner than the lanes have rescaled the
  // last one's.
  void completes(Command& command, std::size_t word) {
    free_ = now_ + kBeatWords;
    if (word <= (fix_lines(command.elements) * build_.line_words() - 1) / kBeatWords)
      command.last = now_;
  }

  // Each word of all records before the next, on any bus.
  void word_by_word(Command& command, const std::vector<Record>& records) {
    free_ = 0;
    for (std::size_t w = 0; w < beats(records.front()); ++w) {
      for (const Record& record : records) {
        gap();
        const bool last = &record == &records.back();
        if (last) now_ = std::max(now_, free_);
        std::vector<RecordBeat>& buses = command.score[now_].records;
        buses.resize(build_.buses());
        RecordBeat& beat = buses[random_.below(build_.buses())];
        beat = beat_of(record, w);
        beat.last = last;
        if (last) completes(command, w);
        ++now_;
      }
    }
  }

  // One after the other on each bus, in any order, while no lane is meant by two; behind them all,
  // the sums.
  void side_by_side(Command& command, std::vector<Record> records) {
    struct Reads {
      Record record;
      std::size_t word = 0;
    };
    std::vector<std::optional<Reads>> buses(build_.buses());
    for (std::size_t i = records.size(); i > 1; --i)
      std::swap(records[i - 1], records[random_.below(static_cast<std::uint32_t>(i))]);
    const std::size_t all = beats(records.front());
    free_ = 0;
    for (std::size_t sums = 0; sums < all; ++now_) {
      std::size_t passed = all;
      for (std::optional<Reads>& bus : buses) {
        unsigned others = 0;
        for (const std::optional<Reads>& other : buses) others |= other ? other->record.mask : 0;
        if (!bus && !records.empty() && (records.back().mask & others) == 0) {
          bus = Reads{records.back()};
          records.pop_back();
        }
        if (bus) passed = std::min(passed, bus->word);
      }
      const bool drains = records.empty() && sums < passed && now_ >= free_ && random_.chance(70);
      std::vector<RecordBeat> beats_now(build_.buses());
      if (drains) {
        beats_now[0] = {.valid = true,
                        .last = true,
                        .word = static_cast<unsigned>(sums),
                        .quad = random_.below(256),
                        .mine = 0,
                        .data = random_bytes(build_.beat_bytes())};
        completes(command, sums++);
      } else {
        for (std::size_t b = 0; b < buses.size(); ++b) {
          if (!buses[b] || random_.chance(gaps_)) continue;
          beats_now[b] = beat_of(buses[b]->record, buses[b]->word);
          if (++buses[b]->word == all) buses[b].reset();
        }
      }
      if (std::ranges::any_of(beats_now, &RecordBeat::valid))
        command.score[now_].records = std::move(beats_now);
    }
  }

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
  std::size_t set(Command& command, const std::vector<Bytes>& groups, unsigned turn = 0) {
    const std::size_t rate = build_.beats_per_step, bytes = build_.beat_bytes();
    for (std::size_t w = 0; w < row_words(); w += rate) {
      gap();
      const bool last = w + rate >= row_words();
      if (last) now_ = std::max(now_, next_end_);
      Beat& beat = command.score[now_];
      beat.step = true;
      beat.step_word = static_cast<unsigned>(w / rate);
      beat.step_one = w + 1 == row_words() && rate == 2;
      beat.first = w == 0;
      beat.last = last;
      beat.turn = turn;
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
      const auto turn = static_cast<unsigned>(std::ranges::find(piece_of, s * build_.channels) -
                                              piece_of.begin());
      const std::size_t first = set(command, groups, turn);
      for (unsigned c = 0; c < build_.channels; ++c) {
        end = build_.at_once() > 1 ? first : first + c * build_.group_cycles();
        const auto group = static_cast<unsigned>(s * build_.channels + c);
        if (group >= kBlockGroups) continue;
        Beat& beat = command.score[end];
        beat.groups |= 1u << group;
        beat.bias = biases;
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
  std::size_t free_ = 0;                // a word's outputs may be complete
  std::uint32_t columns_ = 0;
};

}  // namespace sterna::test
