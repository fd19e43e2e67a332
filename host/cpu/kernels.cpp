// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/kernels.h"

#include <vector>

#include "support/choose_kernels.h"

namespace sterna::cpu {

std::span<const Kernels* const> kernels() {
  static const std::vector<const Kernels*> found = [] {
    std::vector<const Kernels*> all;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni")) {
      all.push_back(&kAvx512Kernels);
    }
    if (__builtin_cpu_supports("avx2")) all.push_back(&kAvx2Kernels);
#endif
    all.push_back(&kBaselineKernels);
    return all;
  }();
  return found;
}

const Kernels& chosen_kernels() { return choose_kernels(kernels()); }

}  // namespace sterna::cpu
