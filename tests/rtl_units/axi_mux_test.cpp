// SPDX-License-Identifier: Apache-2.0
// axi_mux and its engines between random requesters and a memory that stalls, reorders and fails.
// Burst readers request bursts and accept every beat.
#include <gtest/gtest.h>
#include <verilated.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string_view>
#include <type_traits>
#include <vector>

#include "Vaxi_mux_512.h"
#include "Vaxi_mux_64.h"
#include "Vaxi_mux_r3.h"
#include "sim/golden/memory.h"
#include "sim/rtl/axi_memory.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna {
namespace {

constexpr std::uint64_t kLine = 64;
constexpr std::uint64_t kBytes = 1 << 20;
constexpr std::uint64_t kReadable = kBytes / 2;  // reads below, writes above: their order is free

struct Range {
  std::uint64_t begin = 0, end = 0;
  bool touches(std::uint64_t at, std::uint64_t bytes) const {
    return at < end && at + bytes > begin;
  }
};

template <typename Top>
class Bench {
 public:
  Bench(std::uint64_t seed, rtl::AxiMemoryOptions options, Range failing)
      : random_(static_cast<unsigned>(seed)),
        memory_(kBytes),
        options_(options),
        failing_(failing) {
    connect_memory();
    for (std::uint64_t i = 0; i < kBytes; i += 4) {
      const auto word = static_cast<std::uint32_t>(random_());
      std::memcpy(memory_.at(i, 4), &word, 4);
    }
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed) + 1);
    top_ = std::make_unique<Top>(&context_);
    top_->clk_i = 0;
    top_->rst_ni = 0;
    drive_memory();
    for (int i = 0; i < 3; ++i) edge();
    top_->rst_ni = 1;
  }

  // Runs until each reader has had `reads` requests and the writer `writes`; all data is compared.
  void run(unsigned reads, unsigned writes, double requester_stall) {
    stall_ = requester_stall;
    load_.left = reads;
    for (Reader& reader : bursts_) reader.left = reads;
    store_.left = writes;
    for (unsigned cycle = 0; busy(); ++cycle) {
      ASSERT_LT(cycle, 2'000'000u) << "hangs";
      step();
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_TRUE(axi_->idle());
  }

  // In the middle of whatever: so many cycles of requests, a reset, and nothing of them afterwards.
  // Memory is reset, too, or answers what it was asked.
  void cut_off(unsigned cycles, double requester_stall, bool memory_too = false) {
    stall_ = requester_stall;
    load_.left = 1000;
    for (Reader& reader : bursts_) reader.left = 1000;
    store_.left = memory_too ? 0 : 1000;
    for (unsigned i = 0; i < cycles && !::testing::Test::HasFailure(); ++i) step();
    // What the writer has not given away is not written by anybody.
    const Request cut = store_.waiting ? store_.request : Request{};
    const std::uint64_t from = store_.waiting ? store_.at : 0;
    const std::uint64_t left = store_.waiting ? cut.at + cut.lines * kLine - from : 0;
    const std::vector<std::byte> untouched(memory_.at(from, left), memory_.at(from, left) + left);
    load_ = {};
    bursts_ = {};
    store_ = {};
    top_->rst_ni = 0;
    if (memory_too) connect_memory();
    for (unsigned i = 1 + static_cast<unsigned>(random_()) % 3; i > 0; --i) quiet_step();
    top_->rst_ni = 1;
    const std::uint64_t start = cycles_;
    do {
      quiet_step();
      ASSERT_LT(cycles_ - start, 200'000u) << "draining for ever";
    } while (top_->draining_o);
    EXPECT_TRUE(axi_->idle());
    EXPECT_EQ(std::memcmp(memory_.at(from, left), untouched.data(), left), 0);
  }

  std::uint64_t cycles() const { return cycles_; }
  std::uint64_t read_beats() const { return read_beats_; }
  std::uint64_t errors() const { return errors_; }

 private:
  static constexpr unsigned kBeatBytes =
      sizeof(std::remove_reference_t<decltype(std::declval<Top&>().m_axi_wdata_o)>);
  static constexpr unsigned kReaders = std::is_same_v<Top, Vaxi_mux_r3> ? 3 : 1;

  struct Request {
    std::uint64_t at = 0;
    std::uint32_t lines = 0;
  };
  struct Reader {
    unsigned left = 0;
    bool valid = false, ready = false;
    Request request;
    std::deque<std::uint64_t> beats;  // addresses of those that are still to come
  };
  struct Writer {
    unsigned left = 0;
    bool valid = false, waiting = false;
    bool offered = false;  // a beat is up
    Request request;
    std::uint64_t beats_left = 0, at = 0;
    std::array<std::byte, kBeatBytes> beat{};
  };

  void connect_memory() {
    axi_.emplace(memory_, kBeatBytes, options_);
    axi_->fail(failing_.begin, failing_.end);
    pins_ = {};
  }

  // A cycle without requests, in which nothing may come either.
  void quiet_step() {
    Top& t = *top_;
    t.load_req_valid_i = t.burst_ar_valid_i = t.store_req_valid_i = t.store_data_valid_i = 0;
    t.load_data_ready_i = 1;
    drive_memory();
    t.eval();
    sample_memory();
    if (t.rst_ni) {
      EXPECT_FALSE(t.load_data_valid_o || t.burst_r_valid_o || t.store_resp_valid_o);
      EXPECT_FALSE(t.read_beat_o || t.write_beat_o) << "counted";
    }
    edge();
    axi_->clock(pins_);
    ++cycles_;
  }

  bool busy() const {
    const auto reads = [](const Reader& r) { return r.left != 0 || r.valid || !r.beats.empty(); };
    return reads(load_) || std::ranges::any_of(bursts_, reads) || store_.left != 0 ||
           store_.valid || store_.waiting;
  }
  bool chance(double p) { return std::uniform_real_distribution<>(0, 1)(random_) < p; }

  Request pick(std::uint64_t begin, std::uint64_t end) {
    // Short ones, page-sized ones, and ones longer than the FIFO.
    const std::uint32_t most = std::array{4u, 70u, 300u}[random_() % 3];
    const auto lines = static_cast<std::uint32_t>(1 + random_() % most);
    const std::uint64_t places = (end - begin) / kLine - lines;
    return {begin + random_() % places * kLine, lines};
  }

  // A burst crosses no 4 KiB boundary and has at most 256 beats.
  void drive_burst(Reader& reader) {
    if (reader.valid || reader.left == 0 || chance(stall_)) return;
    reader.valid = true;
    reader.request = pick(0, kReadable);
    const std::uint64_t to_page = (4096 - reader.request.at % 4096) / kLine;
    const std::uint64_t lines = std::min<std::uint64_t>(to_page, 256 * kBeatBytes / kLine);
    reader.request.lines =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(reader.request.lines, lines));
    --reader.left;
  }

  // Requests go up and stay up until they are taken; data is taken when the dice say so.
  void drive(Reader& reader) {
    if (!reader.valid && reader.left != 0 && !chance(stall_)) {
      reader.valid = true;
      reader.request = pick(0, kReadable);
      --reader.left;
    }
    reader.ready = !chance(stall_);
  }

  void taken(Reader& reader) {
    reader.valid = false;
    for (std::uint64_t b = 0; b < reader.request.lines * kLine; b += kBeatBytes) {
      reader.beats.push_back(reader.request.at + b);
    }
  }

  void received(Reader& reader, const void* data, bool error) {
    ASSERT_FALSE(reader.beats.empty()) << "data that nobody asked for";
    const std::uint64_t at = reader.beats.front();
    reader.beats.pop_front();
    ++read_beats_;
    errors_ += error;
    ASSERT_EQ(error, failing_.touches(at, kBeatBytes)) << "beat at " << at;
    if (error) return;
    ASSERT_EQ(std::memcmp(data, memory_.at(at, kBeatBytes), kBeatBytes), 0) << "beat at " << at;
  }

  void drive_writer() {
    Writer& w = store_;
    if (!w.valid && !w.waiting && w.left != 0 && !chance(stall_)) {
      w.valid = true;
      w.request = pick(kReadable, kBytes);
      w.at = w.request.at;
      w.beats_left = w.request.lines * kLine / kBeatBytes;
      --w.left;
    }
    if (!w.offered && w.waiting && w.beats_left != 0 && !chance(stall_)) {
      w.offered = true;
      for (std::byte& b : w.beat) b = static_cast<std::byte>(random_());
      std::memcpy(expected_.at(w.at - kReadable, kBeatBytes), w.beat.data(), kBeatBytes);
    }
  }

  void check_written() {
    store_.waiting = false;
    const Request& r = store_.request;
    bool failed = false;
    for (std::uint64_t b = r.at; b < r.at + r.lines * kLine; b += kBeatBytes) {
      if (failing_.touches(b, kBeatBytes)) {
        failed = true;
        continue;
      }
      ASSERT_EQ(std::memcmp(memory_.at(b, kBeatBytes), expected_.at(b - kReadable, kBeatBytes),
                            kBeatBytes),
                0)
          << "beat at " << b;
    }
    errors_ += failed;
    ASSERT_EQ(top_->store_resp_error_o != 0, failed);
    ASSERT_EQ(store_.beats_left, 0u) << "response before the data";
  }

  void step() {
    Top& t = *top_;
    drive(load_);
    for (Reader& reader : bursts_) drive_burst(reader);
    drive_writer();
    t.load_req_valid_i = load_.valid;
    t.load_req_addr_i = load_.request.at;
    t.load_req_lines_i = load_.request.lines;
    t.load_data_ready_i = load_.ready;
    unsigned valid = 0;
    std::uint64_t beats = 0;
    for (unsigned r = 0; r < kReaders; ++r) {
      const Request& request = bursts_[r].request;
      valid |= (bursts_[r].valid ? 1u : 0u) << r;
      std::memcpy(test::port_words(t.burst_ar_addr_i) + 2 * r, &request.at, 8);
      beats |= request.lines * kLine / kBeatBytes << 9 * r;
    }
    t.burst_ar_valid_i = static_cast<CData>(valid);
    t.burst_ar_beats_i = static_cast<std::remove_cvref_t<decltype(t.burst_ar_beats_i)>>(beats);
    t.store_req_valid_i = store_.valid;
    t.store_req_addr_i = store_.request.at;
    t.store_req_lines_i = store_.request.lines;
    t.store_data_valid_i = store_.offered;
    std::memcpy(&t.store_data_i, store_.beat.data(), kBeatBytes);
    drive_memory();
    t.eval();
    sample_memory();

    if (load_.valid && t.load_req_ready_o) taken(load_);
    for (unsigned r = 0; r < kReaders; ++r) {
      if (bursts_[r].valid && (t.burst_ar_ready_o >> r & 1) != 0) taken(bursts_[r]);
    }
    if (t.load_data_valid_o && load_.ready) {
      received(load_, &t.load_data_o, t.load_data_error_o);
    }
    for (unsigned r = 0; r < kReaders; ++r) {
      if ((t.burst_r_valid_o >> r & 1) == 0) continue;
      received(bursts_[r], &t.burst_r_data_o, t.burst_r_error_o);
    }
    if (store_.offered && t.store_data_ready_o) {
      store_.offered = false;
      store_.at += kBeatBytes;
      --store_.beats_left;
    }
    if (store_.valid && t.store_req_ready_o) {
      store_.valid = false;
      store_.waiting = true;
    }
    if (t.store_resp_valid_o) check_written();
    edge();
    axi_->clock(pins_);
    ++cycles_;
  }

  void drive_memory() {
    Top& t = *top_;
    t.m_axi_awready_i = pins_.awready;
    t.m_axi_wready_i = pins_.wready;
    t.m_axi_bvalid_i = pins_.bvalid;
    t.m_axi_bid_i = static_cast<CData>(pins_.bid);
    t.m_axi_bresp_i = static_cast<CData>(pins_.bresp);
    t.m_axi_arready_i = pins_.arready;
    t.m_axi_rvalid_i = pins_.rvalid;
    t.m_axi_rid_i = static_cast<CData>(pins_.rid);
    t.m_axi_rresp_i = static_cast<CData>(pins_.rresp);
    t.m_axi_rlast_i = pins_.rlast;
    std::memcpy(&t.m_axi_rdata_i, pins_.rdata.data(), kBeatBytes);
  }

  void sample_memory() {
    const Top& t = *top_;
    pins_.aw = {t.m_axi_awvalid_o != 0, t.m_axi_awid_o,   t.m_axi_awaddr_o,
                t.m_axi_awlen_o,        t.m_axi_awsize_o, t.m_axi_awburst_o};
    pins_.ar = {t.m_axi_arvalid_o != 0, t.m_axi_arid_o,   t.m_axi_araddr_o,
                t.m_axi_arlen_o,        t.m_axi_arsize_o, t.m_axi_arburst_o};
    pins_.wvalid = t.m_axi_wvalid_o;
    pins_.wlast = t.m_axi_wlast_o;
    pins_.wstrb = t.m_axi_wstrb_o;
    std::memcpy(pins_.wdata.data(), &t.m_axi_wdata_o, kBeatBytes);
    pins_.bready = t.m_axi_bready_o;
    pins_.rready = t.m_axi_rready_o;
  }

  void edge() {
    top_->clk_i = 1;
    top_->eval();
    top_->clk_i = 0;
    top_->eval();
  }

  std::mt19937 random_;
  VerilatedContext context_;
  std::unique_ptr<Top> top_;
  golden::Memory memory_;
  golden::Memory expected_{kBytes - kReadable};  // what was written
  rtl::AxiMemoryOptions options_;
  std::optional<rtl::AxiMemory> axi_;
  rtl::AxiPins pins_;
  Range failing_;
  double stall_ = 0;
  Reader load_;
  std::array<Reader, kReaders> bursts_;
  Writer store_;
  std::uint64_t cycles_ = 0, read_beats_ = 0, errors_ = 0;
};

