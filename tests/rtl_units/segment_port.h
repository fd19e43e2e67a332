// SPDX-License-Identifier: Apache-2.0
// A sterna_segment_pkg::write_t as Verilator has it at a module's port.
#pragma once

#include <cstdint>

namespace sterna {

struct Segment {
  std::uint64_t base = 0;
  std::uint32_t lines = 0;
  std::uint32_t stride = 0;
};

constexpr unsigned kSegmentValid = 1u << 4;  // above the index

// Puts a segment on the port; the next clock edge takes it.
template <typename Port>
void put_segment(Port& port, unsigned index, const Segment& segment) {
  port[0] = segment.stride;
  port[1] = segment.lines;
  port[2] = static_cast<std::uint32_t>(segment.base);
  port[3] = static_cast<std::uint32_t>(segment.base >> 32);
  port[4] = kSegmentValid | index;
}

template <typename Port>
void put_no_segment(Port& port) {
  port[4] = 0;
}

template <typename Port>
bool has_segment(const Port& port) {
  return (port[4] & kSegmentValid) != 0;
}

template <typename Port>
unsigned segment_index(const Port& port) {
  return port[4] & (kSegmentValid - 1);
}

template <typename Port>
Segment segment_of(const Port& port) {
  return {.base = std::uint64_t{port[3]} << 32 | port[2], .lines = port[1], .stride = port[0]};
}

}  // namespace sterna
