// SPDX-License-Identifier: Apache-2.0
// What the tests of the CUDA engine run on: GPUs of several sizes, on the CPU, or a real one.
#pragma once

#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/cuda/gpu_on_cpu.h"

namespace sterna::cuda {

// With STERNA_TEST_GPU in the environment the machine's own. Else one block alone, blocks that
// share work, blocks of many warps, threads in either order.
inline std::vector<std::unique_ptr<Gpu>> tested_gpus() {
  std::vector<std::unique_ptr<Gpu>> gpus;
  if (std::getenv("STERNA_TEST_GPU") != nullptr) {
    gpus.push_back(make_gpu());
    return gpus;
  }
  gpus.push_back(make_gpu_on_cpu({.blocks = 3, .warps = 4}));
  gpus.push_back(make_gpu_on_cpu({.blocks = 1, .warps = 2, .own_bytes = 3000, .backwards = true}));
  gpus.push_back(make_gpu_on_cpu({.blocks = 5, .warps = 1, .own_bytes = 0}));
  gpus.push_back(make_gpu_on_cpu({.blocks = 4, .warps = 8, .backwards = true}));
  gpus.push_back(make_gpu_on_cpu({.blocks = 2, .warps = 16}));
  return gpus;
}

}  // namespace sterna::cuda
