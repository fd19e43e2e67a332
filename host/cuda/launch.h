// SPDX-License-Identifier: Apache-2.0
// Kernels as CUDA's C interface launches them, and what a launch has to know of them.
#pragma once

#include <cstddef>

namespace sterna::cuda {

const void* step_kernel(bool many);
const void* stages_kernel(unsigned warps);  // kFewStageWarps at most, or as many as there may be
const void* repack_kernel();
const void* repack_trees_kernel();

// Shared memory of a step before its area.
std::size_t shared_bytes();

}  // namespace sterna::cuda
