// SPDX-License-Identifier: Apache-2.0
// The frames of docs/serial.md: their bytes, and finding them in a stream that may hold anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "isa/generated/serial.h"

namespace sterna::serial {

using serial_line::Command;
using serial_line::Result;

enum class Direction { kRequest, kReply };

struct Frame {
  std::uint8_t command = 0;  // of a reply: with the result in its upper half
  std::uint8_t sequence = 0;
  std::uint32_t address = 0;
  std::vector<std::byte> payload;

  Command request() const { return static_cast<Command>(command & 15); }
  Result result() const { return static_cast<Result>(command >> 4); }
};

// Appends the frame's bytes. The payload must not be longer than kMaxPayload.
void append_frame(const Frame& frame, Direction direction, std::vector<std::byte>& bytes);

// Numbers in payloads, low byte first.
void append_word(std::uint32_t value, unsigned bytes, std::vector<std::byte>& payload);
std::uint32_t word_at(std::span<const std::byte> payload, std::size_t at, unsigned bytes);

// Finds whole frames with a right CRC among the bytes that it is fed. What is none is skipped.
class FrameParser {
 public:
  explicit FrameParser(Direction direction);

  void feed(std::span<const std::byte> bytes);
  // The next whole frame, if there is one.
  std::optional<Frame> next();
  // Of a frame that may have begun, what has come so far: it will not go on.
  void abandon_partial();

  // Bytes that belonged to no frame.
  std::uint64_t skipped() const { return skipped_; }

 private:
  std::byte sync_;
  std::vector<std::byte> bytes_;  // not looked at yet, or of a frame that is not complete
  std::size_t begin_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace sterna::serial
