// SPDX-License-Identifier: Apache-2.0
#include "asm/data_text.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <random>

#include "asm/immediates.h"
#include "isa/instruction.h"
#include "isa/trits.h"
#include "support/error.h"
#include "support/files.h"
#include "support/lines.h"

namespace sterna::assembly {
namespace {

constexpr std::string_view kBlanks = " \t", kBetween = " \t,";

std::uint32_t element_from_word(std::string_view word, const std::string& file, unsigned line) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) {
    throw Error("{}:{}: '{}' is not a number", file, line, printable(word, 40));
  }
  const auto fix = encode_fix(value);
  if (!fix) {
    throw Error("{0}:{1}: {2} is outside -{3}..{3}", file, line, value, 1u << (31 - kFractionBits));
  }
  return *fix;
}

// What stands behind a node's trits and a comma.
std::int32_t bias_from_text(std::string_view text, const std::string& file, unsigned line) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  return static_cast<std::int32_t>(element_from_word(text, file, line));
}

}  // namespace

std::vector<std::uint32_t> elements_from_text(std::string_view text, const std::string& file) {
  std::vector<std::uint32_t> elements;
  bool separated = true;    // by a comma, from the number before it: there must be one
  std::string place, list;  // of the last comma
  const auto check_number = [&](bool there) {
    if (there) return;
    throw Error("{}: number {} is empty in '{}'", place, elements.size() + 1, list);
  };
  for_each_line(text, [&](std::string_view line, unsigned number) {
    line = line.substr(0, line.find('#'));
    const std::string_view whole = line;
    while (true) {
      line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
      if (line.empty()) return;
      if (line.front() == ',') {
        place = fmt::format("{}:{}", file, number);
        list = printable(whole, 40);
        check_number(!separated);
        separated = true;
        line.remove_prefix(1);
        continue;
      }
      separated = false;
      const std::string_view word = line.substr(0, line.find_first_of(kBetween));
      line.remove_prefix(word.size());
      elements.push_back(element_from_word(word, file, number));
    }
  });
  check_number(!separated || place.empty());
  if (elements.empty()) throw Error("{}: no numbers", file);
  return elements;
}

std::vector<std::byte> vector_image(std::span<const std::uint32_t> elements) {
  std::vector<std::byte> image(fix_lines(elements.size()) * kLineBytes);
  auto out = image.begin();
  for (const std::uint32_t element : elements) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      *out++ = static_cast<std::byte>(element >> shift & 0xFF);
    }
  }
  return image;
}

std::vector<std::byte> vector_from_text(std::string_view text, const std::string& file) {
  return vector_image(elements_from_text(text, file));
}

TextMatrix matrix_from_text(std::string_view text, const std::string& file) {
  const TextNodes rows = nodes_from_text(text, file, false);
  const std::size_t count = rows.biases.size();
  if (const std::size_t most = std::max<std::size_t>(rows.columns, count);
      most > kMaxVectorLength) {
    throw Error("{}: {} rows of {}, there can be {} of either", file, count, rows.columns,
                kMaxVectorLength);
  }
  return {static_cast<std::uint32_t>(count), rows.columns, pack_matrix(rows.trits, rows.columns)};
}

TextNodes nodes_from_text(std::string_view text, const std::string& file, bool with_biases) {
  TextNodes nodes;
  for_each_line(text, [&](std::string_view line, unsigned number) {
    line = line.substr(0, line.find('#'));
    const std::size_t comma = with_biases ? line.find(',') : std::string_view::npos;
    const std::size_t before = nodes.trits.size();
    for (const char c : line.substr(0, comma)) {
      if (c == ' ' || c == '\t') continue;
      if (c != '+' && c != '-' && c != '0') {
        throw Error("{}:{}: '{}' is none of + 0 -", file, number, printable({&c, 1}));
      }
      nodes.trits.push_back(static_cast<std::int8_t>(c == '+' ? 1 : c == '-' ? -1 : 0));
    }
    const std::size_t count = nodes.trits.size() - before;
    if (count == 0 && comma == std::string_view::npos) return;
    if (count == 0) throw Error("{}:{}: a bias without a node's row", file, number);
    if (nodes.columns == 0) nodes.columns = static_cast<std::uint32_t>(count);
    if (count != nodes.columns) {
      throw Error("{}:{}: {} columns, the rows before it have {}", file, number, count,
                  nodes.columns);
    }
    nodes.biases.push_back(
        comma == std::string_view::npos ? 0 : bias_from_text(line.substr(comma + 1), file, number));
  });
  if (nodes.columns == 0) throw Error("{}: no rows", file);
  return nodes;
}

std::vector<std::int8_t> random_trits(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::int8_t> trits(count);
  for (std::int8_t& trit : trits)
    trit = static_cast<std::int8_t>(static_cast<int>(random() % 3) - 1);
  return trits;
}

std::vector<std::byte> random_matrix(std::uint32_t rows, std::uint32_t columns,
                                     std::uint64_t seed) {
  return pack_matrix(random_trits(std::size_t{rows} * columns, seed), columns);
}

std::vector<std::uint32_t> vector_elements(std::span<const std::byte> image) {
  std::vector<std::uint32_t> elements(image.size() / 4);
  for (std::size_t i = 0; i < 4 * elements.size(); ++i) {
    elements[i / 4] |= std::to_integer<std::uint32_t>(image[i]) << (8 * (i % 4));
  }
  return elements;
}

std::string vector_to_text(std::span<const std::byte> data, const std::string& file) {
  if (data.size() % 4 != 0) {
    throw Error("{}: {} bytes are no vector of 32-bit elements", file, data.size());
  }
  std::string text;
  for (const std::uint32_t element : vector_elements(data)) {
    fmt::format_to(std::back_inserter(text), "{:.7f}\n", decode_immediate(ImmKind::kFix, element));
  }
  return text;
}

}  // namespace sterna::assembly
