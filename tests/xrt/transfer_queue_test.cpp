// The thread that carries uploads: order, errors, end.
#include "host/xrt/transfer_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "support/error.h"
#include "tests/host/test_folder.h"

namespace sterna {
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

TEST(TransferQueue, TheCallerGoesOnWhileAJobRuns) {
  std::atomic<bool> go = false;
  TransferQueue queue;
  queue.push([&] {
    while (!go) std::this_thread::yield();
  });
  go = true;  // never reached if push() waited
  queue.drain();
}

TEST(TransferQueue, DrainRethrowsTheFirstErrorOnceAndDropsWhatFollows) {
  TransferQueue queue;
  std::atomic<int> after = 0;
  std::atomic<bool> go = false;
  queue.push([&] {
    while (!go) std::this_thread::yield();
    throw Error("the first");
  });
  queue.push([&] { ++after; });
  go = true;
  EXPECT_EQ(error_of([&] { queue.drain(); }), "the first");
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
}  // namespace sterna
