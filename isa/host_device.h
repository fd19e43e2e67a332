// SPDX-License-Identifier: Apache-2.0
// STERNA_HOST_DEVICE before a function: a GPU's kernels call it, too.
#pragma once

#if defined(__CUDACC__)
#define STERNA_HOST_DEVICE __host__ __device__
#else
#define STERNA_HOST_DEVICE
#endif
