// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/kernels_impl.h"

namespace sterna::cpu {

constinit const Kernels kAvx2Kernels =
    make_kernels<Sum16<32>, 3>("avx2", {24, product_many_by_tables<32>});

}  // namespace sterna::cpu
