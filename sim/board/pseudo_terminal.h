// SPDX-License-Identifier: Apache-2.0
// The board's end of a serial line that is none: a program opens path() as it opens a port.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

namespace sterna::board {

class PseudoTerminal {
 public:
  // Throws Error when the system gives none.
  PseudoTerminal();
  ~PseudoTerminal();
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  const std::string& path() const { return path_; }

  // What has come, as far as it fits; nothing while no program has the port open.
  std::size_t read(std::span<std::byte> bytes);
  // Waits a little for room; what nobody reads is lost, as on a line.
  void write(std::span<const std::byte> bytes);
  // Whether something has come, before the time is over.
  bool wait(std::chrono::milliseconds timeout);
  // As a cable that is pulled out.
  void hang_up();

 private:
  int file_ = -1;
  std::string path_;
};

}  // namespace sterna::board
