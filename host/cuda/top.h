// SPDX-License-Identifier: Apache-2.0
// TOPK: the greatest of a vector and of the list so far (isa/top_list.h).
#pragma once

#include "host/cuda/block.h"
#include "host/cuda/stage.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

// Entries as numbers in the list's order: the greater value first, of equal ones the lower id. 0 is
// an empty entry.
__device__ __forceinline__ std::uint64_t list_key(fix value, std::uint32_t id) {
  return std::uint64_t{static_cast<std::uint32_t>(value) ^ 0x80000000} << 32 | ~id;
}

__device__ __forceinline__ void write_entry(fix* list, std::uint32_t entry, std::uint64_t key) {
  list[entry] = static_cast<fix>(static_cast<std::uint32_t>(key >> 32) ^ 0x80000000);
  list[kTopEntries + entry] = static_cast<fix>(~static_cast<std::uint32_t>(key));
}

// Any number of elements: all are read again, round after round, for the greatest behind the last
// one. Equal entries stay side by side.
template <typename Team>
__device__ __forceinline__ void top_of_many(Team& team, const Operation& op, const fix* a,
                                            const fix* list, fix* out) {
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
    best = team.max(best);
    std::uint64_t equal = 0;
    for_each([&](std::uint64_t key) { equal += key == best ? 1 : 0; });
    equal = best == 0 ? kTopEntries : team.sum(equal);  // nothing is left: empty entries
    for (; equal > 0 && entry < kTopEntries; --equal, ++entry) {
      if (Team::rank() != 0) continue;
      write_entry(out, entry, best);
    }
    most = best - 1;
  }
}

// A warp's greatest keys, in their order, of those that its lanes hold: round after round the
// greatest of all, without which its lane goes on. None are wanted from `least` on down: 0 from
// there. False where keys were equal, so that one of them is not there.
template <unsigned kHeld>
__device__ __forceinline__ bool top_of_warp(std::uint64_t (&keys)[kHeld], std::uint64_t least,
                                            std::uint64_t* out) {
  std::uint32_t taken = 0, written = 0;
  std::uint64_t mine = 0;
  const auto find_mine = [&] {
    mine = 0;
    STERNA_UNROLL
    for (const std::uint64_t key : keys) mine = key > mine ? key : mine;
  };
  find_mine();
  for (; written < kTopEntries; ++written) {
    const std::uint64_t best = warp_max(mine);
    if (best <= least) break;
    if (lane() == 0) out[written] = best;
    if (mine != best) continue;
    STERNA_UNROLL
    for (std::uint64_t& key : keys) {
      if (key != best) continue;
      key = 0;
      ++taken;
    }
    find_mine();
  }
  for (std::uint32_t entry = written + lane(); entry < kTopEntries; entry += kWarp) out[entry] = 0;
  return __reduce_add_sync(kAllLanes, taken) == written;
}

// So many elements a thread of a block holds in registers.
inline constexpr unsigned kTopHeld = 16;

// As many elements as a block's threads hold: each warp's greatest, then those of all warps and of
// the list so far. False as above.
template <unsigned kHeld>
__device__ __forceinline__ bool top_of_block(BlockTeam& team, const Operation& op, const fix* a,
                                             const fix* list, fix* out) {
  const auto in_list = [&](std::uint32_t entry) {
    return list_key(list[entry], static_cast<std::uint32_t>(list[kTopEntries + entry]));
  };
  std::uint64_t keys[kHeld] = {};
  STERNA_UNROLL
  for (unsigned i = 0; i < kHeld; ++i) {
    const std::uint32_t e = threadIdx.x + i * blockDim.x;
    if (e < op.length) keys[i] = list_key(a[e], op.imm + e);
  }
  auto* const of_warps = reinterpret_cast<std::uint64_t*>(area());
  bool whole = top_of_warp(keys, list == nullptr ? 0 : in_list(kTopEntries - 1),
                           of_warps + kTopEntries * warp());
  __syncthreads();
  if (warp() == 0) {
    constexpr unsigned kMost = (kMostWarps + 1) * kTopEntries / kWarp + 1;
    std::uint64_t best[kMost] = {};
    STERNA_UNROLL
    for (unsigned i = 0; i < kMost; ++i) {
      const std::uint32_t k = lane() + i * kWarp;
      if (k < warps() * kTopEntries) best[i] = of_warps[k];
    }
    if (list != nullptr && lane() < kTopEntries) best[kMost - 1] = in_list(lane());
    __syncwarp();
    whole &= top_of_warp(best, 0, of_warps);
    __syncwarp();
    if (lane() < kTopEntries) write_entry(out, lane(), of_warps[lane()]);
  }
  return team.max(std::uint32_t{whole ? 0u : 1u}) == 0;
}

