// SPDX-License-Identifier: Apache-2.0
// A serial port, for this process alone: bytes in and out, with an end to every wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

namespace sterna::serial {

class Port {
 public:
  // Throws Error when there is no such port, when it is none, when the user may not open it, when
  // another program has it, and when it cannot run at this rate.
  Port(std::string path, unsigned baud);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  const std::string& path() const { return path_; }

  // What has come, as far as it fits `bytes`; waits for the first byte as long as `timeout` says. 0
  // when none came. Throws Error when the port is gone.
  std::size_t read(std::span<std::byte> bytes, std::chrono::milliseconds timeout);

  // As much as the port takes at once; waits as long as `timeout` says until it takes anything.
  // Throws Error when the port is gone.
  std::size_t write(std::span<const std::byte> bytes, std::chrono::milliseconds timeout);

  // Returns when there is something to read or, if `or_write`, room to write, or the time is over.
  struct Ready {
    bool read = false, write = false;
  };
  Ready wait(bool or_write, std::chrono::milliseconds timeout);

  // Drops what has come and was not read.
  void drop_input();

 private:
  [[noreturn]] void gone(const char* what) const;

  std::string path_;
  int file_ = -1;
};

}  // namespace sterna::serial
