// SPDX-License-Identifier: Apache-2.0
// Where the segments of a model's file lie among a device's. The file leaves segments for the
// weights of kModelBanks channels. A device with more has them for its weights, too: there two
// banks of vectors share a segment, and two banks of states.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "host/model/sterna_file.h"
#include "isa/generated/isa.h"
#include "isa/instruction.h"

namespace sterna::runtime {

class SegmentMap {
 public:
  // In a segment of the device, `offset` bytes from where it begins, or a lane's copy of it does.
  struct Home {
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;
  };
  struct Segment {
    std::uint64_t bytes = 0;  // of one lane
    bool per_lane = false;
  };

  static constexpr std::uint32_t kMaxChannels = 2 * model::kModelBanks;

  // Of all segments but the weights'. Throws Error when a device has more channels than
  // kMaxChannels.
  SegmentMap(const model::SternaHeader& header, std::uint32_t channels);

  const Home& home(std::uint32_t index) const { return homes_[index]; }
  // By the device's numbers; those without bytes are not used.
  std::span<const Segment> segments() const { return segments_; }

  // Sends loads and stores of the file's program to where their segments are.
  void relocate(std::span<Instruction> program) const;

 private:
  std::array<Home, kSegments> homes_{};
  std::array<Segment, kSegments> segments_{};
};

}  // namespace sterna::runtime