rtl::AxiSlaveBehaviour behaviour(std::uint64_t seed) {
  return {.write_order = static_cast<rtl::AxiWriteOrder>(seed % 4), .ready_waits = seed % 3 == 0};
}

template <typename Top>
class AxiMux : public ::testing::Test {};
using Widths = ::testing::Types<Vaxi_mux_64, Vaxi_mux_512, Vaxi_mux_r3>;
TYPED_TEST_SUITE(AxiMux, Widths);

TYPED_TEST(AxiMux, DeliversEverythingUnderStallsAndReordering) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    const rtl::AxiMemoryOptions options{.latency = static_cast<unsigned>(seed * 17),
                                        .jitter = static_cast<unsigned>(seed % 2 * 200),
                                        .stall_probability = 0.1 * static_cast<double>(seed),
                                        .reorder = true,
                                        .behaviour = behaviour(seed),
                                        .seed = seed};
    Bench<TypeParam> bench(seed, options, {});
    bench.run(40, 40, 0.15 * static_cast<double>(seed % 4));
    EXPECT_EQ(bench.errors(), 0u);
    if (this->HasFailure()) return;
  }
}

TYPED_TEST(AxiMux, MarksTheBeatsAndTheWritesThatFail) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    const rtl::AxiMemoryOptions options{
        .latency = 9, .stall_probability = 0.2, .reorder = true, .seed = seed};
    Bench<TypeParam> bench(seed, options, {kReadable - 40960, kReadable + 40960});
    bench.run(60, 60, 0.2);
    EXPECT_GT(bench.errors(), 0u);
    if (this->HasFailure()) return;
  }
}

