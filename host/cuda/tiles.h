// SPDX-License-Identifier: Apache-2.0
// How a ternary matrix lies in a GPU's memory: two bits a weight, a trit plus one, in the order in
// which lanes of a warp multiply them.
//
// A tile is 16 rows of 128 columns, 512 bytes, of which each lane reads 16: one coalesced load of a
// warp. Tiles of the same rows follow one another. With g = lane / 4 and t = lane % 4 a lane has
// rows g and g + 8 and, of each 128 columns, those from 32 t on, so that of a vector it reads 32
// bytes in a row. Bits 2s and up of byte b of word 2h + r are row g + 8r, column 32t + 8s + 4h + b:
// masking two bits of each byte of the words 0 to 3 gives the operands of an m16n8k32 product
// (device.h), whose columns may be any 32 as long as both sides mean the same. A quarter more
// memory than the file's five trits a byte, which take several times as many instructions to
// unpack.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/cuda/stage.h"
#include "host/cuda/step.h"
#include "isa/numerics.h"

namespace sterna::cuda {

inline constexpr std::uint32_t kTileRows = 16, kTileColumns = 128;
inline constexpr std::uint32_t kTileLanes = 32;
inline constexpr std::uint32_t kTileBytes = kTileLanes * sizeof(LaneWeights);
inline constexpr std::uint32_t kLaneColumns = 32;     // of a tile, in a row
inline constexpr std::uint32_t kDigits = 0x03030303;  // of a word, without a shift

STERNA_HOST_DEVICE constexpr std::uint32_t tiles_of(std::uint32_t rows, std::uint32_t tile) {
  return (rows + tile - 1) / tile;
}

// Warps of a block that share the sum over a row, as a power of two: as many as keep every block at
// one piece, where a phase's products have too few rows for all warps of the GPU. `of_warps` is how
// often a warp's rows and columns go into them, `least_tiles` the tiles of the shortest row.
STERNA_HOST_DEVICE constexpr unsigned slices_log2_of(std::uint32_t of_warps,
                                                     std::uint32_t least_tiles, std::uint32_t warps,
                                                     std::uint32_t blocks) {
  unsigned log2 = 0;
  while ((2u << log2) <= warps && (2u << log2) <= least_tiles &&
         of_warps << (log2 + 1) <= blocks * warps) {
    ++log2;
  }
  return log2;
}

// Of a block's, those that multiply; the last one has something else to do meanwhile.
STERNA_HOST_DEVICE constexpr std::uint32_t multiplying_warps(std::uint32_t warps) {
  return warps == 1 ? 1 : warps - 1;
}

// Parts of the rows of so many groups that warps finish one by one (row_forms.h).
STERNA_HOST_DEVICE constexpr std::uint32_t row_parts(RowForm form, std::uint32_t groups) {
  switch (form) {
    case RowForm::kAdded:
      return (groups * kTileRows + kTileLanes - 1) / kTileLanes;
    case RowForm::kGated:
      return groups;
    default:
      return 2 * groups;
  }
}

// A warp's part of a block's tiles, stage.h's order: groups of rows, of each the products.
STERNA_HOST_DEVICE constexpr Share share_of(std::uint32_t in_set, std::uint32_t column_tiles,
                                            std::uint32_t groups, std::uint32_t warps,
                                            std::uint32_t warp) {
  const std::uint32_t all = groups * in_set * column_tiles, each = (all + warps - 1) / warps;
  const std::uint32_t first = warp * each < all ? warp * each : all;
  const std::uint32_t row = first / column_tiles;
  return {static_cast<std::uint16_t>(first % column_tiles),
          static_cast<std::uint16_t>(all - first < each ? all - first : each),
          static_cast<std::uint16_t>(row / in_set), static_cast<std::uint16_t>(row % in_set)};
}

}  // namespace sterna::cuda
