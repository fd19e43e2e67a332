// SPDX-License-Identifier: Apache-2.0
#include "host/cuda/kernels.h"
#include "host/cuda/launch.h"

namespace sterna::cuda {

const void* step_kernel(bool many) {
  return many ? reinterpret_cast<const void*>(run_step<true>)
              : reinterpret_cast<const void*>(run_step<false>);
}

const void* repack_kernel() { return reinterpret_cast<const void*>(repack); }

std::size_t shared_bytes() { return sizeof(Shared); }

}  // namespace sterna::cuda
