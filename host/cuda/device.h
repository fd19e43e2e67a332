// SPDX-License-Identifier: Apache-2.0
// What kernels need of a GPU beyond CUDA's C++: single instructions, and where shared memory is.
// Kernels are headers: nvcc compiles them for a GPU, and the tests for the CPU, with a header of
// theirs in front that plays CUDA (tests/cuda/cuda_on_cpu.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/cuda/step.h"

#if defined(__CUDACC__)
#define STERNA_UNROLL _Pragma("unroll")
#define STERNA_NO_UNROLL _Pragma("unroll 1")
#define STERNA_UNROLL_TWICE _Pragma("unroll 2")
#define STERNA_UNROLL_BY_8 _Pragma("unroll 8")
#elif !defined(STERNA_CUDA_ON_CPU)
#error "kernels: neither nvcc compiles this nor do the tests"
#else
#define STERNA_UNROLL
#define STERNA_NO_UNROLL
#define STERNA_UNROLL_TWICE
#define STERNA_UNROLL_BY_8
#endif

namespace sterna::cuda {

inline constexpr unsigned kWarp = 32;  // threads
inline constexpr unsigned kAllLanes = 0xffffffff;

#if defined(__CUDACC__)

// All of a block's shared memory: kernels cut it up themselves, so that a launch says how much.
__device__ __forceinline__ std::byte* shared_memory() {
  extern __shared__ uint4 all_shared_memory[];  // aligned to 16 bytes
  return reinterpret_cast<std::byte*>(all_shared_memory);
}

// Until all threads of all blocks are here; what they wrote is seen by everybody behind it. Of
// `arrived` the upper bit turns when the last block has come, and the others are 0 again: blocks
// add 1, and one of them what is then missing.
__device__ __forceinline__ void grid_barrier(std::uint32_t* arrived) {
  __syncthreads();
  if (threadIdx.x == 0) {
    const std::uint32_t mine = blockIdx.x == 0 ? 0x80000000u - (gridDim.x - 1) : 1;
    std::uint32_t before, now;
    asm volatile("atom.add.acq_rel.gpu.global.u32 %0, [%1], %2;"
                 : "=r"(before)
                 : "l"(arrived), "r"(mine)
                 : "memory");
    do {
      asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(now) : "l"(arrived) : "memory");
    } while (((before ^ now) & 0x80000000u) == 0);
  }
  __syncthreads();
}

// a * b + c: one instruction, which nvcc finds only where it sees both factors' extension.
__device__ __forceinline__ std::int64_t mad_wide(std::int32_t a, std::int32_t b, std::int64_t c) {
  std::int64_t d;
  asm("mad.wide.s32 %0, %1, %2, %3;" : "=l"(d) : "r"(a), "r"(b), "l"(c));
  return d;
}

// c + the products of four unsigned bytes of a and four signed ones of b.
__device__ __forceinline__ std::int32_t dot4(std::uint32_t a, std::uint32_t b, std::int32_t c) {
  std::int32_t d;
  asm("dp4a.u32.s32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
  return d;
}

// A warp's 16 x 32 unsigned bytes times 32 x 8 signed ones, added to 16 x 8 sums. With g = lane / 4
// and t = lane % 4: a[0], a[1] are rows g and g + 8, columns 4t and up, a[2], a[3] the same 16
// columns behind; b0 and b1 the same of column g of the other; c are rows g, columns 2t and 2t + 1,
// and row g + 8.
__device__ __forceinline__ void mma(std::int32_t (&c)[4], const std::uint32_t (&a)[4],
                                    std::uint32_t b0, std::uint32_t b1) {
  asm("mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// 16 bytes of weights, which nobody writes while a kernel runs and no block reads twice.
__device__ __forceinline__ LaneWeights load_weights(const LaneWeights* from) {
  LaneWeights w;
  asm("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
      : "=r"(w.words[0]), "=r"(w.words[1]), "=r"(w.words[2]), "=r"(w.words[3])
      : "l"(from));
  return w;
}

// 16 bytes into shared memory, which are there behind wait_for_copies() of this thread.
__device__ __forceinline__ void copy_async(LaneWeights* to, const LaneWeights* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(
                   static_cast<std::uint32_t>(__cvta_generic_to_shared(to))),
               "l"(from)
               : "memory");
}
__device__ __forceinline__ void copy_async(std::int32_t* to, const std::int32_t* from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(
                   static_cast<std::uint32_t>(__cvta_generic_to_shared(to))),
               "l"(from)
               : "memory");
}
__device__ __forceinline__ void wait_for_copies() {
  asm volatile("cp.async.wait_all;" ::: "memory");
}
// Copies up to here are a group; until all groups but the last ones are there.
__device__ __forceinline__ void commit_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
template <unsigned kLast>
__device__ __forceinline__ void wait_for_copies_but() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kLast) : "memory");
}

