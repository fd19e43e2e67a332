// SPDX-License-Identifier: Apache-2.0
// The threads of a block, and of a warp, as teams: what they share, sums and maxima over all of
// them.
#pragma once

#include <cstdint>

#include "host/cuda/device.h"
#include "host/cuda/step.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

inline constexpr std::uint32_t kMostWarps = most_warps(false);
inline constexpr std::uint32_t kMostProductColumns = 64;  // that a block multiplies at a time

// At the beginning of a block's shared memory; what a launch has beyond it is `area`.
struct Shared {
  Tables tables;  // a barrier of the grid takes what the first-level cache holds of the memory's
  Operation operations[2][kMostPhaseOperations];  // of the phase, and of the next one
  Ahead ahead[3][kMostAhead];                     // of the phase, and of those on their way
  Phase phases[4];                                // likewise
  std::uint64_t words[2][kMostWarps];             // of reductions, each of a warp
  std::int32_t sums[kMostWarps][16];              // FFFIN: of the nodes of a block of a tree
  std::int32_t vector_sum[kMostProductColumns];
  std::uint32_t multiplier[kMostProductColumns];

  // Of it, from its beginning on, what stays from phase to phase.
  static constexpr std::size_t kLasting =
      sizeof(Tables) + sizeof(operations) + sizeof(ahead) + sizeof(phases);
};
static_assert(sizeof(Shared) % 16 == 0);

__device__ __forceinline__ Shared& shared() { return *reinterpret_cast<Shared*>(shared_memory()); }
__device__ __forceinline__ std::uint8_t* area() {
  return reinterpret_cast<std::uint8_t*>(shared_memory()) + sizeof(Shared);
}

__device__ __forceinline__ std::uint32_t lane() { return threadIdx.x % kWarp; }
__device__ __forceinline__ std::uint32_t warp() { return threadIdx.x / kWarp; }
__device__ __forceinline__ std::uint32_t warps() { return blockDim.x / kWarp; }

// What a block has of its own (Step::alone).
__device__ __forceinline__ std::byte* own_memory(const Step& step) {
  return shared_memory() + sizeof(Shared) + step.area_bytes;
}

__device__ __forceinline__ void fetch_tables(const Tables* tables) {
  auto* const to = reinterpret_cast<LaneWeights*>(&shared().tables);
  const auto* const from = reinterpret_cast<const LaneWeights*>(tables);
  for (std::uint32_t i = threadIdx.x; i < sizeof(Tables) / sizeof(LaneWeights); i += blockDim.x) {
    copy_async(to + i, from + i);
  }
}

// Of a warp, in all of its lanes.
__device__ __forceinline__ std::int32_t warp_sum(std::int32_t x) {
  return __reduce_add_sync(kAllLanes, x);
}
// By parts that 32 of fit into a word: adding over a warp is one instruction for words.
__device__ __forceinline__ std::uint64_t warp_sum(std::uint64_t x) {
  constexpr unsigned kBits = 27;
  constexpr std::uint32_t kMask = (1u << kBits) - 1;
  const std::uint32_t low = __reduce_add_sync(kAllLanes, static_cast<std::uint32_t>(x) & kMask);
  const std::uint32_t middle =
      __reduce_add_sync(kAllLanes, static_cast<std::uint32_t>(x >> kBits) & kMask);
  const std::uint32_t high =
      __reduce_add_sync(kAllLanes, static_cast<std::uint32_t>(x >> 2 * kBits));
  return low + (std::uint64_t{middle} << kBits) + (std::uint64_t{high} << 2 * kBits);
}

__device__ __forceinline__ std::uint32_t warp_max(std::uint32_t x) {
  return __reduce_max_sync(kAllLanes, x);
}
__device__ __forceinline__ std::uint64_t warp_max(std::uint64_t x) {
  const auto mine = static_cast<std::uint32_t>(x >> 32);
  const std::uint32_t high = warp_max(mine);
  const std::uint32_t low = warp_max(mine == high ? static_cast<std::uint32_t>(x) : 0);
  return std::uint64_t{high} << 32 | low;
}

