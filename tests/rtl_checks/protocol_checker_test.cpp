// SPDX-License-Identifier: Apache-2.0
// Traffic at the pins of the protocol checkers, with one rule broken at a time.
#include <gtest/gtest.h>
#include <verilated.h>

#include <functional>
#include <memory>
#include <string>

#include "Vaxi_lite_protocol_checker.h"
#include "Vaxi_protocol_checker.h"
#include "support/error.h"

namespace sterna {
namespace {

// A checker's pins, with a clock and two cycles of reset behind it.
template <typename Top>
class Bench {
 public:
  Bench() : top(std::make_unique<Top>(&context_)) {
    top->rst_ni = 0;
    tick(2);
    top->rst_ni = 1;
    tick();
  }

  void tick(unsigned cycles = 1) {
    for (unsigned i = 0; i < cycles; ++i) {
      for (const unsigned clock : {0, 1}) {
        top->clk_i = static_cast<CData>(clock);
        top->eval();
      }
    }
  }

 private:
  VerilatedContext context_;

 public:
  std::unique_ptr<Top> top;
};

using Memory = Bench<Vaxi_protocol_checker>;
using Control = Bench<Vaxi_lite_protocol_checker>;

constexpr unsigned kSize = 3;  // eight bytes a beat
constexpr unsigned kIncr = 1;

void offer_write(Memory& m, std::uint64_t address, unsigned beats) {
  m.top->aw_valid_i = 1;
  m.top->aw_addr_i = address;
  m.top->aw_len_i = static_cast<CData>(beats - 1);
  m.top->aw_size_i = kSize;
  m.top->aw_burst_i = kIncr;
}

void take_write(Memory& m) {
  m.top->aw_ready_i = 1;
  m.tick();
  m.top->aw_valid_i = m.top->aw_ready_i = 0;
}

void write_address(Memory& m, unsigned beats) {
  offer_write(m, 0x1000, beats);
  m.tick();  // waits a cycle
  take_write(m);
}

void write_beat(Memory& m, bool last, unsigned strobes = 0xff) {
  m.top->w_valid_i = m.top->w_ready_i = 1;
  m.top->w_last_i = last;
  m.top->w_strb_i = static_cast<CData>(strobes);
  m.tick();
  m.top->w_valid_i = m.top->w_ready_i = 0;
}

void respond(Memory& m, unsigned id = 0) {
  m.top->b_valid_i = m.top->b_ready_i = 1;
  m.top->b_id_i = static_cast<CData>(id);
  m.tick();
  m.top->b_valid_i = m.top->b_ready_i = 0;
}

void offer_read(Memory& m, std::uint64_t address, unsigned beats, unsigned id = 0) {
  m.top->ar_valid_i = 1;
  m.top->ar_id_i = static_cast<CData>(id);
  m.top->ar_addr_i = address;
  m.top->ar_len_i = static_cast<CData>(beats - 1);
  m.top->ar_size_i = kSize;
  m.top->ar_burst_i = kIncr;
}

void read_address(Memory& m, unsigned beats, unsigned id = 0) {
  offer_read(m, 0x2000, beats, id);
  m.top->ar_ready_i = 1;
  m.tick();
  m.top->ar_valid_i = m.top->ar_ready_i = 0;
}

void read_beat(Memory& m, bool last, unsigned id = 0) {
  m.top->r_valid_i = m.top->r_ready_i = 1;
  m.top->r_id_i = static_cast<CData>(id);
  m.top->r_last_i = last;
  m.tick();
  m.top->r_valid_i = m.top->r_ready_i = 0;
}

TEST(AxiProtocolChecker, RightTrafficPasses) {
  Memory m;
  write_address(m, 2);
  write_beat(m, false);
  write_address(m, 1);  // before the first one's data is complete
  write_beat(m, true);
  write_beat(m, true);
  respond(m);
  respond(m);
  read_address(m, 2, 0);
  read_address(m, 1, 1);
  read_address(m, 3, 0);
  read_beat(m, false, 0);
  read_beat(m, true, 1);  // IDs may interleave
  read_beat(m, true, 0);
  for (const bool last : {false, false, true}) read_beat(m, last, 0);
  offer_write(m, 0x1f80, 16);  // up to the boundary
  take_write(m);
}

TEST(AxiProtocolChecker, DataMayBeTakenBeforeItsAddress) {
  Memory m;
  offer_write(m, 0x1000, 2);
  write_beat(m, false);
  write_beat(m, true, 0);  // no strobe at all: what is owed after a reset
  take_write(m);
  respond(m);
  offer_write(m, 0x1000, 1);
  m.tick(1000);  // data may come late, ...
  write_beat(m, true);
  m.tick(2000);  // ... and memory may take its time
  take_write(m);
  respond(m);
}

template <typename Top>
struct Violation {
  const char* name;
  const char* rule;
  std::function<void(Bench<Top>&)> traffic;
};

// Verilated code prints the name of the rule and then calls vl_fatal, which throws.
template <typename Top>
void expect_found(const Violation<Top>& violation) {
  Bench<Top> bench;
  testing::internal::CaptureStdout();
  bool thrown = false;
  try {
    violation.traffic(bench);
    bench.tick();
  } catch (const Error&) {
    thrown = true;
  }
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(thrown);
  EXPECT_NE(text.find(std::string(".") + violation.rule + ": protocol violated"), std::string::npos)
      << text;
}

template <typename Top>
std::string name_of(const testing::TestParamInfo<Violation<Top>>& info) {
  return info.param.name;
}

class AxiViolation : public testing::TestWithParam<Violation<Vaxi_protocol_checker>> {};
TEST_P(AxiViolation, IsFound) { expect_found(GetParam()); }

using V = Violation<Vaxi_protocol_checker>;
INSTANTIATE_TEST_SUITE_P(
    Rules, AxiViolation,
    testing::Values(
        V{"aw_taken_back", "u_aw.ValidStays",
          [](Memory& m) {
            offer_write(m, 0x1000, 1);
            m.tick();
            m.top->aw_valid_i = 0;
          }},
        V{"aw_changed", "u_aw.PayloadStays",
          [](Memory& m) {
            offer_write(m, 0x1000, 1);
            m.tick();
            m.top->aw_addr_i = 0x1040;
          }},
        V{"w_changed", "u_w.PayloadStays",
          [](Memory& m) {
            write_address(m, 1);
            m.top->w_valid_i = m.top->w_last_i = 1;
            m.top->w_strb_i = 0xff;
            m.tick();
            m.top->w_data_i = 1;
          }},
        V{"ar_taken_back", "u_ar.ValidStays",
          [](Memory& m) {
            offer_read(m, 0, 1);
            m.tick();
            m.top->ar_valid_i = 0;
          }},
        V{"r_changed", "u_r.PayloadStays",
          [](Memory& m) {
            read_address(m, 1);
            m.top->r_valid_i = m.top->r_last_i = 1;
            m.tick();
            m.top->r_data_i = 1;
          }},
        V{"b_taken_back", "u_b.ValidStays",
          [](Memory& m) {
            write_address(m, 1);
            write_beat(m, true);
            m.top->b_valid_i = 1;
            m.tick();
            m.top->b_valid_i = 0;
          }},
        V{"valid_in_reset", "u_ar.NoValidInReset",
          [](Memory& m) {
            m.top->rst_ni = 0;
            m.tick();
            m.top->rst_ni = 1;
            offer_read(m, 0, 1);
          }},
        V{"write_across_page", "WriteInsidePage", [](Memory& m) { offer_write(m, 0x1fc0, 9); }},
        V{"read_across_page", "ReadInsidePage", [](Memory& m) { offer_read(m, 0x1fc0, 9); }},
        V{"write_off_line", "WriteOnLine", [](Memory& m) { offer_write(m, 0x1008, 1); }},
        V{"read_narrow", "ReadWholeBeats",
          [](Memory& m) {
            offer_read(m, 0, 1);
            m.top->ar_size_i = 2;
          }},
        V{"write_wraps", "WriteIncrements",
          [](Memory& m) {
            offer_write(m, 0, 1);
            m.top->aw_burst_i = 2;
          }},
        V{"data_first", "DataAfterAddress", [](Memory& m) { write_beat(m, true); }},
        V{"wlast_early", "WlastAtTheEnd",
          [](Memory& m) {
            write_address(m, 2);
            write_beat(m, true);
          }},
        V{"wlast_late", "WlastAtTheEnd",
          [](Memory& m) {
            write_address(m, 1);
            write_beat(m, false);
          }},
        V{"strobe", "AllBytesOrNone",
          [](Memory& m) {
            write_address(m, 1);
            write_beat(m, true, 0x7f);
          }},
        V{"response_early", "ResponseAwaited",
          [](Memory& m) {
            write_address(m, 2);
            write_beat(m, false);
            respond(m);
          }},
        V{"response_twice", "ResponseAwaited",
          [](Memory& m) {
            write_address(m, 1);
            write_beat(m, true);
            respond(m);
            respond(m);
          }},
        V{"response_before_the_address", "ResponseAwaited",
          [](Memory& m) {
            offer_write(m, 0x1000, 1);
            write_beat(m, true);
            respond(m);
          }},
        V{"data_waits_for_the_address", "gen_max_data_delay.DataWaitsForNoAddress",
          [](Memory& m) {
            offer_write(m, 0x1000, 1);
            m.tick(1100);
          }},
        V{"response_of_other_id", "ResponseAwaited",
          [](Memory& m) {
            write_address(m, 1);
            write_beat(m, true);
            respond(m, 1);
          }},
        V{"beat_unasked", "gen_read[1].DataRequested",
          [](Memory& m) {
            read_address(m, 1, 0);
            read_beat(m, true, 1);
          }},
        V{"beat_too_many", "gen_read[0].DataRequested",
          [](Memory& m) {
            read_address(m, 1);
            read_beat(m, true);
            read_beat(m, true);
          }},
        V{"rlast_early", "gen_read[0].RlastAtTheEnd",
          [](Memory& m) {
            read_address(m, 2);
            read_beat(m, true);
          }},
        V{"rlast_late", "gen_read[0].RlastAtTheEnd",
          [](Memory& m) {
            read_address(m, 1);
            read_beat(m, false);
          }}),
    name_of<Vaxi_protocol_checker>);

// ------------------------------------------------------------------------------------- AXI4-Lite

void control_write(Control& c) {
  c.top->aw_valid_i = c.top->aw_ready_i = c.top->w_valid_i = c.top->w_ready_i = 1;
  c.tick();
  c.top->aw_valid_i = c.top->w_valid_i = 0;
}

TEST(AxiLiteProtocolChecker, RightTrafficPasses) {
  Control c;
  control_write(c);
  c.top->b_valid_i = 1;
  c.tick(2);
  c.top->b_ready_i = 1;
  c.tick();
  c.top->b_valid_i = 0;
  c.top->ar_valid_i = c.top->ar_ready_i = 1;
  c.tick();
  c.top->ar_valid_i = 0;
  c.top->r_valid_i = c.top->r_ready_i = 1;
  c.tick();
  c.top->r_valid_i = 0;
  c.tick();
}

class AxiLiteViolation : public testing::TestWithParam<Violation<Vaxi_lite_protocol_checker>> {};
TEST_P(AxiLiteViolation, IsFound) { expect_found(GetParam()); }

using L = Violation<Vaxi_lite_protocol_checker>;
INSTANTIATE_TEST_SUITE_P(Rules, AxiLiteViolation,
                         testing::Values(L{"response_without_data", "ResponseAwaited",
                                           [](Control& c) {
                                             c.top->aw_valid_i = c.top->aw_ready_i = 1;
                                             c.tick();
                                             c.top->aw_valid_i = 0;
                                             c.top->b_valid_i = 1;
                                           }},
                                         L{"response_twice", "ResponseAwaited",
                                           [](Control& c) {
                                             control_write(c);
                                             c.top->b_valid_i = c.top->b_ready_i = 1;
                                             c.tick();
                                           }},
                                         L{"data_unasked", "DataRequested",
                                           [](Control& c) { c.top->r_valid_i = 1; }},
                                         L{"data_changed", "u_r.PayloadStays",
                                           [](Control& c) {
                                             c.top->ar_valid_i = c.top->ar_ready_i = 1;
                                             c.tick();
                                             c.top->ar_valid_i = 0;
                                             c.top->r_valid_i = 1;
                                             c.tick();
                                             c.top->r_data_i = 1;
                                           }},
                                         L{"host_takes_back", "u_w.ValidStays",
                                           [](Control& c) {
                                             c.top->w_valid_i = 1;
                                             c.tick();
                                             c.top->w_valid_i = 0;
                                           }},
                                         L{"exclusive", "ResponseNotExclusive",
                                           [](Control& c) {
                                             control_write(c);
                                             c.top->b_valid_i = 1;
                                             c.top->b_resp_i = 1;
                                           }}),
                         name_of<Vaxi_lite_protocol_checker>);

}  // namespace
}  // namespace sterna
