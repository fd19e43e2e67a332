// SPDX-License-Identifier: Apache-2.0
// The threads of a server's connections. httplib's own pool makes all of them at once, and ends the
// process where the system grants fewer.
#pragma once

#include <httplib.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sterna::server {

// A thread is made when there is a connection for which no other is free, up to `most`. Where there
// can be no more, connections wait for one; where there is none, they are served by the thread that
// accepts them.
class ConnectionThreads : public httplib::TaskQueue {
 public:
  using Task = std::function<void()>;

  explicit ConnectionThreads(std::size_t most) : most_(most) {}

  void enqueue(Task task) override;
  // Returns when all that was enqueued is done.
  void shutdown() override;

 private:
  bool add_thread();  // false: there can be no more
  void work();

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> waiting_;
  std::size_t idle_ = 0;  // threads that wait for a task, or have not seen yet that there is one
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sterna::server
