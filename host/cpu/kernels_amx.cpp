// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/amx_tiles.h"
#include "host/cpu/kernels_impl.h"

namespace sterna::cpu {

constinit const Kernels kAmxKernels =
    make_kernels<Sum32, 6>("amx", {kLeastForTiles, product_many_by_tiles<HardwareTiles>});

}  // namespace sterna::cpu
