// SPDX-License-Identifier: Apache-2.0
// A serial port, for this process alone.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "host/serial/line.h"

namespace sterna::serial {

class Port final : public Line {
 public:
  // Throws Error when there is no such port, when it is none, when the user may not open it, when
  // another program has it, and when it cannot run at this rate.
  Port(std::string path, unsigned baud);
  ~Port() override;

  const std::string& path() const override { return path_; }
  Ready wait(bool or_write, std::chrono::milliseconds timeout) override;
  std::size_t read(std::span<std::byte> bytes) override;
  std::size_t write(std::span<const std::byte> bytes) override;
  void drop_input() override;
  Clock::time_point now() const override { return Clock::now(); }

 private:
  [[noreturn]] void gone(const char* what) const;

  std::string path_;
  int file_ = -1;
};

// Whether the user may use the port, now or within the time: one that the kernel has just made is
// for root alone until udev's rules give it away.
bool await_port(const std::string& path, std::chrono::milliseconds timeout);

}  // namespace sterna::serial
