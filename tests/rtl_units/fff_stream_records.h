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
  std::uint64_t block = 0, address = 0;
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

// The records of one FFFOUT at a time, those of a quad in any order. Few come word by word, the
// last one's on its own bus and the others on the first. Many come in order on their channels'
// buses, or all on the only one; no lane is meant by two at a time, and behind each word of all of
// them the first bus says that it is complete.
class RecordCheck {
 public:
  RecordCheck(unsigned channels, unsigned buses) : buses_(buses), channels_(channels) {}

  unsigned side_by_side = 0;  // cycles with beats of several records

  void begin(const std::vector<Line>& lines, bool few) {
    few_ = few;
    sums_ = 0;
    words_ = 0;
    left_.assign(channels_, {});
    order_.clear();
    at_ = 0;
    reads_.assign(channels_, 0);
    for (const Line& line : lines) {
      left_[line.channel].push_back(line);
      words_ = std::max(words_, line.word + 1);
    }
    records_ = lines.size() / words_;
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

  // A channel's next line is that of the beat: a record may be any of its quad's, where it is the
  // channel's first that is left.
  bool next(unsigned channel, const BusBeat& beat, std::uint32_t lowest_quad) {
    std::deque<Line>& queue = left_[channel];
    if (queue.empty()) return false;
    if (beat.word == 0 && queue.front().word == 0 && queue.front().visit.quad == lowest_quad) {
      const auto found =
          std::ranges::find_if(queue, [&](const Line& line) { return is(beat, line); });
      if (found == queue.end() || found->visit.quad != lowest_quad) return false;
      std::rotate(queue.begin(), found, found + words_);
    }
    return is(beat, queue.front());
  }

  const Line* few(const BusBeat& beat, unsigned bus) {
    // The first words say in which order records come.
    if (beat.word == 0) {
      std::uint32_t lowest = ~0u;
      for (const std::deque<Line>& queue : left_) {
        for (const Line& line : queue) {
          if (line.word == 0) lowest = std::min(lowest, line.visit.quad);
        }
      }
      for (std::deque<Line>& queue : left_) {
        const auto found = std::ranges::find_if(
            queue, [&](const Line& line) { return is(beat, line) && line.visit.quad == lowest; });
        if (found == queue.end()) continue;
        order_.push_back(found->visit);
        return few_line(queue, found, beat, bus);
      }
      throw std::runtime_error("another record");
    }
    if (order_.size() != records_) throw std::runtime_error("records without their first words");
    for (std::deque<Line>& queue : left_) {
      const auto found =
          std::ranges::find_if(queue, [&](const Line& line) { return is(beat, line); });
      if (found == queue.end()) continue;
      const Visit& visit = order_[at_ % records_];
      if (visit.quad != beat.quad || visit.mask != beat.mine || beat.word != at_ / records_)
        throw std::runtime_error("records in another order");
      return few_line(queue, found, beat, bus);
    }
    throw std::runtime_error("another record");
  }

  const Line* few_line(std::deque<Line>& queue, std::deque<Line>::iterator line,
                       const BusBeat& beat, unsigned bus) {
    const bool last = at_ % records_ == records_ - 1;
    if (beat.last != last || bus != (last && buses_ > 1 ? line->channel : 0))
      throw std::runtime_error("a record that is not the last");
    gone_[bus] = *line;
    queue.erase(line);
    ended_ = ++at_ == records_ * words_;
    return &gone_[bus];
  }

  const Line* many(const BusBeat& beat, unsigned bus) {
    for (unsigned c = 0; c < channels_; ++c) {
      if ((buses_ > 1 && c != bus) || left_[c].empty() ||
          !next(c, beat, left_[c].front().visit.quad)) {
        continue;
      }
      for (unsigned o = 0; o < channels_; ++o) {
        if (o != c && (reads_[o] & beat.mine) != 0)
          throw std::runtime_error("two records of a lane");
      }
      reads_[c] = left_[c].front().end ? 0 : beat.mine;
      return take(left_[c], bus);
    }
    throw std::runtime_error("another record");
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
  std::vector<Visit> order_;            // few records come in
  std::size_t records_ = 0, at_ = 0;    // few; beats that have come
  std::uint32_t sums_ = 0, words_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace sterna::test
