#include "host/xrt/transfer_queue.h"

#include <utility>

namespace sterna {

TransferQueue::TransferQueue() : thread_([this] { work(); }) {}

TransferQueue::~TransferQueue() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void TransferQueue::push(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (error_) return;
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

void TransferQueue::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return jobs_.empty(); });
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void TransferQueue::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const std::function<void()>& job =
        jobs_.front();  // a deque's front stays put while others push
    lock.unlock();
    std::exception_ptr error;
    try {
      job();
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error) {
      error_ = error;
      jobs_.clear();
    } else {
      jobs_.pop_front();
    }
    changed_.notify_all();
  }
}

}  // namespace sterna
