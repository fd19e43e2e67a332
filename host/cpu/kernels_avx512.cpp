// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/kernels_impl.h"

namespace sterna::cpu {

constinit const Kernels kAvx512Kernels = make_kernels<Sum32, 6>("avx512");

}  // namespace sterna::cpu
