// SPDX-License-Identifier: Apache-2.0
// The weight stream on its own: random programs, some with faults, in front of channels with
// latency, and a unit that takes beats as it likes. Every channel must give its parts of the
// matrices in program order, up to where the program ends or faults; and nothing of one program in
// the next.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <bit>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "Vweight_stream_c1r1.h"
#include "Vweight_stream_c1r2.h"
#include "Vweight_stream_c4r2.h"
#include "Vweight_stream_far.h"
#include "isa/numerics.h"
#include "tests/rtl_units/segment_port.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna::test {
namespace {

// What a build was made with (CMakeLists.txt).
struct Build {
  unsigned beat_bits, channels, beats_per_step, fifo, outstanding;
  unsigned stages = 0;  // between the channels and the unit
};

constexpr unsigned kRomDepth = 64;
constexpr unsigned kVecLen = 512;
constexpr unsigned kRegisters = 8;

// The word of memory at a beat's address tells where it came from.
std::uint32_t word_at(unsigned channel, std::uint64_t address, unsigned word) {
  return static_cast<std::uint32_t>((address >> 2) * 2654435761u + word * 40503u + channel);
}

struct Beat {
  std::uint64_t address = 0;
  std::uint64_t cycle = 0;  // it comes no earlier
  bool error = false;
};

struct Popped {
  std::vector<std::uint64_t> addresses;  // by channel
  bool error = false;
};

struct Channel {
  std::deque<Beat> under_way;      // asked for
  std::deque<std::uint64_t> want;  // addresses, in the order of the program; checked when asked
  std::deque<Beat> want_out;       // what the unit must still get
};

template <typename Dut>
class Bench {
 public:
  Bench(const Build& build, std::uint64_t seed)
      : build_(build), random_(seed), channels_(build.channels), popped_(2 + 2 * build.stages) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed % 0x7FFFFFFF) + 1);
    dut_ = std::make_unique<Dut>(&context_);
    dut_->start_i = 0;
    dut_->stop_i = 0;
    dut_->pop_i = 0;
    dut_->ar_ready_i = 0;
    dut_->r_valid_i = 0;
    dut_->last_lane_i = 0;
    dut_->rst_ni = 0;
    dut_->far_rst_ni = 0;
    edge();
    edge();
    dut_->rst_ni = 1;
    dut_->far_rst_ni = static_cast<CData>((1u << build.channels) - 1);
  }
  ~Bench() { dut_->final(); }

  struct Knobs {
    unsigned latency = 10, jitter = 0, stalls = 0, unit_stalls = 0, error_percent = 0;
    bool abandon = false;  // the program ends early
    bool large = false;    // all matrices are
  };

  // Makes a program, runs the stream over it and gives the cycles from the first beat on.
  void run(const Knobs& knobs) {
    knobs_ = knobs;
    make_program();
    for (unsigned wait = 0; !dut_->idle_o; ++wait) {
      if (wait > 20000) throw std::runtime_error("never idle");
      cycle();
    }
    dut_->start_i = 1;
    cycle();
    dut_->start_i = 0;
    taking_ = true;
    std::uint64_t left = 0;
    for (const Channel& channel : channels_) left = std::max(left, channel.want_out.size() + 0ul);
    const std::uint64_t stop_at =
        knobs.abandon ? random_.below(static_cast<unsigned>(left) + 1) : left;
    for (unsigned waited = 0; taken_ < stop_at;) {
      const std::uint64_t before = taken_;
      cycle();
      waited = taken_ == before ? waited + 1 : 0;
      if (waited > 20000) throw std::runtime_error("no beat comes");
    }
    for (unsigned i = knobs.abandon ? 0 : 100; i > 0; --i) cycle();  // and nothing else comes
    dut_->stop_i = 1;
    taking_ = false;
    popped_.clear();  // what is on its way is dropped
    cycle();
    dut_->stop_i = 0;
    // Addresses may still be asked for.
    for (unsigned i = 0; i <= build_.stages; ++i) cycle();
    for (Channel& channel : channels_) {
      channel.want.clear();
      channel.want_out.clear();
    }
    taken_ = 0;
  }

  std::uint64_t matrices = 0, faults = 0, abandoned = 0;
  std::uint64_t cycles = 0, beats = 0;

 private:
  std::size_t beat_bytes() const { return build_.beat_bits / 8; }

  void make_program() {
    constexpr std::uint64_t kLines = 900;
    std::array<std::uint64_t, kSegments> base{};
    std::array<std::uint32_t, kSegments> size{};
    for (unsigned s = 0; s < kSegments; ++s) {
      base[s] = (std::uint64_t{random_.bits()} << 32 | random_.bits()) & ~63ull;
      size[s] = static_cast<std::uint32_t>(kLines + random_.below(40));
      put_segment(dut_->segment_i, s, {base[s], size[s], 0});
      cycle();
    }
    put_no_segment(dut_->segment_i);
    const unsigned entry = random_.below(8);
    const unsigned length = random_.between(1, kRomDepth - entry);
    bool open = true;  // no end yet
    for (unsigned pc = entry; pc < kRomDepth; ++pc) {
      Instruction in;
      bool product = false, ends = false;
      const unsigned kind = pc + 1 == entry + length ? 0 : random_.below(100);
      if (kind == 0) {
        in.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kHalt));
        ends = true;
      } else if (kind < 3) {
        in.set(Field::kOp, 0xFF);
        ends = true;
      } else if (kind < 50) {
        in.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kAdd));
        in.set(Field::kLen, random_.between(1, kVecLen));
      } else {
        product = true;
        in.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kTmatmul));
        in.set(Field::kVd, 1);
        in.set(Field::kLen, random_.between(1, kVecLen));
        in.set(Field::kRows, random_.between(1, random_.chance(80) ? 60u : kVecLen));
        if (knobs_.large) {
          in.set(Field::kLen, kVecLen);
          in.set(Field::kRows, kVecLen);
        }
        in.set(Field::kImm, sterna::numerics::pack_scale({0, 20}));
        in.set(Field::kSeg, random_.below(kSegments / build_.channels) * build_.channels +
                                (random_.chance(3) && build_.channels > 1 ? 1 : 0));
        in.set(Field::kOff, random_.below(random_.chance(70) ? 40u : kLines));
      }
      rom_[pc] = in;
      if (!open) continue;
      if (product) {
        const std::uint32_t seg = in.get(Field::kSeg), off = in.get(Field::kOff);
        const unsigned set_rows = 5 * build_.channels;
        const std::uint64_t lines =
            std::uint64_t{(in.get(Field::kRows) + set_rows - 1) / set_rows} *
            q8_lines(in.get(Field::kLen));
        if (seg % build_.channels != 0) ends = true;
        for (unsigned c = 0; !ends && c < build_.channels; ++c) {
          if (off + lines > size[seg + c]) ends = true;
        }
        faults += ends;
        if (!ends) {
          ++matrices;
          for (unsigned c = 0; c < build_.channels; ++c) {
            for (std::uint64_t b = 0; b < lines * 64; b += beat_bytes()) {
              channels_[c].want.push_back(base[seg + c] + off * 64ull + b);
              channels_[c].want_out.push_back({.address = channels_[c].want.back()});
            }
          }
        }
      }
      if (ends) open = false;
    }
    dut_->entry_i = entry;
    abandoned += knobs_.abandon;
  }

  void cycle() {
    auto& d = *dut_;
    // The memory's side.
    std::uint32_t ready = 0, valid = 0, error = 0;
    for (unsigned c = 0; c < build_.channels; ++c) {
      ready |= static_cast<std::uint32_t>(!random_.chance(knobs_.stalls)) << c;
      auto& under_way = channels_[c].under_way;
      std::uint32_t* data = port_words(d.r_data_i) + c * beat_bytes() / 4;
      const bool comes =
          !under_way.empty() && under_way.front().cycle <= now_ && !random_.chance(knobs_.stalls);
      for (unsigned w = 0; w < beat_bytes() / 4; ++w) {
        data[w] = comes ? word_at(c, under_way.front().address, w) : random_.bits();
      }
      if (!comes) continue;
      valid |= 1u << c;
      error |= static_cast<std::uint32_t>(under_way.front().error) << c;
    }
    d.ar_ready_i = static_cast<CData>(ready);
    d.r_valid_i = static_cast<CData>(valid);
    d.r_error_i = static_cast<CData>(error);
    d.few_i = random_.chance(20);
    d.pop_i = 0;
    d.clk_i = 0;
    d.eval();
    d.pop_beats_i = static_cast<CData>(random_.below(1u << build_.beats_per_step));
    if (taking_ && !random_.chance(knobs_.unit_stalls)) {
      d.pop_beats_i = knobs_.unit_stalls == 0 || random_.chance(80) ? d.valid_o : d.valid_o >> 1;
      d.pop_i = d.pop_beats_i != 0;
    }
    d.eval();
    receive();
    pop();
    bursts(ready);
    for (unsigned c = 0; c < build_.channels; ++c) {
      if ((valid >> c) & 1) channels_[c].under_way.pop_front();
    }
    const bool reads = d.rom_en_o;
    const unsigned rom_addr = d.rom_addr_o;
    edge();
    if (reads) std::memcpy(port_words(d.rom_data_i), rom_[rom_addr].words.data(), 16);
    ++now_;
    ++cycles;
  }

  // The next beats of each channel follow two cycles later, or stages there and back besides.
  void pop() {
    auto& d = *dut_;
    const unsigned held = static_cast<unsigned>(std::popcount(d.valid_o));
    if (d.valid_o != (1u << held) - 1) throw std::runtime_error("valid_o has gaps");
    std::vector<Popped> popped;
    for (int b = 0; d.pop_i && b < std::popcount(d.pop_beats_i); ++b) {
      Popped& beat = popped.emplace_back();
      for (Channel& channel : channels_) {
        if (channel.want_out.empty()) throw std::runtime_error("a beat too many");
        beat.addresses.push_back(channel.want_out.front().address);
        beat.error = beat.error || channel.want_out.front().error;
        channel.want_out.pop_front();
      }
      ++taken_;
      ++beats;
    }
    popped_.push(std::move(popped));
  }

  void receive() {
    auto& d = *dut_;
    for (unsigned b = 0; b < popped_.oldest().size(); ++b) {
      const Popped& beat = popped_.oldest()[b];
      for (unsigned c = 0; c < build_.channels; ++c) {
        const std::uint32_t* data =
            port_words(d.data_o) + (c * build_.beats_per_step + b) * beat_bytes() / 4;
        for (unsigned w = 0; w < beat_bytes() / 4; ++w) {
          if (data[w] != word_at(c, beat.addresses[c], w)) {
            throw std::runtime_error(fmt::format("channel {}: another beat", c));
          }
        }
      }
      if (((d.error_o >> b) & 1) != beat.error) throw std::runtime_error("error_o is wrong");
    }
  }

  void bursts(std::uint32_t ready) {
    auto& d = *dut_;
    for (unsigned c = 0; c < build_.channels; ++c) {
      if (((d.ar_valid_o & ready) >> c & 1) == 0) continue;
      Channel& channel = channels_[c];
      std::uint64_t address =
          std::uint64_t{port_words(d.ar_addr_o)[2 * c + 1]} << 32 | port_words(d.ar_addr_o)[2 * c];
      unsigned count = 0;
      for (unsigned bit = 0; bit < 9; ++bit) {
        const unsigned at = 9 * c + bit;
        count |= ((port_words(d.ar_beats_o)[at / 32] >> (at % 32)) & 1) << bit;
      }
      if (count == 0 || count > 256) throw std::runtime_error("a burst of no length");
      if (address / 4096 != (address + count * beat_bytes() - 1) / 4096) {
        throw std::runtime_error("a burst across 4 KiB");
      }
      const std::size_t given = asked(channel);
      const std::size_t longest = std::min<std::size_t>(4096 / beat_bytes(), 256);
      if (given >= build_.fifo / 2 && channel.under_way.size() + count > longest) {
        throw std::runtime_error("more than a burst under way while the FIFO is half full");
      }
      for (unsigned b = 0; b < count; ++b, address += beat_bytes()) {
        if (channel.want.empty() || channel.want.front() != address) {
          throw std::runtime_error(fmt::format("channel {} asks for {:#x}, not {:#x}", c, address,
                                               channel.want.empty() ? 0 : channel.want.front()));
        }
        channel.want.pop_front();
        Beat beat{.address = address,
                  .cycle = now_ + knobs_.latency + random_.below(knobs_.jitter + 1),
                  .error = random_.chance(knobs_.error_percent)};
        channel.want_out.at(given + b).error = beat.error;
        channel.under_way.push_back(beat);
      }
      if (channel.under_way.size() > build_.outstanding)
        throw std::runtime_error("too many under way");
    }
  }

  // Beats of want_out that have been asked for.
  static std::size_t asked(const Channel& channel) {
    return channel.want_out.size() - channel.want.size();
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
  std::array<Instruction, kRomDepth> rom_;
  std::vector<Channel> channels_;
  Past<std::vector<Popped>> popped_;
  Knobs knobs_;
  std::uint64_t now_ = 0, taken_ = 0;
  bool taking_ = false;
};

