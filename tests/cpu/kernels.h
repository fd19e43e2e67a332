// SPDX-License-Identifier: Apache-2.0
// What the tests of the CPU engine run on: every set of kernels that this processor can run, and
// the source of the widest ones compiled for any processor, with AMX's tiles modelled.
#pragma once

#include <vector>

#include "host/cpu/kernels.h"

namespace sterna::cpu {

extern const Kernels kWideKernels;

inline std::vector<const Kernels*> tested_kernels() {
  std::vector<const Kernels*> all{&kWideKernels};
  all.insert(all.end(), kernels().begin(), kernels().end());
  return all;
}

}  // namespace sterna::cpu
