// SPDX-License-Identifier: Apache-2.0
// Where the data that a program carries lies in a device's memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "asm/program_data.h"

namespace sterna::program {

// A segment as the control registers are to have it. Addresses count through the memories of all
// channels, that of channel c from c times its size on.
struct PlacedSegment {
  std::uint32_t number = 0;
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;        // of a lane's copy
  std::uint32_t lane_stride = 0;  // lines from a lane's copy to the next; 0: all share one
};

class DataPlacement {
 public:
  struct Memory {
    unsigned channels = 1;
    std::uint64_t channel_bytes = 0;  // of each
    unsigned lanes = 1;               // that take part, from lane 0 on
  };
  using Write = std::function<void(std::uint64_t address, std::span<const std::byte> bytes)>;

  // Puts one segment behind the other in the memory of its channel (segment s belongs to channel s
  // modulo the channels), but those in `fixed` where that says. The matrices of a segment are
  // striped: their parts lie in as many segments as there are channels, from that one on. `data`
  // must outlive this. Throws Error, naming the segment, when that cannot be.
  DataPlacement(const assembly::ProgramData& data, const Memory& memory,
                const std::vector<PlacedSegment>& fixed = {});

  // All, those of further channels too.
  const std::vector<PlacedSegment>& segments() const { return segments_; }

  // How many copies an item has: one a lane, or one for all.
  unsigned copies(const assembly::DataItem& item) const;
  // Where copy `lane` of a vector begins.
  std::uint64_t address(const assembly::DataItem& item, unsigned lane) const;

  // Writes everything as the program carries it.
  void write_all(const Write& write) const;
  // Writes an image of the item's size in place of its own: to one lane's copy, or to all.
  void write(const assembly::DataItem& item, std::span<const std::byte> image,
             std::optional<unsigned> lane, const Write& write) const;

 private:
  void place(const assembly::DataSegment& segment, std::uint32_t number, bool part);

  const assembly::ProgramData& data_;
  Memory memory_;
  std::vector<std::uint64_t> used_;  // bytes of each channel
  std::vector<PlacedSegment> segments_;
  std::map<std::uint32_t, PlacedSegment> by_number_;
};

}  // namespace sterna::program
