// SPDX-License-Identifier: Apache-2.0
// What the tests of FFF layers run on: every set of kernels that this processor can run, and the
// source of the wider ones compiled for any processor.
#pragma once

#include <vector>

#include "host/fff/float_kernels.h"

namespace sterna::fff {

extern const FloatKernels kWide8Float, kWide16Float;

inline std::vector<const FloatKernels*> tested_float_kernels() {
  std::vector<const FloatKernels*> kernels{&kWide8Float, &kWide16Float};
  kernels.insert(kernels.end(), float_kernels().begin(), float_kernels().end());
  return kernels;
}

}  // namespace sterna::fff
