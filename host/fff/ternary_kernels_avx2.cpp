// SPDX-License-Identifier: Apache-2.0
#include "host/fff/ternary_kernels_impl.h"

namespace sterna::fff {

constinit const TernaryKernels kAvx2Ternary = make_ternary_kernels<32>("avx2");

}  // namespace sterna::fff
