// SPDX-License-Identifier: Apache-2.0
#define STERNA_WIDE
#include "host/cpu/kernels_impl.h"
#include "tests/cpu/kernels.h"

namespace sterna::cpu {

constinit const Kernels kWideKernels = make_kernels<Sum32, 6>("wide");

}  // namespace sterna::cpu
