// SPDX-License-Identifier: Apache-2.0
#include "host/fff/float_kernels_impl.h"

namespace sterna::fff {

constinit const FloatKernels kAvx2Float = make_float_kernels<8>("avx2");

}  // namespace sterna::fff