// A block as a team that works at a column, and what it asks of a team.
class BlockTeam {
 public:
  static constexpr bool kIsWarp = false;
  // Of the grid's teams.
  __device__ static std::uint32_t number() { return blockIdx.x; }
  __device__ static std::uint32_t count() { return gridDim.x; }
  __device__ static std::uint32_t rank() { return threadIdx.x; }
  __device__ static std::uint32_t size() { return blockDim.x; }
  // All threads are here, and see what the others wrote. Sums and maxima imply it.
  __device__ static void sync() { __syncthreads(); }
  // Of all threads, in all of them.
  __device__ std::uint64_t sum(std::uint64_t x) { return warp_sum(of_warps(warp_sum(x))); }
  template <typename Word>
  __device__ Word max(Word x) {
    return warp_max(static_cast<Word>(of_warps(warp_max(x))));
  }

 private:
  // Each warp's word, one a lane; 0 where there is no warp. Two sets of words in turn: the barrier
  // in between is also that behind which the last one's have been read.
  __device__ std::uint64_t of_warps(std::uint64_t mine) {
    std::uint64_t* const words = shared().words[turn_];
    turn_ ^= 1;
    if (lane() == 0) words[warp()] = mine;
    __syncthreads();
    return lane() < warps() ? words[lane()] : 0;
  }

  unsigned turn_ = 0;
};

// A warp alone: where columns are many no warp has to wait for another.
class WarpTeam {
 public:
  static constexpr bool kIsWarp = true;
  __device__ static std::uint32_t number() { return blockIdx.x * warps() + warp(); }
  __device__ static std::uint32_t count() { return gridDim.x * warps(); }
  __device__ static std::uint32_t rank() { return lane(); }
  __device__ static std::uint32_t size() { return kWarp; }
  __device__ static void sync() { __syncwarp(); }
  __device__ std::uint64_t sum(std::uint64_t x) {
    sync();
    return warp_sum(x);
  }
  template <typename Word>
  __device__ Word max(Word x) {
    sync();
    return warp_max(x);
  }
};

// A flag that what clamps raises: no longer 0 then.
struct Clamped {
  std::uint32_t bits = 0;
};

// numerics::sat32 by words, which is what GPUs compute with: the upper one has to be the lower
// one's sign. The functions of numerics find this one by the flag that they are given.
STERNA_HOST_DEVICE constexpr fix sat32(std::int64_t x, Clamped* clamped) {
  const auto low = static_cast<std::int32_t>(x), high = static_cast<std::int32_t>(x >> 32);
  const std::int32_t beyond = high ^ (low >> 31);
  clamped->bits |= static_cast<std::uint32_t>(beyond);
  return beyond == 0 ? low : (high >> 31) ^ numerics::kFixMax;
}

__device__ __forceinline__ void note_clamped(const Operation& op, bool clamped) {
  if (clamped) *op.clamped = 1;  // whoever else does so writes the same
}
__device__ __forceinline__ void note_clamped(const Operation& op, Clamped clamped) {
  note_clamped(op, clamped.bits != 0);
}

__device__ __forceinline__ std::uint32_t multiplier_of(const Operation& op, std::uint32_t column) {
  const std::uint32_t scale = op.scale.words == nullptr ? 0 : *op.scale.of(column);
  bool clamped = false;
  const std::uint32_t multiplier =
      numerics::matmul_multiplier(scale, numerics::unpack_scale(op.imm), &clamped);
  note_clamped(op, clamped);
  return multiplier;
}

// Where the operation's memory is for a column.
__device__ __forceinline__ fix* memory_of(const Operation& op, const Column& column) {
  const Memory& memory = op.memory;
  return reinterpret_cast<fix*>(memory.lines +
                                memory.copy_bytes * (memory.result ? column.result : column.copy) +
                                std::uint64_t{memory.row_bytes} * column.token);
}

}  // namespace
}  // namespace sterna::cuda
