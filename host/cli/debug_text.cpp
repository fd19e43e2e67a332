// SPDX-License-Identifier: Apache-2.0
#include "host/cli/debug_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <sstream>

#include "asm/data_text.h"
#include "host/cli/numbers.h"
#include "isa/generated/isa.h"
#include "isa/numerics.h"
#include "isa/trits.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

double real(std::int32_t value) { return static_cast<double>(value) / numerics::kOne; }

template <typename Element>
std::string elements(std::size_t first, std::size_t end, std::size_t most, Element element) {
  std::string text;
  const std::size_t stop = first + std::min(end - first, most);
  for (std::size_t i = first; i < stop; ++i) {
    fmt::format_to(std::back_inserter(text), " {:.8g}", element(i));
  }
  return text + (stop < end ? " .." : "");
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "name[a:b]" to its name and range.
NameText split_range(const std::string& text) {
  const std::size_t open = text.find('[');
  if (open == std::string::npos) return {text, {}};
  if (!text.ends_with(']')) throw Error("'{}': the range ends with ]", printable(text, 40));
  const std::string inside = text.substr(open + 1, text.size() - open - 2);
  const std::size_t colon = inside.find(':');
  const std::uint64_t first = parse_whole_number(inside.substr(0, colon), "element");
  if (colon == std::string::npos) return {text.substr(0, open), Range{first, first + 1}};
  return {text.substr(0, open),
          Range{first, parse_whole_number(inside.substr(colon + 1), "element")}};
}

}  // namespace

std::vector<std::string> split_words(std::string_view line) {
  std::istringstream in{std::string(line)};
  return {std::istream_iterator<std::string>(in), {}};
}

std::optional<RegisterText> parse_register(const std::string& text) {
  if (text.size() < 2 || (text[0] != 'v' && text[0] != 'V')) return std::nullopt;
  const std::string name = text.substr(0, text.find('['));
  const std::size_t dot = name.find('.');
  const std::string digits = name.substr(1, dot == std::string::npos ? dot : dot - 1);
  if (!all_digits(digits)) return std::nullopt;
  RegisterText result;
  result.number =
      static_cast<std::uint32_t>(parse_whole_number(digits, "register", 0, kMaxRegisters - 1));
  const std::string part = dot == std::string::npos ? "" : name.substr(dot + 1);
  if (part == "q8") {
    result.part = RegisterText::Part::kQ8;
  } else if (part == "scale") {
    result.part = RegisterText::Part::kScale;
  } else if (dot != std::string::npos) {
    throw Error("a register has .q8 and .scale, not '.{}'", printable(part, 40));
  }
  result.range = split_range(text).range;
  if (result.range && result.part == RegisterText::Part::kScale) {
    throw Error("'{}': a scale is one number", printable(text, 40));
  }
  return result;
}

NameText parse_name(const std::string& text) { return split_range(text); }

Range range_in(const std::optional<Range>& range, std::uint64_t length, const std::string& text) {
  if (!range) return {0, length};
  if (range->first >= range->second || range->second > length) {
    throw Error("'{}' is not in the {} elements that there are", printable(text, 40), length);
  }
  return *range;
}

std::string fix_elements(std::span<const std::int32_t> words, std::size_t first, std::size_t end,
                         std::size_t most) {
  return elements(first, end, most, [&](std::size_t i) { return real(words[i]); });
}

std::string q8_elements(std::span<const std::int32_t> words, std::size_t first, std::size_t end,
                        std::size_t most) {
  const auto* q = reinterpret_cast<const std::int8_t*>(words.data());
  return elements(first, end, most, [&](std::size_t i) { return static_cast<double>(q[i]); });
}

std::string stored_elements(std::span<const std::byte> bytes, std::size_t count) {
  const std::vector<std::uint32_t> stored = assembly::vector_elements(bytes);
  return elements(0, count, stored.size(),
                  [&](std::size_t i) { return real(static_cast<std::int32_t>(stored[i])); });
}

double scale_value(std::uint32_t scale) { return real(static_cast<std::int32_t>(scale)); }

std::string tree_path(const TreeShape& trees, std::uint32_t tree,
                      std::span<const std::int32_t> words) {
  std::string text = fmt::format("tree {}: 0", tree);
  std::uint32_t node = 0;
  for (std::uint32_t level = 0; level < trees.depth; ++level) {
    std::uint32_t j = 0;  // its block on the path
    while (trees.block_level(j) + trees.block_levels(j) <= level) ++j;
    const bool right = words[trees.element(j, tree) + level - trees.block_level(j)] > 0;
    node = 2 * node + 1 + (right ? 1 : 0);
    fmt::format_to(std::back_inserter(text), " {}", node);
  }
  return text;
}

std::string counter_lines(const Counters& counters) {
  std::string text;
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    if (counters.values[i] == 0) continue;
    text +=
        fmt::format("{:<19}{:>10}  {}\n", kCounters[i].name, counters.values[i], kCounters[i].doc);
  }
  return text.empty() ? "nothing was counted yet\n" : text;
}

std::string matrix_rows(const assembly::DataItem& matrix) {
  std::vector<std::int8_t> trits(std::size_t{matrix.rows} * matrix.columns);
  unpack_matrix(matrix.image, matrix.rows, matrix.columns, trits);
  std::string text = fmt::format("{}[{}, {}] =\n", matrix.name, matrix.rows, matrix.columns);
  for (std::size_t i = 0; i < trits.size(); ++i) {
    text += "-0+"[trits[i] + 1];
    if (i % matrix.columns == matrix.columns - 1) text += '\n';
  }
  return text;
}

std::string listing_file(const assembly::Assembly& assembly, const std::string& path) {
  const bool known =
      std::any_of(assembly.listing.begin(), assembly.listing.end(),
                  [&](const assembly::ListingLine& line) { return line.file == path; });
  return known || assembly.listing.empty() ? path : assembly.listing.front().file;
}

}  // namespace sterna::cli