// Elements are read by the threads that wrote them, the list behind the barrier that ends the TOPK
// which left it.
template <typename Team, unsigned kHeld = kTopHeld>
__device__ __forceinline__ void top(Team& team, const Operation& op, std::uint32_t column) {
  const fix* const a = op.in[0].of(column);
  const fix* const list = op.list.words == nullptr ? nullptr : op.list.of(column);
  fix* const out = op.out.of(column);
  bool done = false;
  if constexpr (!Team::kIsWarp) {
    done = op.length <= kHeld * Team::size() && top_of_block<kHeld>(team, op, a, list, out);
  }
  if (!done) top_of_many(team, op, a, list, out);
  Team::sync();
}

// Of `count` keys in shared memory, of which no two are equal but zeros: visit(key,
// rank), by a thread each, of those that are among the greatest. Every thread counts those above
// its own, which has nothing to wait for from round to round as top_of_warp() has.
template <typename Visit>
__device__ __forceinline__ void rank_keys(const std::uint64_t* keys, std::uint32_t count,
                                          Visit visit) {
  for (std::uint32_t k = threadIdx.x; k < count; k += blockDim.x) {
    const std::uint64_t own = keys[k];
    std::uint32_t rank = 0;
    STERNA_UNROLL_BY_8
    for (std::uint32_t i = 0; i < count; ++i) rank += keys[i] > own ? 1 : 0;
    if (own != 0 && rank < kTopEntries) visit(k, own, rank);
  }
}

// Where TOPK operations follow each other, from no list on and each with its own ids: a block's
// part of all their elements, of which it leaves the greatest in its part of `lists`.
__device__ __forceinline__ void find_list(const Stage& stage, std::uint64_t* lists) {
  auto* const keys = reinterpret_cast<std::uint64_t*>(area());
  for (std::uint32_t k = threadIdx.x; k < stage.part; k += blockDim.x) {
    std::uint32_t e = blockIdx.x * stage.part + k, i = 0;
    while (i < stage.shared_lists && e >= stage.lists[i].length) e -= stage.lists[i++].length;
    keys[k] = i < stage.shared_lists ? list_key(stage.lists[i].from[e], stage.lists[i].id + e) : 0;
  }
  std::uint64_t* const own = lists + blockIdx.x * kTopEntries;
  if (threadIdx.x < kTopEntries) own[threadIdx.x] = 0;
  __syncthreads();
  rank_keys(keys, stage.part,
            [&](std::uint32_t, std::uint64_t key, std::uint32_t rank) { own[rank] = key; });
}

// What is in all of them, as the last operation's list. Only lists of which the first entry is
// among the greatest first ones have entries that can be among the greatest.
__device__ __forceinline__ void merge_lists(const std::uint64_t* lists, fix* to) {
  auto* const firsts = reinterpret_cast<std::uint64_t*>(area());
  std::uint64_t *const keys = firsts + gridDim.x, *const greatest =
                                                      keys + kTopEntries * kTopEntries;
  for (std::uint32_t b = threadIdx.x; b < gridDim.x; b += blockDim.x) {
    firsts[b] = lists[b * kTopEntries];
  }
  for (std::uint32_t k = threadIdx.x; k < kTopEntries * kTopEntries; k += blockDim.x) keys[k] = 0;
  if (threadIdx.x < kTopEntries) greatest[threadIdx.x] = 0;
  __syncthreads();
  rank_keys(firsts, gridDim.x, [&](std::uint32_t block, std::uint64_t, std::uint32_t rank) {
    STERNA_UNROLL
    for (std::uint32_t i = 0; i < kTopEntries; ++i) {
      keys[rank * kTopEntries + i] = lists[block * kTopEntries + i];
    }
  });
  __syncthreads();
  rank_keys(keys, kTopEntries * kTopEntries,
            [&](std::uint32_t, std::uint64_t key, std::uint32_t rank) { greatest[rank] = key; });
  __syncthreads();
  if (threadIdx.x < kTopEntries) write_entry(to, threadIdx.x, greatest[threadIdx.x]);
  __syncthreads();
}

}  // namespace
}  // namespace sterna::cuda