TYPED_TEST(AxiMux, DropsWhatBelongsToTheTimeBeforeAReset) {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    SCOPED_TRACE(seed);
    const rtl::AxiMemoryOptions options{.latency = static_cast<unsigned>(seed % 4 * 60 + 1),
                                        .jitter = static_cast<unsigned>(seed % 2 * 300),
                                        .stall_probability = 0.2 * static_cast<double>(seed % 3),
                                        .reorder = true,
                                        .behaviour = behaviour(seed),
                                        .seed = seed};
    Bench<TypeParam> bench(seed, options, {});
    for (unsigned reset = 0; reset < 4; ++reset) {
      bench.cut_off(static_cast<unsigned>(20 + 97 * seed * (reset + 1) % 900), 0.1);
      if (this->HasFailure()) return;
      bench.run(3, 3, 0.1);
      if (this->HasFailure()) return;
    }
  }
}

// No answer comes then, and it is not waited for for ever. (Before any write: what a memory that
// lost its memory makes of the rest of a burst is its own affair.)
TYPED_TEST(AxiMux, GivesUpWhatAMemoryThatWasResetTooWillNotBring) {
  Bench<TypeParam> bench(3, {.latency = 200}, {});
  bench.run(5, 0, 0);
  bench.cut_off(150, 0, true);
  bench.run(20, 20, 0.1);
}

