// SPDX-License-Identifier: Apache-2.0
#include "host/serial/frame.h"

#include <zlib.h>

#include <algorithm>

namespace sterna::serial {
namespace {

using namespace serial_line;

constexpr std::size_t kCrcBytes = 4;

std::byte sync_of(Direction direction) {
  return std::byte(direction == Direction::kRequest ? kRequestSync : kReplySync);
}

std::uint32_t crc_of(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace

void append_word(std::uint32_t value, unsigned bytes, std::vector<std::byte>& payload) {
  for (unsigned i = 0; i < bytes; ++i) payload.push_back(std::byte(value >> 8 * i & 0xFF));
}

std::uint32_t word_at(std::span<const std::byte> payload, std::size_t at, unsigned bytes) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) {
    value |= std::to_integer<std::uint32_t>(payload[at + i]) << 8 * i;
  }
  return value;
}

void append_frame(const Frame& frame, Direction direction, std::vector<std::byte>& bytes) {
  bytes.push_back(sync_of(direction));
  const std::size_t begin = bytes.size();
  bytes.push_back(std::byte(frame.command));
  bytes.push_back(std::byte(frame.sequence));
  append_word(static_cast<std::uint32_t>(frame.payload.size()), 2, bytes);
  append_word(frame.address, 4, bytes);
  bytes.insert(bytes.end(), frame.payload.begin(), frame.payload.end());
  append_word(crc_of(std::span(bytes).subspan(begin)), kCrcBytes, bytes);
}

FrameParser::FrameParser(Direction direction) : sync_(sync_of(direction)) {}

void FrameParser::feed(std::span<const std::byte> bytes) {
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

std::optional<Frame> FrameParser::next() {
  for (;; ++begin_, ++skipped_) {
    const auto found =
        std::find(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_.end(), sync_);
    const auto at = static_cast<std::size_t>(found - bytes_.begin());
    skipped_ += at - begin_;
    begin_ = at;
    if (bytes_.size() - begin_ < 1 + kHeaderBytes) return std::nullopt;
    const auto rest = std::span<const std::byte>(bytes_).subspan(begin_ + 1);
    const std::size_t length = word_at(rest, 2, 2);
    if (length > kMaxPayload) continue;
    const std::size_t checked = kHeaderBytes + length;
    if (rest.size() < checked + kCrcBytes) return std::nullopt;
    if (crc_of(rest.first(checked)) != word_at(rest, checked, kCrcBytes)) continue;
    const auto payload = rest.subspan(kHeaderBytes, length);
    Frame frame;
    frame.command = std::to_integer<std::uint8_t>(rest[0]);
    frame.sequence = std::to_integer<std::uint8_t>(rest[1]);
    frame.address = word_at(rest, 4, 4);
    frame.payload.assign(payload.begin(), payload.end());
    begin_ += 1 + checked + kCrcBytes;
    return frame;
  }
}

void FrameParser::abandon_partial() {
  if (begin_ == bytes_.size()) return;
  // Its sync was none; there may be a whole frame behind it.
  ++begin_;
  ++skipped_;
}

}  // namespace sterna::serial
