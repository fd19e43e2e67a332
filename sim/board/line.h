// SPDX-License-Identifier: Apache-2.0
// The far end of a serial line at bit level: bytes become bits on the board's pin, and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace sterna::board {

// Sends bytes to the board: a start bit, eight bits from the lowest on, a stop bit.
class LineSender {
 public:
  // Cycles of the board's clock that a bit takes: no whole number, as on a board.
  explicit LineSender(double cycles_per_bit) : cycles_(cycles_per_bit) {}

  void push(std::byte byte) { bytes_.push_back(byte); }
  bool idle() const { return bits_ == 0 && bytes_.empty(); }
  std::size_t waiting() const { return bytes_.size(); }

  // The line's level in the next cycle.
  bool next() {
    if (bits_ == 0 && !bytes_.empty()) {
      shift_ = 0x200U | std::to_integer<unsigned>(bytes_.front()) << 1;
      bytes_.pop_front();
      bits_ = 10;
      left_ += cycles_;
    }
    if (bits_ == 0) return true;
    const bool level = (shift_ & 1) != 0;
    left_ -= 1;
    if (left_ < 1) {
      shift_ >>= 1;
      if (--bits_ != 0) left_ += cycles_;
    }
    return level;
  }

 private:
  double cycles_, left_ = 0;  // of this bit
  std::deque<std::byte> bytes_;
  unsigned shift_ = 0, bits_ = 0;
};

// Takes bytes from the board's pin; looks at each bit in its middle.
class LineReceiver {
 public:
  explicit LineReceiver(double cycles_per_bit) : cycles_(cycles_per_bit) {}

  bool idle() const { return bit_ == 0; }

  // The level of one cycle; the byte that it completes.
  std::optional<std::byte> take(bool level) {
    if (bit_ == 0) {
      if (level) return std::nullopt;
      bit_ = 1;
      left_ = 1.5 * cycles_;
      value_ = 0;
    }
    left_ -= 1;
    if (left_ >= 0) return std::nullopt;
    left_ += cycles_;
    if (bit_ <= 8) {
      value_ |= static_cast<unsigned>(level) << (bit_ - 1);
      ++bit_;
      return std::nullopt;
    }
    bit_ = 0;
    if (!level) return std::nullopt;  // no stop bit
    return std::byte(value_);
  }

 private:
  double cycles_, left_ = 0;
  unsigned bit_ = 0;  // 1 to 8: the data bit that comes next; 9: the stop bit
  unsigned value_ = 0;
};

}  // namespace sterna::board
