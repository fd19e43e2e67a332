// SPDX-License-Identifier: Apache-2.0
// The data that a program carries: the segments that it works on, and vectors and matrices in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "isa/trees.h"

namespace sterna::assembly {

struct DataSegment {
  std::string name;
  std::uint32_t number = 0;  // of b0..b15
  bool per_lane = false;     // every lane has a copy of its own
  std::uint64_t bytes = 0;   // of a copy, whole lines

  bool operator==(const DataSegment&) const = default;
};

// A vector, a ternary matrix, or one of the two matrices of an FFF layer.
enum class DataKind : std::uint8_t { kVector, kMatrix, kTreeIn, kTreeOut };

// Items of a segment lie one behind the other in whole lines.
struct DataItem {
  std::string name;
  DataKind kind = DataKind::kVector;
  std::uint32_t segment = 0;       // index of DataSegment
  bool input = false;              // whoever runs the program may put other values here
  bool output = false;             // whoever runs it wants to see what is here afterwards
  std::uint32_t rows = 0;          // of a matrix
  std::uint32_t columns = 0;       // of a vector, its length; of trees, that of a node's row
  TreeShape trees{.trees = 0};     // of trees
  std::uint64_t offset = 0;        // bytes, in its segment
  std::vector<std::byte> image{};  // as one channel holds it; whole lines

  bool is_matrix() const { return kind == DataKind::kMatrix; }
  bool is_trees() const { return kind == DataKind::kTreeIn || kind == DataKind::kTreeOut; }
  // Is it shared out to the channels, and the same for all lanes?
  bool is_striped() const { return kind != DataKind::kVector; }
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
std::uint64_t image_bytes(const DataItem& item);

// What channel `channel` of `channels` holds of an image of an item that is striped.
void channel_image(const DataItem& item, std::span<const std::byte> image, unsigned channel,
                   unsigned channels, std::vector<std::byte>& part);

// "[40, 64]", "[100]", "[2, 3, 64]": its sizes, as its directive has them.
std::string size_text(const DataItem& item);

// "b0 + 0x040  x[64], input", an item a line: for listings.
std::string data_listing(const ProgramData& data);

}  // namespace sterna::assembly
