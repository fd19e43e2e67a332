// SPDX-License-Identifier: Apache-2.0
#include "host/server/answer_text.h"

#include <algorithm>

namespace sterna::server {
namespace {

// Bytes at the end of `text` that may be the beginning of a character of UTF-8.
std::size_t begun_character(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(3, text.size()); ++size) {
    const auto byte = static_cast<unsigned char>(text[text.size() - size]);
    if (byte < 0x80) return 0;
    if (byte < 0xC0) continue;  // it goes on with one
    const std::size_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    return size < length ? size : 0;
  }
  return 0;
}

}  // namespace

std::string AnswerText::add(std::string_view bytes) {
  held_ += bytes;
  const std::size_t stop = first_stop();
  stopped_ = stop != std::string::npos;
  std::size_t size = stopped_ ? stop : held_.size() - begun_stop();
  if (!stopped_) size -= begun_character(std::string_view(held_).substr(0, size));
  std::string text = held_.substr(0, size);
  held_.erase(0, stopped_ ? held_.size() : size);
  return text;
}

// Where the first one begins.
std::size_t AnswerText::first_stop() const {
  std::size_t first = std::string::npos;
  for (const std::string& stop : stops_) first = std::min(first, held_.find(stop));
  return first;
}

// Bytes at the end that a stop begins with.
std::size_t AnswerText::begun_stop() const {
  std::size_t longest = 0;
  for (const std::string& stop : stops_) {
    for (std::size_t size = std::min(stop.size() - 1, held_.size()); size > longest; --size) {
      if (std::string_view(held_).ends_with(std::string_view(stop).substr(0, size))) {
        longest = size;
      }
    }
  }
  return longest;
}

}  // namespace sterna::server
