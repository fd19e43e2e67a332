// SPDX-License-Identifier: Apache-2.0
// Tiles of a matrix times vectors, by whichever kernel is the fastest for so many of both.
#pragma once

#include <cstddef>
#include <span>

#include "host/cpu/kernels.h"
#include "host/cpu/tile_matrix.h"

namespace sterna::cpu {

// Tiles `begin` up to `end` of those that the matrix has; a column's `out` is of its first row. Was
// a result clamped?
bool multiply(const Kernels& kernels, const TileMatrix& matrix, std::size_t begin, std::size_t end,
              std::span<const ProductColumn> columns);

// Into how many pieces for each thread tiles should be cut where they meet so many columns: tables
// are made anew for each.
std::size_t pieces_a_thread(const Kernels& kernels, std::size_t columns);

}  // namespace sterna::cpu
