// SPDX-License-Identifier: Apache-2.0
// Work done in order by a thread of its own, while the caller goes on.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace sterna::card {

class TransferQueue {
 public:
  TransferQueue();
  // Finishes the jobs that were pushed; errors that nobody asked for are lost.
  ~TransferQueue();
  TransferQueue(const TransferQueue&) = delete;
  TransferQueue& operator=(const TransferQueue&) = delete;

  void push(std::function<void()> job);

  // Returns when every job is done. Rethrows what the first failing job threw; the jobs after that
  // one were dropped.
  void drain();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;  // the one being done stays in front
  std::exception_ptr error_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace sterna::card
