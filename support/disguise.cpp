// SPDX-License-Identifier: Apache-2.0
#include "support/disguise.h"

#include <algorithm>
#include <string_view>

#include "support/error.h"
#include "support/files.h"
#include "support/lines.h"

namespace sterna {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
// No binary format of ours begins with so many characters of text, each bit of which is as good as
// random in a length or a checksum.
constexpr std::size_t kTextBytes = 8;

bool is_text(char c) {
  return (c >= 0x20 && c < 0x7F) || kBlanks.find(c) != std::string_view::npos;
}

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text;
}

}  // namespace

bool is_markup(std::string_view text) { return without_blanks(text).starts_with('<'); }

bool is_lfs_pointer(std::span<const std::byte> file) {
  constexpr std::size_t kMost = 1024;  // Git LFS' own limit
  return file.size() < kMost && as_text(file).starts_with("version https://git-lfs.github.com/");
}

std::string found_instead(std::span<const std::byte> file) {
  if (file.empty()) return ": an empty file";
  const std::string_view text = without_blanks(without_mark(as_text(file)));
  const std::string_view head = text.substr(0, kTextBytes);
  if (head.empty() || !std::ranges::all_of(head, is_text)) return "";
  if (is_markup(text)) return ": an HTML or XML page";
  return fmt::format(": text that begins with '{}'",
                     printable(text.substr(0, text.find_first_of("\r\n")), 40));
}

}  // namespace sterna