template <typename Dut>
void random_programs(const Build& build, unsigned count) {
  const std::uint64_t seed = base_seed();
  Random random(seed);
  Bench<Dut> bench(build, seed);
  for (unsigned i = 0; i < count; ++i) {
    SCOPED_TRACE(fmt::format("seed {}, program {}", seed, i));
    const bool far = random.chance(40);  // a card's memory
    ASSERT_NO_THROW(bench.run({.latency = far ? random.between(100, 500) : random.between(1, 80),
                               .jitter = random.chance(50) ? 0 : random.below(far ? 400 : 60),
                               .stalls = random.chance(40) ? 0 : random.below(80),
                               .unit_stalls = random.chance(40) ? 0 : random.below(98),
                               .error_percent = random.chance(70) ? 0u : 5u,
                               .abandon = random.chance(30)}));
  }
  EXPECT_GT(bench.matrices, 2 * count);
  EXPECT_GT(bench.faults, count / 20);
  EXPECT_GT(bench.abandoned, count / 10);
}

constexpr Build kC1R1{
    .beat_bits = 512, .channels = 1, .beats_per_step = 1, .fifo = 512, .outstanding = 128};
constexpr Build kC1R2{
    .beat_bits = 64, .channels = 1, .beats_per_step = 2, .fifo = 512, .outstanding = 256};