// Where copies of a warp arrive: a word of shared memory that counts what is still to come, in one
// phase after the other. From Hopper on a thread's copy is one instruction, however long.
#if __CUDA_ARCH__ >= 900
inline constexpr unsigned kCopyArrivals = 1;
#else
inline constexpr unsigned kCopyArrivals = kWarp;
#endif
__device__ __forceinline__ std::uint32_t shared_address(const void* at) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(at));
}
__device__ __forceinline__ void begin_phases(std::uint64_t* phases) {
  asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(shared_address(phases)),
               "r"(kCopyArrivals)
               : "memory");
#if __CUDA_ARCH__ >= 900
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
#endif
}
// What the threads of the block did with shared memory up to here is before the copies that follow.
__device__ __forceinline__ void order_copies() {
#if __CUDA_ARCH__ >= 900
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}
// By all lanes: each one's bytes, a multiple of 16 or none, in the phase that is under way.
__device__ __forceinline__ void copy_lanes(void* to, const void* from, std::uint32_t bytes,
                                           std::uint64_t* phases) {
#if __CUDA_ARCH__ >= 900
  if (bytes == 0) return;
  asm volatile(
      "mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%0], %1;" ::"r"(shared_address(phases)),
      "r"(bytes)
      : "memory");
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::
          "r"(shared_address(to)),
      "l"(from), "r"(bytes), "r"(shared_address(phases))
      : "memory");
#else
  for (unsigned l = 0; l < kWarp; ++l) {
    const std::uint32_t count = __shfl_sync(kAllLanes, bytes, l);
    auto* const at = reinterpret_cast<LaneWeights*>(
        __shfl_sync(kAllLanes, reinterpret_cast<unsigned long long>(to), l));
    const auto* const of = reinterpret_cast<const LaneWeights*>(
        __shfl_sync(kAllLanes, reinterpret_cast<unsigned long long>(from), l));
    for (std::uint32_t i = threadIdx.x % kWarp; i < count / sizeof(LaneWeights); i += kWarp) {
      copy_async(at + i, of + i);
    }
  }
#endif
}
// By all lanes: no more copies in this phase.
__device__ __forceinline__ void end_phase(std::uint64_t* phases) {
#if __CUDA_ARCH__ >= 900
  __syncwarp();
  if (threadIdx.x % kWarp == 0) {
    asm volatile("mbarrier.arrive.shared.b64 _, [%0];" ::"r"(shared_address(phases)) : "memory");
  }
#else
  asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" ::"r"(shared_address(phases))
               : "memory");
#endif
}
// Until what was copied in a phase of this number is there, for the thread that waits.
__device__ __forceinline__ void wait_for_phase(const std::uint64_t* phases, std::uint32_t number) {
  std::uint32_t is_there;
  do {
    asm volatile(
        "{\n.reg .pred is_there;\n"
#if __CUDA_ARCH__ >= 900
        "mbarrier.try_wait.parity.shared::cta.b64 is_there, [%1], %2;\n"
#else
        "mbarrier.test_wait.parity.shared.b64 is_there, [%1], %2;\n"
#endif
        "selp.u32 %0, 1, 0, is_there;\n}"
        : "=r"(is_there)
        : "r"(shared_address(phases)), "r"(number & 1)
        : "memory");
  } while (is_there == 0);
}

// One more block is done, by one of its threads behind a barrier of the block's.
__device__ __forceinline__ void arrive(std::uint32_t* arrived) {
  asm volatile("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(arrived) : "memory");
}
// Until so many are; all threads see what these blocks wrote.
__device__ __forceinline__ void wait_for_arrivals(const std::uint32_t* arrived,
                                                  std::uint32_t count) {
  if (threadIdx.x == 0) {
    std::uint32_t now;
    do {
      asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(now) : "l"(arrived) : "memory");
    } while (now < count);
  }
  __syncthreads();
}

__device__ __forceinline__ void add_atomically(std::uint64_t* to, std::uint64_t value) {
  asm volatile("red.relaxed.gpu.global.add.u64 [%0], %1;" ::"l"(to), "l"(value) : "memory");
}
__device__ __forceinline__ void raise_atomically(std::uint32_t* to, std::uint32_t value) {
  asm volatile("red.relaxed.gpu.global.max.u32 [%0], %1;" ::"l"(to), "r"(value) : "memory");
}

// To a word of shared memory, by one thread of a warp or each to its own: atomicAdd() takes a dozen
// instructions to find out whether lanes share a word.
__device__ __forceinline__ void add_shared(std::int32_t* to, std::int32_t value) {
  asm volatile("red.relaxed.cta.shared::cta.add.s32 [%0], %1;" ::"r"(
                   static_cast<std::uint32_t>(__cvta_generic_to_shared(to))),
               "r"(value)
               : "memory");
}

// Asks for the 128 bytes there, into the second-level cache.
__device__ __forceinline__ void prefetch(const void* from) {
  asm volatile("prefetch.global.L2 [%0];" ::"l"(from));
}
// For so many bytes, a multiple of 16.
__device__ __forceinline__ void prefetch(const std::byte* from, std::uint32_t bytes) {
#if __CUDA_ARCH__ >= 900
  asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(from), "r"(bytes));
#else
  for (std::uint32_t i = 0; i < bytes; i += 128) prefetch(from + i);
#endif
}

#endif

}  // namespace sterna::cuda
