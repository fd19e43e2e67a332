// SPDX-License-Identifier: Apache-2.0
// Replays a trace of accesses on one DDR4 channel.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/dram/dram_channel.h"

namespace sterna::dram {

struct TraceAccess {
  std::uint64_t address = 0;
  bool write = false;
  std::uint64_t cycle = 0;  // of the memory clock
};

struct TraceReport {
  std::uint64_t cycles = 0;  // from the first access to the last data
  DramStats stats;           // of these cycles

  std::uint64_t accesses() const { return stats.reads + stats.writes; }
  double bytes_per_second() const;
  double average_latency() const;  // cycles
};

// "0xADDRESS READ|WRITE cycle". Throws Error, starting with `where`, for anything else.
TraceAccess parse_trace_line(std::string_view line, const std::string& where);

// Offers the accesses in order, each at its cycle or as soon as its queue has room; latencies count
// from that moment. Empty lines are skipped. Throws Error with `name` and the line's number for a
// bad line, for a cycle before its predecessor's, and for a trace without an access.
TraceReport replay_trace(std::string_view trace, const std::string& name,
                         const DramOptions& options = {});

}  // namespace sterna::dram
