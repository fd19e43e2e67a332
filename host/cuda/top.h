// SPDX-License-Identifier: Apache-2.0
// TOPK: the greatest of a vector and of the list so far (isa/top_list.h).
#pragma once

#include "host/cuda/block.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

// Entries as numbers in the list's order: the greater value first, of equal ones the lower id. 0 is
// an empty entry.
__device__ __forceinline__ std::uint64_t list_key(fix value, std::uint32_t id) {
  return std::uint64_t{static_cast<std::uint32_t>(value) ^ 0x80000000} << 32 | ~id;
}

// Elements are read by the threads that wrote them, the list behind the barrier that ends the TOPK
// which left it. Round after round the greatest behind the last one. Equal entries stay side by
// side.
template <typename Team>
__device__ __forceinline__ void top(const Operation& op, std::uint32_t column) {
  const fix* const a = op.in[0].of(column);
  const fix* const list = op.list.words == nullptr ? nullptr : op.list.of(column);
  fix* const out = op.out.of(column);
  const auto for_each = [&](auto visit) {
    for (std::uint32_t e = Team::rank(); e < op.length; e += Team::size()) {
      visit(list_key(a[e], op.imm + e));
    }
    if (list != nullptr && Team::rank() < kTopEntries) {
      visit(list_key(list[Team::rank()],
                     static_cast<std::uint32_t>(list[kTopEntries + Team::rank()])));
    }
  };
  std::uint64_t most = ~std::uint64_t{0};  // that is not in the list yet
  for (std::uint32_t entry = 0; entry < kTopEntries;) {
    std::uint64_t best = 0;
    for_each([&](std::uint64_t key) { best = key <= most && key > best ? key : best; });
    best = Team::max(best);
    std::uint64_t equal = 0;
    for_each([&](std::uint64_t key) { equal += key == best ? 1 : 0; });
    equal = best == 0 ? kTopEntries : Team::sum(equal);  // nothing is left: empty entries
    for (; equal > 0 && entry < kTopEntries; --equal, ++entry) {
      if (Team::rank() != 0) continue;
      out[entry] = static_cast<fix>(static_cast<std::uint32_t>(best >> 32) ^ 0x80000000);
      out[kTopEntries + entry] = static_cast<fix>(~static_cast<std::uint32_t>(best));
    }
    most = best - 1;
  }
  Team::sync();
}

}  // namespace
}  // namespace sterna::cuda
