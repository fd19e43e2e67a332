// SPDX-License-Identifier: Apache-2.0
// What a debugger reads and prints: words, registers, ranges, elements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asm/assembler.h"
#include "asm/program_data.h"
#include "host/program/program.h"
#include "isa/trees.h"

namespace sterna::cli {

inline constexpr std::size_t kShownElements = 4;     // of a result
inline constexpr std::size_t kPrintedElements = 16;  // of a register that is printed whole
inline constexpr std::size_t kShownTrees = 16;       // of FFFIN's, in all lanes

std::vector<std::string> split_words(std::string_view line);

// [3] or [0:8]: the elements from the first up to, but without, the second.
using Range = std::pair<std::uint64_t, std::uint64_t>;

// v2, v2[3], v2.q8[0:8], v2.scale
struct RegisterText {
  enum class Part { kFix, kQ8, kScale };
  std::uint32_t number = 0;
  Part part = Part::kFix;
  std::optional<Range> range;
};
// Nothing when the text is no register's. Throws Error for a register's with a bad rest.
std::optional<RegisterText> parse_register(const std::string& text);

// x, x[3], x[0:8]
struct NameText {
  std::string name;
  std::optional<Range> range;
};
NameText parse_name(const std::string& text);

// The range inside `length` elements, all of them without one. Throws Error, with `text`.
Range range_in(const std::optional<Range>& range, std::uint64_t length, const std::string& text);

// " 1 2 3 ..": the elements from `first` to `end`, `most` of them.
std::string fix_elements(std::span<const std::int32_t> words, std::size_t first, std::size_t end,
                         std::size_t most);
std::string q8_elements(std::span<const std::int32_t> words, std::size_t first, std::size_t end,
                        std::size_t most);
// The first of `count` elements, as memory holds them.
std::string stored_elements(std::span<const std::byte> bytes, std::size_t count);
double scale_value(std::uint32_t scale);

// "tree 0: 0 1 4": the nodes on FFFIN's way through a tree, whose logits it has written.
std::string tree_path(const TreeShape& trees, std::uint32_t tree,
                      std::span<const std::int32_t> words);

// Those that have counted, one a line.
std::string counter_lines(const Counters& counters);

// Rows of + 0 -.
std::string matrix_rows(const assembly::DataItem& matrix);

// The name under which the listing has the source itself, not what it includes.
std::string listing_file(const assembly::Assembly& assembly, const std::string& path);

}  // namespace sterna::cli
