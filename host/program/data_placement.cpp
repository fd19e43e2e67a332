// SPDX-License-Identifier: Apache-2.0
#include "host/program/data_placement.h"

#include <algorithm>

#include "isa/instruction.h"
#include "support/error.h"

namespace sterna::program {
namespace {

constexpr std::uint64_t kPage = 4096;

bool is_striped(const assembly::ProgramData& data, std::uint32_t segment) {
  return std::any_of(data.items.begin(), data.items.end(), [&](const assembly::DataItem& item) {
    return item.segment == segment && item.is_striped();
  });
}

bool declares(const assembly::ProgramData& data, std::uint32_t number) {
  return std::any_of(
      data.segments.begin(), data.segments.end(),
      [&](const assembly::DataSegment& segment) { return segment.number == number; });
}

}  // namespace

DataPlacement::DataPlacement(const assembly::ProgramData& data, const Memory& memory,
                             const std::vector<PlacedSegment>& fixed)
    : data_(data), memory_(memory), used_(memory.channels) {
  for (const PlacedSegment& segment : fixed) by_number_[segment.number] = segment;
  for (std::uint32_t i = 0; i < data.segments.size(); ++i) {
    const assembly::DataSegment& segment = data.segments[i];
    const bool striped = memory.channels > 1 && is_striped(data, i);
    if (striped && segment.number % memory.channels != 0) {
      throw Error(
          "segment '{}' holds matrices, which {} channels take from segments that are a multiple "
          "of {}: it cannot be b{}",
          segment.name, memory.channels, memory.channels, segment.number);
    }
    place(segment, segment.number, false);
    for (std::uint32_t c = 1; striped && c < memory.channels; ++c) {
      if (declares(data, segment.number + c)) {
        throw Error("segment b{} has to hold part of the matrices of '{}' on {} channels: free it",
                    segment.number + c, segment.name, memory.channels);
      }
      place(segment, segment.number + c, true);
    }
  }
}

void DataPlacement::place(const assembly::DataSegment& segment, std::uint32_t number, bool part) {
  if (const auto fixed = by_number_.find(number); fixed != by_number_.end()) {
    if (fixed->second.bytes < segment.bytes) {
      throw Error("segment '{}' has {} bytes, b{} is placed with {}", segment.name, segment.bytes,
                  number, fixed->second.bytes);
    }
    segments_.push_back(fixed->second);
    return;
  }
  const unsigned channel = number % memory_.channels;
  const unsigned copies = segment.per_lane && !part ? memory_.lanes : 1;
  PlacedSegment placed{number, channel * memory_.channel_bytes + used_[channel], segment.bytes, 0};
  if (segment.per_lane) {
    placed.lane_stride = static_cast<std::uint32_t>(segment.bytes / kLineBytes);
  }
  const std::uint64_t left =
      memory_.channel_bytes - std::min(memory_.channel_bytes, used_[channel]);
  if (segment.bytes > left / copies) {
    throw Error("segment '{}': {} times {} bytes do not fit the {:#x} bytes that memory has left",
                segment.name, copies, segment.bytes, left);
  }
  used_[channel] += (copies * segment.bytes + kPage - 1) / kPage * kPage;
  segments_.push_back(placed);
  by_number_[number] = placed;
}

unsigned DataPlacement::copies(const assembly::DataItem& item) const {
  const PlacedSegment& segment = by_number_.at(data_.segments[item.segment].number);
  return segment.lane_stride == 0 ? 1 : memory_.lanes;
}

std::uint64_t DataPlacement::address(const assembly::DataItem& item, unsigned lane) const {
  const PlacedSegment& segment = by_number_.at(data_.segments[item.segment].number);
  return segment.address + std::uint64_t{lane} * segment.lane_stride * kLineBytes + item.offset;
}

void DataPlacement::write_all(const Write& write_bytes) const {
  for (const assembly::DataItem& item : data_.items) write(item, item.image, {}, write_bytes);
}

void DataPlacement::write(const assembly::DataItem& item, std::span<const std::byte> image,
                          std::optional<unsigned> lane, const Write& write_bytes) const {
  if (item.is_striped() && memory_.channels > 1) {
    std::vector<std::byte> part;
    for (unsigned c = 0; c < memory_.channels; ++c) {
      assembly::channel_image(item, image, c, memory_.channels, part);
      write_bytes(by_number_.at(data_.segments[item.segment].number + c).address + item.offset,
                  part);
    }
    return;
  }
  for (unsigned copy = 0; copy < copies(item); ++copy) {
    if (!lane || *lane == copy) write_bytes(address(item, copy), image);
  }
}

}  // namespace sterna::program
