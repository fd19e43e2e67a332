// SPDX-License-Identifier: Apache-2.0
// CUDA's C++ as far as the kernels of host/cuda use it, for a compiler that knows none of it: their
// own source runs in fibres. Include it before them. What it cannot show is what a compiler for
// GPUs makes of them, how memory is ordered there, and how long anything takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "host/cuda/step.h"
#include "tests/cuda/fibres.h"

#define STERNA_CUDA_ON_CPU
#define __global__ inline
#define __device__
#define __host__
#define __forceinline__ inline
#define __noinline__
#define __launch_bounds__(...)
#define threadIdx (::sterna::cuda::on_cpu::thread_index())
#define blockIdx (::sterna::cuda::on_cpu::block_index())
#define blockDim (::sterna::cuda::on_cpu::block_size())
#define gridDim (::sterna::cuda::on_cpu::grid_size())

namespace sterna::cuda {

inline void __syncthreads() { on_cpu::wait_for_block(); }
inline void __syncwarp() { on_cpu::wait_for_warp(); }
inline void grid_barrier(std::uint32_t*) { on_cpu::wait_for_grid(); }
inline std::byte* shared_memory() { return on_cpu::shared_bytes(); }

inline std::uint32_t min(std::uint32_t a, std::uint32_t b) { return a < b ? a : b; }
inline std::uint32_t max(std::uint32_t a, std::uint32_t b) { return a > b ? a : b; }
using std::memcpy;

template <typename T>
T of_lane(const std::byte* slots, unsigned lane) {
  T value;
  std::memcpy(&value, slots + lane * on_cpu::kMostExchanged, sizeof value);
  return value;
}

template <typename T>
T __shfl_xor_sync(unsigned, T value, int mask) {
  const std::byte* const slots = on_cpu::exchange(&value, sizeof value);
  return of_lane<T>(slots, threadIdx.x % 32 ^ static_cast<unsigned>(mask));
}
template <typename T>
T __shfl_sync(unsigned, T value, unsigned from) {
  const std::byte* const slots = on_cpu::exchange(&value, sizeof value);
  return of_lane<T>(slots, from % 32);
}
inline std::uint32_t __reduce_add_sync(unsigned, std::uint32_t value) {
  const std::byte* const slots = on_cpu::exchange(&value, sizeof value);
  std::uint32_t sum = 0;
  for (unsigned l = 0; l < 32; ++l) sum += of_lane<std::uint32_t>(slots, l);
  return sum;
}
inline std::int32_t __reduce_add_sync(unsigned lanes, std::int32_t value) {
  return static_cast<std::int32_t>(__reduce_add_sync(lanes, static_cast<std::uint32_t>(value)));
}
inline std::uint32_t __reduce_max_sync(unsigned, std::uint32_t value) {
  const std::byte* const slots = on_cpu::exchange(&value, sizeof value);
  std::uint32_t most = 0;
  for (unsigned l = 0; l < 32; ++l) most = max(most, of_lane<std::uint32_t>(slots, l));
  return most;
}

inline std::uint32_t __byte_perm(std::uint32_t a, std::uint32_t b, std::uint32_t selector) {
  const std::uint64_t both = std::uint64_t{b} << 32 | a;
  std::uint32_t result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    result |= static_cast<std::uint32_t>(both >> 8 * (selector >> 4 * i & 7) & 0xff) << 8 * i;
  }
  return result;
}

// Threads run one at a time.
inline std::int32_t atomicAdd(std::int32_t* to, std::int32_t value) {
  const std::int32_t old = *to;
  *to = old + value;
  return old;
}

// device.h's.
inline std::int64_t mad_wide(std::int32_t a, std::int32_t b, std::int64_t c) {
  return std::int64_t{a} * b + c;
}
inline std::int32_t dot4(std::uint32_t a, std::uint32_t b, std::int32_t c) {
  for (unsigned i = 0; i < 32; i += 8) {
    c += static_cast<std::uint8_t>(a >> i) * static_cast<std::int8_t>(b >> i);
  }
  return c;
}
inline void mma(std::int32_t (&c)[4], const std::uint32_t (&a)[4], std::uint32_t b0,
                std::uint32_t b1) {
  struct Operands {
    std::uint32_t a[4], b[2];
  };
  const Operands mine{{a[0], a[1], a[2], a[3]}, {b0, b1}};
  const std::byte* const slots = on_cpu::exchange(&mine, sizeof mine);
  const unsigned l = threadIdx.x % 32;
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned row = l / 4 + 8 * (i / 2), column = 2 * (l % 4) + i % 2;
    for (unsigned t = 0; t < 4; ++t) {
      const auto left = of_lane<Operands>(slots, row % 8 * 4 + t);
      const auto right = of_lane<Operands>(slots, column * 4 + t);
      c[i] = dot4(left.a[row / 8], right.b[0], c[i]);
      c[i] = dot4(left.a[row / 8 + 2], right.b[1], c[i]);
    }
  }
}
inline LaneWeights load_weights(const LaneWeights* from) { return *from; }
inline void copy_async(LaneWeights* to, const LaneWeights* from) {
  on_cpu::defer([to, from] { *to = *from; });
}
inline void copy_async(std::int32_t* to, const std::int32_t* from) {
  on_cpu::defer([to, from] { *to = *from; });
}
inline void wait_for_copies() { on_cpu::do_deferred(); }
inline void commit_copies() { on_cpu::end_group(); }
template <unsigned kLast>
void wait_for_copies_but() {
  on_cpu::do_groups_but(kLast);
}
inline void arrive(std::uint32_t* arrived) { ++*arrived; }
inline void wait_for_arrivals(const std::uint32_t* arrived, std::uint32_t count) {
  if (threadIdx.x == 0) on_cpu::wait_until([=] { return *arrived >= count; });
  __syncthreads();
}
inline void add_atomically(std::uint64_t* to, std::uint64_t value) { *to += value; }
inline void raise_atomically(std::uint32_t* to, std::uint32_t value) { *to = max(*to, value); }
inline void add_shared(std::int32_t* to, std::int32_t value) { *to += value; }
inline void prefetch(const void*) {}
inline void prefetch(const std::byte*, std::uint32_t) {}
// Phases: how many are over.
inline void begin_phases(std::uint64_t* phases) { *phases = 0; }
inline void order_copies() {}
inline void copy_lanes(void* to, const void* from, std::uint32_t bytes, std::uint64_t*) {
  if (bytes != 0) memcpy(to, from, bytes);
}
inline void end_phase(std::uint64_t* phases) {
  __syncwarp();
  if (threadIdx.x % 32 == 0) ++*phases;
}
inline void wait_for_phase(const std::uint64_t* phases, std::uint32_t number) {
  on_cpu::wait_until([=] { return (*phases & 1) != (number & 1); });
}

}  // namespace sterna::cuda
