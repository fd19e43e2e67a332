// SPDX-License-Identifier: Apache-2.0
// The data that a program carries: the segments that it works on, and vectors and matrices in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sterna::assembly {

struct DataSegment {
  std::string name;
  std::uint32_t number = 0;  // of b0..b15
  bool per_lane = false;     // every lane has a copy of its own
  std::uint64_t bytes = 0;   // of a copy, whole lines

  bool operator==(const DataSegment&) const = default;
};

// A vector, or a ternary matrix. Items of a segment lie one behind the other in whole lines.
struct DataItem {
  std::string name;
  std::uint32_t segment = 0;       // index of DataSegment
  bool input = false;              // whoever runs the program may put other values here
  bool output = false;             // whoever runs it wants to see what is here afterwards
  std::uint32_t rows = 0;          // 0: a vector
  std::uint32_t columns = 0;       // of a vector, its length
  std::uint64_t offset = 0;        // bytes, in its segment
  std::vector<std::byte> image{};  // fix elements, or packed trits; whole lines

  bool is_matrix() const { return rows != 0; }
  bool operator==(const DataItem&) const = default;
};

struct ProgramData {
  std::vector<DataSegment> segments;
  std::vector<DataItem> items;  // by segment, then by offset

  bool empty() const { return segments.empty(); }
  const DataItem* find(std::string_view name) const;
  // The item that begins at this place, or nullptr.
  const DataItem* find_at(std::uint32_t segment_number, std::uint64_t offset) const;

  bool operator==(const ProgramData&) const = default;
};

// The segment of data that stands before any .segment: named as the instructions name it.
inline constexpr std::string_view kDefaultSegment = "b0";

// As much as a program may carry, and as long as a name may be.
inline constexpr std::uint64_t kMostDataBytes = std::uint64_t{64} << 20;
inline constexpr std::size_t kLongestDataName = 255;

// Bytes that an item's image has.
std::uint64_t image_bytes(std::uint32_t rows, std::uint32_t columns);

// "b0 + 0x040  x[64], input", an item a line: for listings.
std::string data_listing(const ProgramData& data);

}  // namespace sterna::assembly
