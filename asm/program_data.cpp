// SPDX-License-Identifier: Apache-2.0
#include "asm/program_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "isa/instruction.h"
#include "isa/trits.h"

namespace sterna::assembly {

const DataItem* ProgramData::find(std::string_view name) const {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

const DataItem* ProgramData::find_at(std::uint32_t segment_number, std::uint64_t offset) const {
  const auto found = std::find_if(items.begin(), items.end(), [&](const DataItem& item) {
    return segments[item.segment].number == segment_number && item.offset == offset;
  });
  return found == items.end() ? nullptr : &*found;
}

std::uint64_t image_bytes(const DataItem& item) {
  switch (item.kind) {
    case DataKind::kMatrix:
      return kLineBytes * matrix_lines(item.rows, item.columns);
    case DataKind::kTreeIn:
      return kLineBytes * tree_in_lines(item.trees, item.columns);
    case DataKind::kTreeOut:
      return kLineBytes * tree_out_lines(item.trees, item.columns);
    case DataKind::kVector:
      break;
  }
  return kLineBytes * fix_lines(item.columns);
}

void channel_image(const DataItem& item, std::span<const std::byte> image, unsigned channel,
                   unsigned channels, std::vector<std::byte>& part) {
  // Records of FFFOUT go round the channels as groups of rows do, and are as long.
  if (item.kind == DataKind::kTreeIn) {
    tree_in_part(image, item.columns, channel, channels, part);
  } else {
    channel_part(image, packed_group_bytes(item.columns), channel, channels, part);
  }
}

std::string size_text(const DataItem& item) {
  if (item.is_matrix()) return fmt::format("[{}, {}]", item.rows, item.columns);
  if (!item.is_trees()) return fmt::format("[{}]", item.columns);
  return fmt::format("[{}, {}, {}]", item.trees.trees, item.trees.depth, item.columns);
}

std::string data_listing(const ProgramData& data) {
  std::string text;
  for (const DataItem& item : data.items) {
    fmt::format_to(std::back_inserter(text), "b{} + {:#06x}  {}{}{}{}\n",
                   data.segments[item.segment].number, item.offset, item.name, size_text(item),
                   item.input ? ", input" : "", item.output ? ", output" : "");
  }
  return text;
}

}  // namespace sterna::assembly
