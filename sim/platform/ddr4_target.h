// SPDX-License-Identifier: Apache-2.0
// One DDR4 channel with its controller as a TLM-2.0 target around the timing engine.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <queue>
#include <systemc>
#include <tlm>
#include <vector>

#include "sim/dram/dram_channel.h"
#include "sim/golden/memory.h"
#include "sim/platform/memory_model.h"
#include "sim/platform/platform_time.h"

namespace sterna::platform {

// One port or several, that share the channel. Of each, two sockets for the core, one transaction a
// line, base protocol, loosely (b_transport) or approximately (nb_transport) timed: END_REQ when
// the controller's queue has accepted the access, which is also when it is ordered among memory's
// accesses and its data is moved; BEGIN_RESP when read data would be back, or a posted write is
// acknowledged. Ports that wait for room in the queue are served in turn. A socket for the host's
// DMA, b_transport only, any number of lines: the delay comes back advanced to when the controller
// has accepted a write, or a read's last data is there. It may run the engine ahead of SystemC's
// time, so the host may use it only while the core is silent.
class Ddr4Target final : public sc_core::sc_module {
 public:
  using Socket = tlm_utils::passthrough_target_socket_tagged<Ddr4Target>;
  struct Port {
    explicit Port(std::size_t number);
    Socket reads, writes, host;
  };
  SC_HAS_PROCESS(Ddr4Target);
  std::deque<Port> ports;

  // Serves [base, base + bytes) of `memory`, which must outlive this, in as many equal parts as it
  // has ports.
  Ddr4Target(const sc_core::sc_module_name& name, golden::Memory& memory, std::uint64_t base,
             std::uint64_t bytes, const ControllerLatency& latency = {}, std::size_t port_count = 1,
             const dram::DramOptions& options = {});

  // Accesses of the core that touch [begin, end) answer TLM_GENERIC_ERROR_RESPONSE from now on.
  void fail(std::uint64_t begin, std::uint64_t end) { failing_.push_back({begin, end}); }

  const dram::DramStats& stats() const { return engine_.stats(); }

 private:
  struct Range {
    std::uint64_t begin = 0, end = 0;
  };
  struct Request {
    tlm::tlm_generic_payload* payload = nullptr;
    int socket = 0;  // of socket_of()
  };
  struct Response {
    std::uint64_t fs = 0;
    std::uint64_t order = 0;
    Request request;
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
  void serve_waiting();
  void accept(const Request& request);
  bool has_room(const tlm::tlm_generic_payload& payload) const {
    return engine_.can_accept(payload.is_write());
  }
  tlm::tlm_response_status move_data(tlm::tlm_generic_payload& payload, bool host);
  void respond(const Request& request, std::uint64_t fs);
  Socket& socket_of(int number) {
    Port& port = ports[static_cast<std::size_t>(number) / 2];
    return number % 2 == 0 ? port.reads : port.writes;
  }
  std::uint64_t dram_address(std::uint64_t address) const;
  void schedule();

  golden::Memory& memory_;
  std::uint64_t base_, bytes_;
  ControllerLatency latency_;  // in cycles of the memory's clock
  MemoryClock clock_;
  std::uint64_t bank_step_;
  dram::DramChannel engine_;
  std::vector<Range> failing_;
  std::vector<tlm::tlm_generic_payload*> waiting_;  // offered and not accepted, of each socket
  std::size_t first_ = 0;                           // the socket that is asked first
  std::vector<Request> reading_;                    // in the engine, by tag - 1
  std::vector<std::uint64_t> free_tags_;
  std::priority_queue<Response> responses_;
  std::uint64_t response_order_ = 0;
  sc_core::sc_event wake_;
};

}  // namespace sterna::platform
