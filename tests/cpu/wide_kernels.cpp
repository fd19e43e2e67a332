// SPDX-License-Identifier: Apache-2.0
#define STERNA_WIDE
#include "host/cpu/kernels_impl.h"
#include "tests/cpu/kernels.h"
#include "tests/cpu/tile_model.h"

namespace sterna::cpu {

constinit const Kernels kWideKernels =
    make_kernels<Sum32, 6>("wide", {kLeastForTiles, product_many_by_tiles<TileModel>});

}  // namespace sterna::cpu
