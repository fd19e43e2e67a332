// SPDX-License-Identifier: Apache-2.0
// The host's way to memory: a DMA engine behind PCIe Gen3 x16.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <memory>
#include <span>
#include <systemc>
#include <tlm>
#include <vector>

namespace sterna::platform {

// What the link and the machines at its ends are taken to be. Times in nanoseconds, sizes in bytes.
struct PcieParameters {
  // 16 lanes of 8 GT/s, 128b/130b coding.
  double bytes_per_ns = 16 * 8.0 / 8 * 128 / 130;
  // A packet beside its payload: framing 4, header 16 (a completion's 12), LCRC 4; and an
  // acknowledgement and a flow control update of 8 bytes each for every four packets.
  unsigned request_overhead = 24 + 4;
  unsigned completion_overhead = 20 + 4;
  unsigned payload = 256;       // largest payload of a packet
  unsigned read_request = 512;  // bytes of a read request
  unsigned tags = 64;           // outstanding reads
  double one_way = 150;         // a packet through both PHYs, switch and root complex
  double host_memory = 300;     // latency of the host's memory
  unsigned page = 4096;         // the DMA engine reads the card's memory in these
};

// How much went over the link in one direction.
struct PcieTraffic {
  std::uint64_t transfers = 0, bytes = 0;
  double ns = 0;
};

// A transfer is one descriptor: doorbell, descriptor fetch, data, write-back. Uploads read the
// host's memory, `tags` requests at a time; downloads write to it. Loosely timed: transfers the
// data by b_transport with a growing delay, from whoever calls, and says how long all takes.
class PcieLink final : public sc_core::sc_module {
 public:
  using Socket = tlm_utils::simple_initiator_socket<PcieLink>;
  sc_core::sc_vector<Socket> channels;

  PcieLink(const sc_core::sc_module_name& name, std::size_t channel_count,
           const PcieParameters& parameters = {});

  // Throws Error when the channel's memory refuses the range.
  sc_core::sc_time upload(std::size_t channel, std::uint64_t address,
                          std::span<const std::byte> data);
  sc_core::sc_time download(std::size_t channel, std::uint64_t address, std::span<std::byte> data);

  const PcieTraffic& uploaded() const { return uploaded_; }
  const PcieTraffic& downloaded() const { return downloaded_; }

 private:
  double descriptor() const;
  // One access to the card's memory, `ns` from now; the time at which it is done.
  double access(std::size_t channel, tlm::tlm_command command, std::uint64_t address,
                std::byte* data, std::size_t bytes, double ns);

  PcieParameters p_;
  PcieTraffic uploaded_, downloaded_;
};

}  // namespace sterna::platform
