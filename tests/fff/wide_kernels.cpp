// SPDX-License-Identifier: Apache-2.0
#include "host/fff/float_kernels_impl.h"
#include "tests/fff/kernels.h"

namespace sterna::fff {

constinit const FloatKernels kWide8Float = make_float_kernels<8>("wide8");
constinit const FloatKernels kWide16Float = make_float_kernels<16>("wide16");

}  // namespace sterna::fff
