// SPDX-License-Identifier: Apache-2.0
// What the tests of FFF layers run on: every set of kernels that this processor can run, and the
// source of the wider ones compiled for any processor.
#pragma once

#include <vector>

#include "host/fff/float_kernels.h"
#include "host/fff/ternary_kernels.h"

namespace sterna::fff {

extern const FloatKernels kWide8Float, kWide16Float;

inline std::vector<const FloatKernels*> tested_float_kernels() {
  std::vector<const FloatKernels*> kernels{&kWide8Float, &kWide16Float};
  kernels.insert(kernels.end(), float_kernels().begin(), float_kernels().end());
  return kernels;
}

extern const TernaryKernels kWide32Ternary, kWide64Ternary;

inline std::vector<const TernaryKernels*> tested_ternary_kernels() {
  std::vector<const TernaryKernels*> kernels{&kWide32Ternary, &kWide64Ternary};
  kernels.insert(kernels.end(), ternary_kernels().begin(), ternary_kernels().end());
  return kernels;
}

}  // namespace sterna::fff