// After a reset a transfer on any of the five channels is a sign of life, and starts the time-out
// anew; without any the port gives up.
TYPED_TEST(AxiMux, GivesUpOnlyAMemoryThatIsSilent) {
  constexpr unsigned kLong = 40'000, kTimeout = 65'536;  // two of the first are longer
  for (const char* channel : {"AR", "R", "AW", "W", "B"}) {
    SCOPED_TRACE(channel);
    VerilatedContext context;
    context.randReset(2);
    TypeParam top(&context);
    const auto cycles = [&](unsigned count) {
      for (unsigned i = 0; i < count; ++i) {
        top.clk_i = 1;
        top.eval();
        top.clk_i = 0;
        top.eval();
      }
    };
    const auto is = [&](const char* other) { return std::string_view(channel) == other; };
    const auto set_memory = [&](bool ar, bool r, bool aw, bool w, bool b) {
      top.m_axi_arready_i = ar;
      top.m_axi_rvalid_i = r;
      top.m_axi_awready_i = aw;
      top.m_axi_wready_i = w;
      top.m_axi_bvalid_i = b;
      top.eval();
    };
    top.clk_i = top.rst_ni = 0;
    top.load_req_valid_i = top.burst_ar_valid_i = top.store_req_valid_i = 0;
    top.store_data_valid_i = 0;
    top.m_axi_rlast_i = top.m_axi_rid_i = top.m_axi_rresp_i = 0;
    top.m_axi_bid_i = top.m_axi_bresp_i = 0;
    set_memory(false, false, false, false, false);
    cycles(2);
    top.rst_ni = 1;
    while (top.draining_o) cycles(1);

    // Two bursts: memory takes what the channel in question is behind, and nothing else.
    if (is("AR") || is("R")) {
      top.load_req_valid_i = 1;
      top.load_req_addr_i = 4096 - kLine;
      top.load_req_lines_i = 2;
    } else {
      top.store_req_valid_i = top.store_data_valid_i = 1;
      top.store_req_addr_i = 4096 - kLine;
      top.store_req_lines_i = 2;
    }
    set_memory(is("R"), false, is("W") || is("B"), is("AW") || is("B"), false);
    for (unsigned i = 0; i < 40; ++i) {
      const bool taken = top.load_req_valid_i ? top.load_req_ready_o : top.store_req_ready_o;
      cycles(1);
      if (taken) top.load_req_valid_i = top.store_req_valid_i = 0;
    }
    top.store_data_valid_i = 0;
    set_memory(false, false, false, false, false);
    top.rst_ni = 0;
    cycles(1);
    top.rst_ni = 1;

    cycles(kLong);
    set_memory(is("AR"), is("R"), is("AW"), is("W"), is("B"));
    cycles(1);
    set_memory(false, false, false, false, false);
    cycles(kLong);
    EXPECT_TRUE(top.draining_o) << "given up, although memory has made a transfer";
    if (!top.m_axi_wvalid_o) {  // to give up takes back what is offered, which AXI does not allow
      cycles(kTimeout - kLong + 3);
      EXPECT_FALSE(top.draining_o) << "no end";
    }
    top.final();
  }
}

// Nothing stalls: the bus must carry a beat in most cycles, although Load/Store's FIFO holds but
// one burst of the longest.
TYPED_TEST(AxiMux, KeepsTheBusBusy) {
  const rtl::AxiMemoryOptions options{.latency = 60};
  Bench<TypeParam> bench(1, options, {});
  bench.run(200, 0, 0);
  if (this->HasFailure()) return;
  EXPECT_GT(static_cast<double>(bench.read_beats()), 0.85 * static_cast<double>(bench.cycles()));
}

}  // namespace
}  // namespace sterna
