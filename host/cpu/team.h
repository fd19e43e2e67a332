// SPDX-License-Identifier: Apache-2.0
// Threads that work at one thing together.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sterna::cpu {

// Work is taken piece by piece by whoever is free, so that nobody waits for a thread that the
// system has put aside for other programs. Between calls that follow each other closely the threads
// stay awake; a moment later they sleep.
class Team {
 public:
  // With the caller's; at least 1. Throws Error where the system gives no more.
  explicit Team(unsigned threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  unsigned size() const { return static_cast<unsigned>(others_.size()) + 1; }

  // Calls work(piece) for every piece < pieces, in any order and thread, and waits for all. Throws
  // what a piece has thrown; others may have been done all the same.
  using Work = std::function<void(std::uint32_t)>;
  void run(std::uint32_t pieces, const Work& work);

 private:
  void serve();
  void end();  // of the others
  void take_pieces(std::uint32_t call);
  void keep(std::exception_ptr error);

  std::atomic<std::uint32_t> calls_{0};  // of run; 0: none yet
  std::atomic<bool> end_{false};
  // Of the call in the upper half, pieces that nobody has taken yet. Who has taken one knows that
  // the call goes on, and may look at the work.
  std::atomic<std::uint64_t> left_{0};
  std::atomic<std::uint32_t> unfinished_{0};  // pieces
  const Work* work_ = nullptr;
  std::mutex errors_;         // of those who write the next one
  std::exception_ptr error_;  // the first of the call
  std::vector<std::jthread> others_;
};

}  // namespace sterna::cpu
