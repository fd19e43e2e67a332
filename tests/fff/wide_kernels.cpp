// SPDX-License-Identifier: Apache-2.0
#define STERNA_WIDE
#include "host/fff/float_kernels_impl.h"
#include "host/fff/ternary_kernels_impl.h"
#include "tests/fff/kernels.h"

namespace sterna::fff {

constinit const FloatKernels kWide8Float = make_float_kernels<8>("wide8");
constinit const FloatKernels kWide16Float = make_float_kernels<16>("wide16");
constinit const TernaryKernels kWide32Ternary = make_ternary_kernels<32>("wide32");
constinit const TernaryKernels kWide64Ternary = make_ternary_kernels<64>("wide64");

}  // namespace sterna::fff
