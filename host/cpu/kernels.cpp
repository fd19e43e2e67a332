// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/kernels.h"

#include <vector>

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "support/choose_kernels.h"

namespace sterna::cpu {
namespace {

#if defined(__x86_64__)
bool has_avx512() {
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

// Linux gives the tiles' registers to a process that asks for them, for all its threads
// (Documentation/arch/x86/xstate.rst).
bool has_amx() {
#if defined(__linux__)
  constexpr unsigned kTile = 1u << 24, kInt8 = 1u << 25;  // of leaf 7's EDX
  constexpr long kAskForPermission = 0x1023, kTileData = 18;
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kTile) != 0 && (d & kInt8) != 0 &&
         ::syscall(SYS_arch_prctl, kAskForPermission, kTileData) == 0;
#else
  return false;
#endif
}
#endif

}  // namespace

std::span<const Kernels* const> kernels() {
  static const std::vector<const Kernels*> found = [] {
    std::vector<const Kernels*> all;
#if defined(__x86_64__)
    if (has_avx512() && has_amx()) all.push_back(&kAmxKernels);
    if (has_avx512()) all.push_back(&kAvx512Kernels);
    if (__builtin_cpu_supports("avx2")) all.push_back(&kAvx2Kernels);
#endif
    all.push_back(&kBaselineKernels);
    return all;
  }();
  return found;
}

const Kernels& chosen_kernels() { return choose_kernels(kernels()); }

}  // namespace sterna::cpu
