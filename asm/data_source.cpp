// SPDX-License-Identifier: Apache-2.0
#include "asm/data_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "asm/data_text.h"
#include "asm/immediates.h"
#include "isa/trits.h"

namespace sterna::assembly {
namespace {

constexpr std::size_t kValuesALine = 8;

std::uint64_t used_bytes(const ProgramData& data, std::uint32_t segment) {
  std::uint64_t bytes = 0;
  for (const DataItem& item : data.items) {
    if (item.segment == segment) bytes += item.image.size();
  }
  return bytes;
}

std::string segment_source(const DataSegment& segment, std::uint64_t used) {
  if (segment.name == kDefaultSegment) return {};
  return fmt::format(".segment {}, b{}{}{}\n", segment.name, segment.number,
                     segment.per_lane ? ", per_lane" : "",
                     segment.bytes > used ? fmt::format(", size {}", segment.bytes) : "");
}

std::string vector_source(const DataItem& item, const char* directive) {
  std::vector<std::uint32_t> values = vector_elements(item.image);
  values.resize(item.columns);
  std::string text = fmt::format("{} {}[{}]", directive, item.name, item.columns);
  const auto real = [](std::uint32_t value) { return decode_immediate(ImmKind::kFix, value); };
  if (std::all_of(values.begin(), values.end(), [&](auto v) { return v == values.front(); })) {
    return text + (values.front() == 0 ? "\n" : fmt::format(", fill {}\n", real(values.front())));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{}{}", i % kValuesALine == 0 ? "\n    " : ", ",
                   real(values[i]));
  }
  return text + "\n";
}

std::string matrix_source(const DataItem& item) {
  std::vector<std::int8_t> trits(std::size_t{item.rows} * item.columns);
  unpack_matrix(item.image, item.rows, item.columns, trits);
  std::string text = fmt::format(".matrix {}[{}, {}]\n", item.name, item.rows, item.columns);
  if (std::all_of(trits.begin(), trits.end(), [](std::int8_t t) { return t == 0; })) return text;
  for (std::size_t i = 0; i < trits.size(); ++i) {
    if (i % item.columns == 0) text += "    ";
    text += "-0+"[trits[i] + 1];
    if (i % item.columns == item.columns - 1) text += '\n';
  }
  return text;
}

std::string tree_source(const DataItem& item) {
  return fmt::format(".{} {}{}\n{}", item.kind == DataKind::kTreeIn ? "tree_in" : "tree_out",
                     item.name, size_text(item), node_lines(item, "    "));
}

std::string item_source(const DataItem& item) {
  std::string text = item.is_trees()    ? tree_source(item)
                     : item.is_matrix() ? matrix_source(item)
                                        : vector_source(item, item.input    ? ".input"
                                                              : item.output ? ".output"
                                                                            : ".vector");
  if (item.input && item.is_striped()) text += fmt::format(".input {}\n", item.name);
  if (item.input && item.output) text += fmt::format(".output {}\n", item.name);
  return text;
}

}  // namespace

std::string node_lines(const DataItem& trees, std::string_view indent) {
  const std::size_t nodes = std::size_t{trees.trees.trees} * trees.trees.nodes();
  std::vector<std::int8_t> trits(nodes * trees.columns);
  std::vector<std::int32_t> biases(nodes);
  const bool in = trees.kind == DataKind::kTreeIn;
  if (in) {
    unpack_tree_in(trees.image, trees.trees, trees.columns, trits, biases);
  } else {
    unpack_tree_out(trees.image, trees.trees, trees.columns, trits);
  }
  std::string text;
  for (std::size_t n = 0; n < nodes; ++n) {
    text += indent;
    for (std::size_t c = 0; c < trees.columns; ++c) text += "-0+"[trits[n * trees.columns + c] + 1];
    if (in) {
      const auto bias = static_cast<std::uint32_t>(biases[n]);
      fmt::format_to(std::back_inserter(text), ", {}", decode_immediate(ImmKind::kFix, bias));
    }
    text += '\n';
  }
  return text;
}

std::string data_source(const ProgramData& data) {
  std::string text;
  for (std::uint32_t index = 0; index < data.segments.size(); ++index) {
    text += segment_source(data.segments[index], used_bytes(data, index));
    for (const DataItem& item : data.items) {
      if (item.segment == index) text += item_source(item);
    }
  }
  return text;
}

}  // namespace sterna::assembly
