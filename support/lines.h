// SPDX-License-Identifier: Apache-2.0
// Text by its lines, as whatever editor has left them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sterna {

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// `text` without UTF-8's byte order mark.
inline std::string_view without_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

// `text` with LF at the end of every line, also where it has CRLF.
inline std::string with_line_feeds(std::string text) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < text.size(); ++from) {
    if (text.compare(from, 2, "\r\n") != 0) text[to++] = text[from];
  }
  text.resize(to);
  return text;
}

// Calls `use(line, its number from 1 on)` for each line of `text`, which ends with LF or CRLF or,
// if it is the last, with the text.
template <typename Use>
void for_each_line(std::string_view text, Use&& use) {
  for (unsigned number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    use(line, number);
  }
}

}  // namespace sterna
