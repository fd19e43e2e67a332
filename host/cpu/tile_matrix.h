// SPDX-License-Identifier: Apache-2.0
// A ternary matrix as the kernels read it: two bits a weight, in tiles of rows (kernels.h). A
// quarter more memory than the file's five trits a byte, which take longer to unpack than to fetch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "host/cpu/aligned_bytes.h"
#include "host/cpu/kernels.h"
#include "host/cpu/team.h"

namespace sterna::cpu {

class TileMatrix {
 public:
  // parts: what each memory channel holds of the matrix, as TMATMUL reads it.
  TileMatrix(std::span<const std::uint8_t* const> parts, std::size_t rows, std::size_t columns,
             Team& team);

  std::size_t rows() const { return rows_; }
  std::size_t quads() const { return quads_; }
  std::size_t tiles() const { return (rows_ + kTileRows - 1) / kTileRows; }
  std::size_t tile_bytes() const { return quads_ * kTileBytes; }
  const std::uint8_t* tile(std::size_t t) const {
    return reinterpret_cast<const std::uint8_t*>(storage_.data()) + t * tile_bytes();
  }
  // Rows of tile t that a result has room for: whole lines.
  std::size_t rows_written(std::size_t t) const;

 private:
  std::size_t rows_, quads_;
  AlignedBytes storage_;
};

}  // namespace sterna::cpu
