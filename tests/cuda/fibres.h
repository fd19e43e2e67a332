// SPDX-License-Identifier: Apache-2.0
// The threads of a CUDA grid as fibres of one thread of the CPU: each runs until it waits for
// others, so that what they do is the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace sterna::cuda::on_cpu {

struct Index {
  unsigned x = 0, y = 0, z = 0;
};

struct Grid {
  unsigned blocks = 1, threads = 32;  // threads: of a block, whole warps
  std::size_t shared_bytes = 0;
  // Of these no barrier of the grid takes the contents; the rest is poisoned there, as all of it is
  // at the beginning: what a block left there is not to be relied on.
  std::size_t kept_bytes = 0;
  std::size_t kept_at_end = 0;  // nor of so many at the end
  bool backwards = false;       // threads run from the last to the first where nothing orders them
};

// Runs `kernel` in every thread. Throws Error where threads wait for others that never come.
void launch(const Grid& grid, const std::function<void()>& kernel);

// Of the thread that runs.
Index thread_index();
Index block_index();
Index block_size();
Index grid_size();
std::byte* shared_bytes();

void wait_for_warp();
void wait_for_block();
void wait_for_grid();
void wait_until(const std::function<bool()>& ready);

// What every lane of a warp puts in, for all of them; `bytes` are at most kMostExchanged. Valid
// until the lane's next exchange but one.
inline constexpr std::size_t kMostExchanged = 32;
const std::byte* exchange(const void* mine, std::size_t bytes);  // kMostExchanged from lane to lane

// Work that is done when the thread asks for it: copies that run beside it. What was deferred since
// the last end is a group.
void defer(std::function<void()> work);
void end_group();
void do_deferred();
void do_groups_but(std::size_t last);  // all that have ended but so many

}  // namespace sterna::cuda::on_cpu
