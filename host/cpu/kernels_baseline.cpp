// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/kernels_impl.h"

namespace sterna::cpu {

#if defined(__aarch64__)
constexpr std::string_view kName = "neon";
#else
constexpr std::string_view kName = "portable";
#endif
constinit const Kernels kBaselineKernels =
    make_kernels<Sum16<16>, 2>(kName, {12, product_many_by_tables<16>});

}  // namespace sterna::cpu
