// SPDX-License-Identifier: Apache-2.0
#include "host/model/utf8.h"

#include <algorithm>
#include <array>

namespace sterna::model {
namespace {

using namespace std::string_view_literals;

constexpr std::array kSpaces = {"\t"sv,           "\n"sv,           "\v"sv,
                                "\f"sv,           "\r"sv,           " "sv,
                                "\xC2\x85"sv,     "\xC2\xA0"sv,     "\xE1\x9A\x80"sv,
                                "\xE2\x80\x80"sv, "\xE2\x80\x81"sv, "\xE2\x80\x82"sv,
                                "\xE2\x80\x83"sv, "\xE2\x80\x84"sv, "\xE2\x80\x85"sv,
                                "\xE2\x80\x86"sv, "\xE2\x80\x87"sv, "\xE2\x80\x88"sv,
                                "\xE2\x80\x89"sv, "\xE2\x80\x8A"sv, "\xE2\x80\xA8"sv,
                                "\xE2\x80\xA9"sv, "\xE2\x80\xAF"sv, "\xE2\x81\x9F"sv,
                                "\xE3\x80\x80"sv};

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 1;
  if (length == 1 || text.size() < length) return 1;
  if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length), continues))
    return 1;
  // Overlong forms, surrogates and what lies beyond U+10FFFF.
  const unsigned char next = byte(1);
  if ((lead == 0xE0 && next < 0xA0) || (lead == 0xED && next >= 0xA0) ||
      (lead == 0xF0 && next < 0x90) || (lead == 0xF4 && next >= 0x90)) {
    return 1;
  }
  return length;
}

std::size_t leading_space(std::string_view text) {
  const std::size_t size = text.size();
  for (auto space = kSpaces.begin(); space != kSpaces.end();) {
    space = std::find_if(kSpaces.begin(), kSpaces.end(),
                         [&](std::string_view s) { return text.starts_with(s); });
    if (space != kSpaces.end()) text.remove_prefix(space->size());
  }
  return size - text.size();
}

std::size_t trailing_space(std::string_view text) {
  const std::size_t size = text.size();
  for (auto space = kSpaces.begin(); space != kSpaces.end();) {
    space = std::find_if(kSpaces.begin(), kSpaces.end(),
                         [&](std::string_view s) { return text.ends_with(s); });
    if (space != kSpaces.end()) text.remove_suffix(space->size());
  }
  return size - text.size();
}

}  // namespace sterna::model
