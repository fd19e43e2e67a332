// SPDX-License-Identifier: Apache-2.0
#include "host/fff/ternary_kernels_impl.h"

namespace sterna::fff {

#if defined(__aarch64__)
constexpr std::string_view kBaseline = "neon";
#else
constexpr std::string_view kBaseline = "portable";
#endif
constinit const TernaryKernels kBaselineTernary = make_ternary_kernels<16>(kBaseline);

}  // namespace sterna::fff
