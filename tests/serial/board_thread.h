// SPDX-License-Identifier: Apache-2.0
// A BoardModel behind a pseudo-terminal, in a thread of its own, on a line that may be bad.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "sim/board/pseudo_terminal.h"
#include "tests/serial/board_model.h"

namespace sterna::serial {

struct LineFaults {
  double lost = 0, wrong = 0, extra = 0;  // of a byte, in either direction
  std::uint64_t cut_after = 0;            // bytes from the host; 0: never
  std::uint64_t deaf_after = 0;           // likewise: from then on nothing is answered
  unsigned seed = 1;
};

class BoardThread {
 public:
  // `garbage`: answers whatever comes with random bytes.
  BoardThread(std::unique_ptr<Device> device, std::uint32_t memory_bytes, LineFaults faults = {},
              bool garbage = false);
  ~BoardThread();

  const std::string& path() const { return path_; }

  // Works on the model between two bytes.
  void with(const std::function<void(BoardModel&)>& work);

 private:
  void serve();
  std::vector<std::byte> spoil(std::span<const std::byte> bytes);

  board::PseudoTerminal port_;
  const std::string path_;
  BoardModel model_;
  const LineFaults faults_;
  const bool garbage_;
  std::minstd_rand random_;
  std::uint64_t came_ = 0;
  std::mutex mutex_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace sterna::serial
