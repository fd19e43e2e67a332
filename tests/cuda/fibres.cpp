// SPDX-License-Identifier: Apache-2.0
#include "tests/cuda/fibres.h"

#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "support/error.h"

namespace sterna::cuda::on_cpu {
namespace {

constexpr unsigned kLanes = 32;
constexpr std::size_t kStackBytes = std::size_t{256} << 10;
constexpr std::byte kPoison{0xA5};

// Of `expected` threads, again and again.
struct Barrier {
  unsigned expected = 0, arrived = 0;
  std::uint64_t passed = 0;
};

struct Warp {
  Barrier barrier{kLanes};
  // Of this exchange and of the last one, which some lanes are still reading.
  alignas(16) std::byte slots[2][kLanes * kMostExchanged] = {};
};

struct Block {
  Index index;
  Barrier barrier;
  std::vector<Warp> warps;
  std::vector<std::uint64_t> shared;  // aligned as CUDA's
  std::byte* bytes() {
    const auto at = reinterpret_cast<std::uintptr_t>(shared.data());
    return reinterpret_cast<std::byte*>((at + 15) / 16 * 16);
  }
};

struct Thread {
  Index index;
  Block* block = nullptr;
  Warp* warp = nullptr;
  std::uint64_t exchanges = 0;
  const Barrier* waits_for = nullptr;
  std::uint64_t passed = 0;                      // of that, when it began to wait
  const std::function<bool()>* ready = nullptr;  // what else it waits for
  std::vector<std::vector<std::function<void()>>> deferred{
      1};  // groups; the last one has not ended
  boost::context::fiber fibre, caller;

  bool may_run() const {
    return fibre && (waits_for == nullptr || waits_for->passed != passed) &&
           (ready == nullptr || (*ready)());
  }
};

struct Running {
  Grid grid;
  Barrier barrier;
  std::vector<std::unique_ptr<Block>> blocks;
  std::vector<std::unique_ptr<Thread>> threads;

  void poison(std::size_t from, std::size_t end) {
    for (const auto& block : blocks) {
      std::memset(block->bytes() + from, static_cast<int>(kPoison), end - from);
    }
  }
};

thread_local Running* running = nullptr;
thread_local Thread* current = nullptr;

// True in the thread that came last.
bool wait(Barrier& barrier) {
  if (++barrier.arrived == barrier.expected) {
    barrier.arrived = 0;
    ++barrier.passed;
    return true;
  }
  Thread* const me = current;
  me->waits_for = &barrier;
  me->passed = barrier.passed;
  me->caller = std::move(me->caller).resume();
  me->waits_for = nullptr;
  return false;
}

void run_all(Running& all) {
  std::size_t left = all.threads.size();
  while (left > 0) {
    bool moved = false;
    for (std::size_t i = 0; i < all.threads.size(); ++i) {
      Thread& thread = *all.threads[all.grid.backwards ? all.threads.size() - 1 - i : i];
      if (!thread.may_run()) continue;
      moved = true;
      current = &thread;
      thread.fibre = std::move(thread.fibre).resume();
      if (!thread.fibre) --left;
    }
    if (!moved) throw Error("cuda on the CPU: threads wait for others that never come");
  }
}

}  // namespace

void launch(const Grid& grid, const std::function<void()>& kernel) {
  if (grid.threads % kLanes != 0) throw Error("cuda on the CPU: a block is whole warps");
  Running all;
  all.grid = grid;
  all.barrier.expected = grid.blocks * grid.threads;
  for (unsigned b = 0; b < grid.blocks; ++b) {
    auto& block = all.blocks.emplace_back(std::make_unique<Block>());
    block->index.x = b;
    block->barrier.expected = grid.threads;
    block->warps.resize(grid.threads / kLanes);
    block->shared.resize(grid.shared_bytes / 8 + 2);
    for (unsigned t = 0; t < grid.threads; ++t) {
      auto& thread = all.threads.emplace_back(std::make_unique<Thread>());
      thread->index.x = t;
      thread->block = block.get();
      thread->warp = &block->warps[t / kLanes];
      thread->fibre =
          boost::context::fiber(std::allocator_arg, boost::context::fixedsize_stack(kStackBytes),
                                [&kernel, me = thread.get()](boost::context::fiber&& caller) {
                                  me->caller = std::move(caller);
                                  kernel();
                                  return std::move(me->caller);
                                });
    }
  }
  all.poison(0, grid.shared_bytes);
  running = &all;
  run_all(all);
  running = nullptr;
}

Index thread_index() { return current->index; }
Index block_index() { return current->block->index; }
Index block_size() { return {running->grid.threads, 1, 1}; }
Index grid_size() { return {running->grid.blocks, 1, 1}; }
std::byte* shared_bytes() { return current->block->bytes(); }

void wait_for_warp() { wait(current->warp->barrier); }

void wait_for_block() { wait(current->block->barrier); }

void wait_for_grid() {
  const Grid& grid = running->grid;
  if (wait(running->barrier)) {
    running->poison(grid.kept_bytes, grid.shared_bytes - grid.kept_at_end);
  }
}

void wait_until(const std::function<bool()>& ready) {
  if (ready()) return;
  Thread* const me = current;
  me->ready = &ready;
  me->caller = std::move(me->caller).resume();
  me->ready = nullptr;
}

const std::byte* exchange(const void* mine, std::size_t bytes) {
  Thread* const me = current;
  std::byte* const slots = me->warp->slots[me->exchanges++ % 2];
  std::memcpy(slots + me->index.x % kLanes * kMostExchanged, mine, bytes);
  wait(me->warp->barrier);
  return slots;
}

void defer(std::function<void()> work) { current->deferred.back().push_back(std::move(work)); }

void end_group() { current->deferred.emplace_back(); }

void do_groups_but(std::size_t last) {
  auto& groups = current->deferred;
  while (groups.size() > last + 1) {
    for (const auto& work : groups.front()) work();
    groups.erase(groups.begin());
  }
}

void do_deferred() {
  end_group();
  do_groups_but(0);
}

}  // namespace sterna::cuda::on_cpu
