// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/pcie_link.h"

#include <algorithm>

#include "sim/platform/platform_time.h"
#include "support/error.h"

namespace sterna::platform {

PcieLink::PcieLink(const sc_core::sc_module_name& name, std::size_t channel_count,
                   const PcieParameters& parameters)
    : sc_module(name), channels("channels", channel_count), p_(parameters) {}

// Doorbell, then the engine reads the descriptor.
double PcieLink::descriptor() const { return p_.one_way + 2 * p_.one_way + p_.host_memory; }

double PcieLink::access(std::size_t channel, tlm::tlm_command command, std::uint64_t address,
                        std::byte* data, std::size_t bytes, double ns) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(data));
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  sc_core::sc_time delay = time_fs(static_cast<std::uint64_t>(ns * 1e6));
  channels[channel]->b_transport(payload, delay);
  if (!payload.is_response_ok()) throw Error("pcie: no memory at {:#x}", address);
  return std::max(ns, 1e-6 * static_cast<double>(delay.value()));
}

sc_core::sc_time PcieLink::upload(std::size_t channel, std::uint64_t address,
                                  std::span<const std::byte> data) {
  const double round_trip = 2 * p_.one_way + p_.host_memory;
  double up = descriptor();  // when the direction to the host is free, and the one from it
  double down = up, written = up;
  std::vector<double> tag_free(p_.tags, up);
  for (std::size_t at = 0; at < data.size(); at += p_.read_request) {
    const std::size_t bytes = std::min<std::size_t>(p_.read_request, data.size() - at);
    double& tag = tag_free[at / p_.read_request % p_.tags];
    up = std::max(up, tag) + p_.request_overhead / p_.bytes_per_ns;
    const std::size_t packets = (bytes + p_.payload - 1) / p_.payload;
    down = std::max(down, up + round_trip) +
           (static_cast<double>(bytes) + static_cast<double>(packets) * p_.completion_overhead) /
               p_.bytes_per_ns;
    // b_transport does not write to what it is given for a write.
    written = access(channel, tlm::TLM_WRITE_COMMAND, address + at,
                     const_cast<std::byte*>(data.data()) + at, bytes, down);
    tag = written;
  }
  const double end = written + p_.one_way;  // the descriptor's write-back
  ++uploaded_.transfers;
  uploaded_.bytes += data.size();
  uploaded_.ns += end;
  return time_fs(static_cast<std::uint64_t>(end * 1e6));
}

sc_core::sc_time PcieLink::download(std::size_t channel, std::uint64_t address,
                                    std::span<std::byte> data) {
  double read = descriptor();  // when the next page can be asked for
  double up = read;
  for (std::size_t at = 0; at < data.size(); at += p_.page) {
    const std::size_t bytes = std::min<std::size_t>(p_.page, data.size() - at);
    read = access(channel, tlm::TLM_READ_COMMAND, address + at, data.data() + at, bytes, read);
    const std::size_t packets = (bytes + p_.payload - 1) / p_.payload;
    up = std::max(up, read) +
         (static_cast<double>(bytes) + static_cast<double>(packets) * p_.request_overhead) /
             p_.bytes_per_ns;
  }
  const double end = up + p_.one_way;
  ++downloaded_.transfers;
  downloaded_.bytes += data.size();
  downloaded_.ns += end;
  return time_fs(static_cast<std::uint64_t>(end * 1e6));
}

}  // namespace sterna::platform
