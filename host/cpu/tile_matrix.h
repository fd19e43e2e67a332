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

// Which of several processes holds a matrix, each of which has a part of its tiles.
struct Share {
  std::size_t rank = 0, size = 1;
};

// From the first on, up to the end.
struct Range {
  std::size_t first = 0, end = 0;
  std::size_t count() const { return end - first; }
};

class TileMatrix {
 public:
  // parts: what each memory channel holds of the matrix, as TMATMUL reads it. Only the share's rows
  // are read.
  TileMatrix(std::span<const std::uint8_t* const> parts, std::size_t rows, std::size_t columns,
             Team& team, Share share = {});

  std::size_t rows() const { return rows_; }
  std::size_t quads() const { return quads_; }
  std::size_t tiles() const { return tiles_of(share_).count(); }  // that are here
  std::size_t tile_bytes() const { return quads_ * kTileBytes; }
  const std::uint8_t* tile(std::size_t t) const {
    return reinterpret_cast<const std::uint8_t*>(storage_.data()) + t * tile_bytes();
  }
  std::size_t first_row(std::size_t t) const { return (tiles_of(share_).first + t) * kTileRows; }
  // Rows of tile t that a result has room for: whole lines.
  std::size_t rows_written(std::size_t t) const;
  // All that a share writes, one after the other.
  Range rows_of(Share share) const;

 private:
  Range tiles_of(Share share) const;

  std::size_t rows_, quads_;
  Share share_;
  AlignedBytes storage_;
};

}  // namespace sterna::cpu
