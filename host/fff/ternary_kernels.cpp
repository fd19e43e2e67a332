// SPDX-License-Identifier: Apache-2.0
#include "host/fff/ternary_kernels.h"

#include <vector>

#include "support/choose_kernels.h"

namespace sterna::fff {

std::span<const TernaryKernels* const> ternary_kernels() {
  static const std::vector<const TernaryKernels*> found = [] {
    std::vector<const TernaryKernels*> kernels;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vnni"))
      kernels.push_back(&kAvx512Ternary);
    if (__builtin_cpu_supports("avx2")) kernels.push_back(&kAvx2Ternary);
#endif
    kernels.push_back(&kBaselineTernary);
    return kernels;
  }();
  return found;
}

const TernaryKernels& chosen_ternary_kernels() { return choose_kernels(ternary_kernels()); }

}  // namespace sterna::fff
