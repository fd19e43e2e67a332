// SPDX-License-Identifier: Apache-2.0
// How a pass of a single column runs, as when one text is generated: every block computes
// everything but products for itself. Then a block waits for the others only where it needs the
// products that they have computed, and vectors are in its own shared memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "host/plan/buffers.h"
#include "host/plan/plan.h"
#include "host/plan/schedule.h"

namespace sterna::cuda {

struct Alone {
  // Where a value is: bytes behind the beginning of what a block has of its own, in shared memory
  // or not; or, of products, a buffer that all blocks share.
  enum class Where { kNowhere, kInShared, kOfBlock, kExchanged };
  struct Room {
    Where where = Where::kNowhere;
    std::uint64_t offset = 0;
  };

  // Phases of columns and of products. None: the plan cannot run so.
  std::vector<plan::Phase> phases;
  std::vector<Room> vectors, beside;  // by value
  std::size_t shared_bytes = 0, of_block_bytes = 0, exchanged_bytes = 0;
  // By operation: the product that alone needs it, of the phase behind it; kNobody: others do, too.
  static constexpr std::uint32_t kNobody = ~std::uint32_t{0};
  std::vector<std::uint32_t> only_for;

  bool possible() const { return !phases.empty(); }
};

// Of a plan whose phases are those of columns that are of different sequences. Values with `fixed`
// need no room. A block has so much shared memory for its own.
Alone plan_alone(const plan::Plan& plan, std::span<const plan::Phase> phases,
                 const std::vector<bool>& fixed, std::size_t shared_bytes);

}  // namespace sterna::cuda
