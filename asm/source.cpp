// SPDX-License-Identifier: Apache-2.0
#include "asm/source.h"

#include <algorithm>
#include <tuple>

#include "support/lines.h"

namespace sterna::assembly {
namespace {

constexpr std::size_t kLongestShownLine = 200;

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::string shown(const StatementError& error) {
  const SourcePlace& at = error.place;
  std::string text =
      fmt::format("{}:{}:{}: error: {}", at.file->name, at.line, at.column, error.message);
  const std::string_view line =
      at.line <= at.file->lines.size() ? at.file->lines[at.line - 1] : std::string_view();
  if (line.size() > kLongestShownLine) return text;
  std::string clean, marker;
  for (const char c : line) clean += is_control(c) && c != '\t' ? '?' : c;
  for (std::size_t i = 0; i + 1 < at.column; ++i) {
    // The caret stands under the same character also after tabs and multi-byte characters.
    const char c = i < line.size() ? line[i] : ' ';
    if (!continues_character(c)) marker += c == '\t' ? '\t' : ' ';
  }
  marker += '^' + std::string(std::max(at.length, 1u) - 1, '~');
  return text + "\n  " + clean + "\n  " + marker;
}

}  // namespace

SourceFile::SourceFile(std::size_t file_order, std::string file_name, std::string contents)
    : order(file_order), name(std::move(file_name)), text(std::move(contents)) {
  for_each_line(text, [&](std::string_view line, unsigned) { lines.push_back(line); });
}

void Diagnostics::add(StatementError error) {
  // A size that cannot be worked out is asked for more than once.
  const bool known = std::any_of(errors_.begin(), errors_.end(), [&](const StatementError& other) {
    return other.place.file == error.place.file && other.place.line == error.place.line &&
           other.place.column == error.place.column && other.message == error.message;
  });
  if (!known && !full()) errors_.push_back(std::move(error));
}

std::string Diagnostics::text() const {
  std::vector<StatementError> sorted = errors_;
  const auto position = [](const StatementError& error) {
    return std::tuple(error.place.file->order, error.place.line, error.place.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const auto& a, const auto& b) { return position(a) < position(b); });
  std::string text;
  for (const StatementError& error : sorted) {
    text += (text.empty() ? "" : "\n") + shown(error);
  }
  if (full()) text += fmt::format("\n{} errors, stopping here", kMost);
  return text;
}

}  // namespace sterna::assembly
