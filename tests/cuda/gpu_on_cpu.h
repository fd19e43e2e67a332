// SPDX-License-Identifier: Apache-2.0
// A Gpu whose kernels run on the CPU: the engine's own code, host and kernels, without a GPU.
#pragma once

#include <cstddef>
#include <memory>

#include "host/cuda/gpu.h"

namespace sterna::cuda {

struct GpuOnCpuOptions {
  unsigned blocks = 3, warps = 4;                // warps: of a block
  std::size_t area_bytes = 0;                    // Step's; 0: as little as kernels can do with
  std::size_t own_bytes = std::size_t{1} << 16;  // Step's, at most
  bool backwards = false;                        // on_cpu::Grid's
};

std::unique_ptr<Gpu> make_gpu_on_cpu(const GpuOnCpuOptions& options);

}  // namespace sterna::cuda
