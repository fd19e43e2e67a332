// SPDX-License-Identifier: Apache-2.0
// The thread that carries uploads: order, errors, end.
#include "host/xrt/transfer_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <vector>

#include "support/error.h"
#include "tests/host/test_folder.h"

namespace sterna::card {
namespace {

TEST(TransferQueue, RunsJobsInOrderAndDrainWaitsForTheLast) {
  TransferQueue queue;
  std::vector<int> done;
  for (int i = 0; i < 1000; ++i) queue.push([&done, i] { done.push_back(i); });
  queue.drain();
  ASSERT_EQ(done.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
  queue.drain();  // nothing to do
}

// What a job waits for. A wait that nobody ends is given up, so that the test fails and does not
// hang.
class Gate {
 public:
  void open() { promise_.set_value(); }
  bool opened() const {
    return future_.wait_for(std::chrono::minutes(1)) == std::future_status::ready;
  }

 private:
  std::promise<void> promise_;
  std::future<void> future_ = promise_.get_future();
};

TEST(TransferQueue, TheCallerGoesOnWhileAJobRuns) {
  Gate gate;
  bool opened = false;
  TransferQueue queue;
  queue.push([&] { opened = gate.opened(); });
  gate.open();  // too late if push() waited
  queue.drain();
  EXPECT_TRUE(opened);
}

TEST(TransferQueue, DrainRethrowsTheFirstErrorOnceAndDropsWhatFollows) {
  Gate gate;
  std::atomic<int> after = 0;
  TransferQueue queue;
  queue.push([&] {
    EXPECT_TRUE(gate.opened());
    throw Error("the first");
  });
  queue.push([&] { ++after; });
  gate.open();
  EXPECT_EQ(model::error_of([&] { queue.drain(); }), "the first");
  EXPECT_EQ(after, 0);
  queue.push([&] { ++after; });
  queue.drain();
  EXPECT_EQ(after, 1);
}

TEST(TransferQueue, EndsWithItsJobsDone) {
  std::atomic<int> done = 0;
  {
    TransferQueue queue;
    for (int i = 0; i < 100; ++i) queue.push([&] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace sterna::card
