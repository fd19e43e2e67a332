// SPDX-License-Identifier: Apache-2.0
// What fff_stream's buses must say of an FFFOUT's records, for fff_stream_test.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <vector>

namespace sterna::test {

constexpr unsigned kBeatWords = 4;  // cycles between two words' sums

// Lanes that share a block or a record, of a quad.
struct Visit {
  std::uint32_t mask = 0, quad = 0, channel = 0;
  bool record = false, push = false, last = false;
  std::uint64_t block = 0;
};

// A beat of a line, which is a block's biases or a record.
struct Line {
  unsigned channel = 0;
  std::uint64_t address = 0;
  std::uint32_t word = 0;
  bool end = false;
  Visit visit;
};

// What a bus says in a cycle.
struct BusBeat {
  bool valid = false, last = false;
  std::uint32_t word = 0, quad = 0, mine = 0;
};

// The records of one FFFOUT at a time. Few come word by word, the last one's on its own bus and the
// others on the first. Many come in order on their channels' buses, or all on the only one; no lane
// is meant by two at a time, and behind each word of all of them the first bus says that it is
// complete.
class RecordCheck {
 public:
  RecordCheck(unsigned channels, unsigned buses) : buses_(buses), channels_(channels) {}

  unsigned side_by_side = 0;  // cycles with beats of several records

  void begin(const std::vector<Line>& lines, bool few) {
    few_ = few;
    sums_ = 0;
    words_ = 0;
    left_.assign(few ? 1 : channels_, {});
    reads_.assign(channels_, 0);
    for (const Line& line : lines) {
      left_[few ? 0 : line.channel].push_back(line);
      words_ = std::max(words_, line.word + 1);
    }
    if (few) std::ranges::stable_sort(left_[0], {}, &Line::word);
  }

  // A cycle's buses: the lines whose data they must have, by bus; none where nothing was read.
  std::vector<const Line*> receive(const std::vector<BusBeat>& beats, std::uint64_t now) {
    std::vector<const Line*> lines(buses_, nullptr);
    ended_ = false;
    unsigned valid = 0;
    for (unsigned b = 0; b < buses_; ++b) {
      if (!beats[b].valid) continue;
      ++valid;
      gone_.resize(buses_);
      if (few_) {
        lines[b] = few(beats[b], b);
      } else if (beats[b].last) {
        sums(beats[b], b);
      } else {
        lines[b] = many(beats[b], b);
      }
      if (beats[b].last) {
        if (beats[b].word != 0 && now < last_ + kBeatWords)
          throw std::runtime_error("sums go out too fast");
        last_ = now;
      }
    }
    side_by_side += valid > 1;
    if (valid > 1 && (few_ || ended_)) throw std::runtime_error("a beat beside another");
    return lines;
  }

  bool ended() const { return ended_; }  // with the last received

 private:
  const Line* take(std::deque<Line>& queue, unsigned bus) {
    gone_[bus] = queue.front();
    queue.pop_front();
    return &gone_[bus];
  }

  static bool is(const BusBeat& beat, const Line& line) {
    return beat.word == line.word && beat.quad == line.visit.quad && beat.mine == line.visit.mask;
  }

  const Line* few(const BusBeat& beat, unsigned bus) {
    if (left_.empty() || left_[0].empty()) throw std::runtime_error("a record too many");
    const Line& line = left_[0].front();
    if (!is(beat, line) || beat.last != line.visit.last ||
        bus != (line.visit.last && buses_ > 1 ? line.channel : 0)) {
      throw std::runtime_error(fmt::format(
          "few: word {} of quad {} of lanes {:b}, not word {} of quad {} of lanes {:b}; {} {}",
          beat.word, beat.quad, beat.mine, line.word, line.visit.quad, line.visit.mask, bus,
          line.channel));
    }
    ended_ = left_[0].size() == 1;
    return take(left_[0], bus);
  }

  const Line* many(const BusBeat& beat, unsigned bus) {
    for (unsigned c = 0; c < channels_; ++c) {
      if ((buses_ > 1 && c != bus) || left_[c].empty() || !is(beat, left_[c].front())) continue;
      for (unsigned o = 0; o < channels_; ++o) {
        if (o != c && (reads_[o] & beat.mine) != 0)
          throw std::runtime_error("two records of a lane");
      }
      reads_[c] = left_[c].front().end ? 0 : beat.mine;
      return take(left_[c], bus);
    }
    std::string want;
    for (const std::deque<Line>& queue : left_) {
      if (!queue.empty())
        want += fmt::format(" word {} of quad {} of lanes {:b},", queue.front().word,
                            queue.front().visit.quad, queue.front().visit.mask);
    }
    throw std::runtime_error(fmt::format("bus {}: word {} of quad {} of lanes {:b}, not{}", bus,
                                         beat.word, beat.quad, beat.mine, want));
  }

  void sums(const BusBeat& beat, unsigned bus) {
    if (bus != 0 || beat.mine != 0 || beat.word != sums_) throw std::runtime_error("other sums");
    for (const std::deque<Line>& queue : left_) {
      for (const Line& line : queue) {
        if (line.word <= sums_) throw std::runtime_error("sums before their records");
      }
    }
    ended_ = ++sums_ == words_;
  }

  unsigned buses_, channels_;
  bool few_ = false, ended_ = false;
  std::vector<std::deque<Line>> left_;  // by channel
  std::vector<std::uint32_t> reads_;    // lanes of the record that is read, by channel
  std::vector<Line> gone_;              // by bus
  std::uint32_t sums_ = 0, words_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace sterna::test
