// SPDX-License-Identifier: Apache-2.0
#include "asm/program_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "isa/instruction.h"

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

std::uint64_t image_bytes(std::uint32_t rows, std::uint32_t columns) {
  return kLineBytes * (rows == 0 ? fix_lines(columns) : matrix_lines(rows, columns));
}

std::string data_listing(const ProgramData& data) {
  std::string text;
  for (const DataItem& item : data.items) {
    const std::string shape = item.is_matrix() ? fmt::format("[{}, {}]", item.rows, item.columns)
                                               : fmt::format("[{}]", item.columns);
    fmt::format_to(std::back_inserter(text), "b{} + {:#06x}  {}{}{}{}\n",
                   data.segments[item.segment].number, item.offset, item.name, shape,
                   item.input ? ", input" : "", item.output ? ", output" : "");
  }
  return text;
}

}  // namespace sterna::assembly
