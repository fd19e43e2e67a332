// SPDX-License-Identifier: Apache-2.0
#include "host/fff/ternary_kernels_impl.h"

namespace sterna::fff {

constinit const TernaryKernels kAvx512Ternary = make_ternary_kernels<64>("avx512");

}  // namespace sterna::fff
