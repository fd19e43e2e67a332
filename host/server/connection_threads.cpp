// SPDX-License-Identifier: Apache-2.0
#include "host/server/connection_threads.h"

#include <system_error>
#include <utility>

namespace sterna::server {

bool ConnectionThreads::add_thread() {
  if (threads_.size() == most_) return false;
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    return false;
  }
  ++idle_;
  return true;
}

void ConnectionThreads::enqueue(Task task) {
  std::unique_lock lock(mutex_);
  if (idle_ <= waiting_.size() && !add_thread() && threads_.empty()) {
    lock.unlock();
    return task();
  }
  waiting_.push_back(std::move(task));
  changed_.notify_one();
}

void ConnectionThreads::shutdown() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ConnectionThreads::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Task task = std::move(waiting_.front());
    waiting_.pop_front();
    --idle_;
    lock.unlock();
    task();
    lock.lock();
    ++idle_;
  }
}

}  // namespace sterna::server
