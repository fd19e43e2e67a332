// SPDX-License-Identifier: Apache-2.0
#include "host/fff/float_kernels.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "support/error.h"

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

const FloatKernels& chosen_float_kernels() {
  const auto all = float_kernels();
  const char* wanted = std::getenv("STERNA_CPU");
  if (wanted == nullptr || *wanted == 0) return *all.front();
  std::string names;
  for (const FloatKernels* each : all) {
    if (each->name == wanted) return *each;
    names += (names.empty() ? "" : ", ") + std::string(each->name);
  }
  throw Error("STERNA_CPU: '{}' is none of what this processor can run here: {}", wanted, names);
}

}  // namespace sterna::fff
