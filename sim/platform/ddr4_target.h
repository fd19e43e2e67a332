// SPDX-License-Identifier: Apache-2.0
// One DDR4 channel with its controller as a TLM-2.0 target around the timing engine.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>

#include <cstdint>
#include <queue>
#include <systemc>
#include <tlm>
#include <vector>

#include "sim/dram/dram_channel.h"
#include "sim/golden/memory.h"
#include "sim/platform/memory_model.h"

namespace sterna::platform {

// Two sockets for the core, one transaction a line, base protocol, loosely (b_transport) or
// approximately (nb_transport) timed: END_REQ when the controller's queue has accepted the access,
// which is also when it is ordered among memory's accesses and its data is moved; BEGIN_RESP when
// read data would be back, or a posted write is acknowledged. A socket for the host's DMA,
// b_transport only, any number of lines: the delay comes back advanced to when the controller has
// accepted a write, or a read's last data is there. It may run the engine ahead of SystemC's time,
// so the host may use it only while the core is silent.
class Ddr4Target final : public sc_core::sc_module {
 public:
  using Socket = tlm_utils::passthrough_target_socket_tagged<Ddr4Target>;
  SC_HAS_PROCESS(Ddr4Target);
  Socket reads, writes, host;

  // Serves [base, base + bytes) of `memory`, which must outlive this.
  Ddr4Target(const sc_core::sc_module_name& name, golden::Memory& memory, std::uint64_t base,
             std::uint64_t bytes, const ControllerLatency& latency = {},
             const dram::DramOptions& options = {});

  // Accesses of the core that touch [begin, end) answer TLM_GENERIC_ERROR_RESPONSE from now on.
  void fail(std::uint64_t begin, std::uint64_t end) { failing_.push_back({begin, end}); }

  const dram::DramStats& stats() const { return engine_.stats(); }

 private:
  struct Range {
    std::uint64_t begin = 0, end = 0;
  };
  struct Response {
    std::uint64_t fs = 0;
    std::uint64_t order = 0;
    tlm::tlm_generic_payload* payload = nullptr;
    bool operator<(const Response& other) const {  // the earliest is the greatest
      return fs != other.fs ? fs > other.fs : order > other.order;
    }
  };

  tlm::tlm_sync_enum request(int socket, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  void core_b_transport(int socket, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void host_b_transport(int socket, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  void run();
  void catch_up(std::uint64_t fs);
  void accept(tlm::tlm_generic_payload& payload);
  bool has_room(const tlm::tlm_generic_payload& payload) const {
    return engine_.can_accept(payload.is_write());
  }
  tlm::tlm_response_status move_data(tlm::tlm_generic_payload& payload, bool host);
  void respond(tlm::tlm_generic_payload& payload, std::uint64_t fs);
  void schedule();

  golden::Memory& memory_;
  std::uint64_t base_, bytes_;
  ControllerLatency latency_;
  dram::DramChannel engine_;
  std::vector<Range> failing_;
  tlm::tlm_generic_payload* waiting_[2] = {};  // offered and not accepted: a read, a write
  std::priority_queue<Response> responses_;
  std::uint64_t response_order_ = 0;
  sc_core::sc_event wake_;
};

}  // namespace sterna::platform
