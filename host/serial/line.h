// SPDX-License-Identifier: Apache-2.0
// What a Link speaks over: bytes in and out, and a time that passes while it waits for them.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

namespace sterna::serial {

class Line {
 public:
  using Clock = std::chrono::steady_clock;

  Line() = default;
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  virtual ~Line() = default;

  // Its name in messages.
  virtual const std::string& path() const = 0;

  // Each of these throws Error when the line's other end is gone.

  // Returns when there is something to read or, if `or_write`, room to write, or the time is over.
  struct Ready {
    bool read = false, write = false;
  };
  virtual Ready wait(bool or_write, std::chrono::milliseconds timeout) = 0;

  // What has come, as far as it fits `bytes`.
  virtual std::size_t read(std::span<std::byte> bytes) = 0;

  // As much as the line takes at once.
  virtual std::size_t write(std::span<const std::byte> bytes) = 0;

  // Drops what has come and was not read.
  virtual void drop_input() = 0;

  virtual Clock::time_point now() const = 0;
};

}  // namespace sterna::serial
