// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/multiply.h"

#include <algorithm>
#include <vector>

#include "host/cpu/aligned_bytes.h"

namespace sterna::cpu {
namespace {

// Fewer tiles are not worth the tables, fewer columns leave too much of their rows empty.
constexpr std::size_t kLeastTiles = 4;

bool multiply_many(const Kernels& kernels, const TileMatrix& matrix, std::size_t begin,
                   std::size_t end, std::span<const ProductColumn> columns) {
  static thread_local const AlignedBytes scratch(kManyScratchBytes);
  std::vector<ProductColumn> all(columns.begin(), columns.end());
  for (ProductColumn& column : all) column.out += matrix.first_row(begin);
  const std::size_t rows =
      matrix.first_row(end - 1) + matrix.rows_written(end - 1) - matrix.first_row(begin);
  return kernels.product_many(matrix.tile(begin), matrix.quads(), all.data(), all.size(), rows,
                              scratch.data());
}

}  // namespace

bool multiply(const Kernels& kernels, const TileMatrix& matrix, std::size_t begin, std::size_t end,
              std::span<const ProductColumn> columns) {
  bool clamped = false;
  while (end - begin >= kLeastTiles && columns.size() >= kernels.least_many) {
    const std::size_t n = std::min(kManyColumns, columns.size());
    clamped |= multiply_many(kernels, matrix, begin, end, columns.first(n));
    columns = columns.subspan(n);
  }
  for (std::size_t t = begin; t < end; ++t) {
    for (std::size_t c = 0; c < columns.size(); c += kernels.tile_columns) {
      ProductColumn some[kMostTileColumns];
      const std::size_t n = std::min(kernels.tile_columns, columns.size() - c);
      for (std::size_t i = 0; i < n; ++i) {
        some[i] = columns[c + i];
        some[i].out += matrix.first_row(t);
      }
      clamped |= kernels.product(matrix.tile(t), matrix.quads(), some, n, matrix.rows_written(t));
    }
  }
  return clamped;
}

std::size_t pieces_a_thread(const Kernels& kernels, std::size_t columns) {
  return columns >= kernels.least_many ? 1 : 4;
}

}  // namespace sterna::cpu