constexpr Build kC4R2{.beat_bits = 128,
                      .channels = 4,
                      .beats_per_step = 2,
                      .fifo = 512,
                      .outstanding = 384,
                      .stages = 2};
constexpr Build kFar{
    .beat_bits = 512, .channels = 1, .beats_per_step = 1, .fifo = 2048, .outstanding = 512};

TEST(WeightStream, OneChannel) { random_programs<Vweight_stream_c1r1>(kC1R1, 300); }
TEST(WeightStream, OneNarrowChannelTwoBeats) { random_programs<Vweight_stream_c1r2>(kC1R2, 150); }
TEST(WeightStream, FourChannels) { random_programs<Vweight_stream_c4r2>(kC4R2, 150); }

TEST(WeightStream, FarMemory) { random_programs<Vweight_stream_far>(kFar, 150); }

// Memory that gives a beat a cycle, and a unit that never stalls: so must the stream, between
// products, too, as long as Outstanding covers memory's latency and a burst.
template <typename Dut>
void keeps_the_bus_busy(const Build& build, unsigned latency) {
  Bench<Dut> bench(build, 1);
  for (unsigned i = 0; i < 40; ++i) ASSERT_NO_THROW(bench.run({.latency = latency, .large = true}));
  // Each program pays the latency once, some cycles to the first instruction, 100 to see that no
  // more comes.
  EXPECT_LT(bench.cycles, bench.beats + bench.beats / 100 + 40 * (latency + 130));
}

TEST(WeightStream, KeepsTheBusBusy) { keeps_the_bus_busy<Vweight_stream_c1r1>(kC1R1, 60); }
TEST(WeightStream, KeepsTheBusOfFarMemoryBusy) {
  keeps_the_bus_busy<Vweight_stream_far>(kFar, 60);
  keeps_the_bus_busy<Vweight_stream_far>(kFar, 440);
}

}  // namespace
}  // namespace sterna::test
