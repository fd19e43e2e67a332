// SPDX-License-Identifier: Apache-2.0
#include "host/fff/float_kernels_impl.h"

namespace sterna::fff {

#if defined(__aarch64__)
constexpr std::string_view kBaseline = "neon";
#else
constexpr std::string_view kBaseline = "portable";
#endif
constinit const FloatKernels kBaselineFloat = make_float_kernels<4>(kBaseline);

}  // namespace sterna::fff
