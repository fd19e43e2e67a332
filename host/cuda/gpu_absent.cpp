// SPDX-License-Identifier: Apache-2.0
// For builds without a CUDA compiler.
#include "host/cuda/gpu.h"
#include "support/error.h"

namespace sterna::cuda {

std::unique_ptr<Gpu> make_gpu() {
  throw Error(
      "cuda: this sterna was built without a CUDA compiler; `make cuda` builds one with it");
}

}  // namespace sterna::cuda
