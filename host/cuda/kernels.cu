// SPDX-License-Identifier: Apache-2.0
#include "host/cuda/kernels.h"
#include "host/cuda/launch.h"
#include "host/cuda/run_stages.h"

namespace sterna::cuda {

const void* step_kernel(bool many) {
  return many ? reinterpret_cast<const void*>(run_step<true>)
              : reinterpret_cast<const void*>(run_step<false>);
}

const void* stages_kernel(unsigned warps) {
  return warps <= kFewStageWarps ? reinterpret_cast<const void*>(run_stages<kFewStageWarps>)
                                 : reinterpret_cast<const void*>(run_stages<kMostStageWarps>);
}

const void* repack_kernel() { return reinterpret_cast<const void*>(repack); }
const void* repack_trees_kernel() { return reinterpret_cast<const void*>(repack_trees); }

std::size_t shared_bytes() { return sizeof(Shared); }

}  // namespace sterna::cuda
