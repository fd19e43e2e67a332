// SPDX-License-Identifier: Apache-2.0
#include "host/fff/float_kernels_impl.h"

namespace sterna::fff {

constinit const FloatKernels kAvx512Float = make_float_kernels<16>("avx512");

}  // namespace sterna::fff
