// SPDX-License-Identifier: Apache-2.0
#include "host/fff/float_kernels.h"

#include <vector>

#include "support/choose_kernels.h"

namespace sterna::fff {

std::span<const FloatKernels* const> float_kernels() {
  static const std::vector<const FloatKernels*> found = [] {
    std::vector<const FloatKernels*> kernels;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) kernels.push_back(&kAvx512Float);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      kernels.push_back(&kAvx2Float);
#endif
    kernels.push_back(&kBaselineFloat);
    return kernels;
  }();
  return found;
}

const FloatKernels& chosen_float_kernels() { return choose_kernels(float_kernels()); }

}  // namespace sterna::fff
