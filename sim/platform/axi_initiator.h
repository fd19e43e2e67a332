// SPDX-License-Identifier: Apache-2.0
// The bridge from one AXI port of the hardware to TLM: bursts become lines, and lines that memory
// returns out of order become beats that are in order within an ID again.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <deque>
#include <systemc>
#include <vector>

#include "sim/platform/line_transaction.h"
#include "sim/rtl/axi_slave.h"

namespace sterna::platform {

// A line a direction is issued each cycle, in the order in which bursts were accepted. A write gets
// its response when memory has acknowledged all its lines, and can be read from then on.
class AxiInitiator final : public sc_core::sc_module, public rtl::AxiSlave {
 public:
  using Socket = tlm_utils::simple_initiator_socket_tagged<AxiInitiator>;
  Socket read_lines, write_lines;

  AxiInitiator(const sc_core::sc_module_name& name, unsigned beat_bytes);

  // After a rising edge of the core's clock, in its time.
  void edge(rtl::AxiPins& pins);

 private:
  struct Line {
    bool arrived = false;
    rtl::AxiResponse response = rtl::AxiResponse::kOkay;
    rtl::Beat data{};
  };
  struct Reading {
    std::uint64_t serial = 0;
    std::uint64_t address = 0;  // of the first line
    std::size_t sent = 0;
    std::vector<Line> lines;
  };
  struct Writing {
    std::uint64_t serial = 0;
    std::size_t unanswered = 0;
    rtl::AxiResponse response = rtl::AxiResponse::kOkay;
  };

  void read_accepted(Burst& burst) override;
  void write_complete(Burst& burst) override;
  bool read_due(const Burst& burst) const override;
  bool write_due(const Burst& burst) const override;
  rtl::AxiResponse read_beat(const Burst& burst, rtl::Beat& data) override;
  rtl::AxiResponse finish_write(Burst& burst) override;

  void send_read();
  void send_write();
  // True when the target accepted it at once.
  bool send(Socket& socket, LineTransaction& line);
  tlm::tlm_sync_enum response(int socket, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
  std::uint64_t line_index(const Burst& burst) const;

  LinePool pool_;
  std::deque<Reading> readings_;         // oldest first
  std::deque<Writing> writings_;         // complete bursts
  std::deque<LineTransaction*> unsent_;  // of writes
  bool open_[2] = {};                    // a request that the target has not accepted: read, write
};

}  // namespace sterna::platform
