// SPDX-License-Identifier: Apache-2.0
// Kernels::product_many on tiles in the manner of Intel's AMX (Intel 64 and IA-32 Architectures
// Software Developer's Manual, volume 1, "Programming with Intel Advanced Matrix Extensions"): one
// instruction multiplies up to 16 vectors with 16 rows of the matrix, 64 columns deep. The matrix
// lies as the instruction wants it, four columns of a row in 32 bits, but for its digits, of which
// a byte holds four rows' and which are taken out on the way.
//
// Tiles is what executes the instructions: HardwareTiles (amx_tiles.h), or a model of them in
// tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "host/cpu/kernels.h"
#include "host/cpu/product_impl.h"
#include "isa/instruction.h"

namespace sterna::cpu {
namespace {

constexpr std::size_t kTileVectors = 16, kTileGroup = 16;  // vectors and rows of one tile of sums
constexpr std::size_t kTileDepth = 64;                     // columns of a step
constexpr std::size_t kHalves = kManyColumns / kTileVectors;
static_assert(kHalves == 2, "what tile_products multiplies");
// From so many vectors on: a step takes its digits out of their bytes for however many there are.
constexpr std::size_t kLeastForTiles = 8;

// What the processor is told of its eight tiles: the layout that LDTILECFG reads.
struct TileShapes {
  std::uint8_t palette = 1, first_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};
static_assert(sizeof(TileShapes) == 64);

struct TileScratch {
  alignas(64) std::int8_t x[kMaxVectorLength / kTileDepth][kManyColumns][kTileDepth];
  // Two groups of rows; of two steps in turn, so that one is multiplied while the next is made.
  alignas(64) std::uint8_t digits[2][2][kTileDepth / kQuad][kQuad * kTileGroup];
  alignas(64) std::int32_t sums[kHalves][2][kTileVectors][kTileGroup];
};
static_assert(sizeof(TileScratch) <= kManyScratchBytes);

// Tiles 0 to 3 are sums, [half of the vectors][group of rows], 4 and 5 vectors, 6 and 7 digits.
inline TileShapes tile_shapes(std::size_t count) {
  const auto first = static_cast<std::uint8_t>(std::min(count, kTileVectors));
  const auto second = static_cast<std::uint8_t>(count - first);
  const std::uint8_t rows[] = {
      first, first, second, second, first, second, kTileDepth / kQuad, kTileDepth / kQuad};
  TileShapes shapes;
  for (std::size_t t = 0; t < std::size(rows); ++t) {
    shapes.rows[t] = rows[t];
    shapes.row_bytes[t] = rows[t] == 0 ? 0 : kTileDepth;  // a tile of one without the other faults
  }
  return shapes;
}

// Each vector's elements of a step lie together; what a last step lacks is zero.
inline void gather_vectors(const ProductColumn* columns, std::size_t count, std::size_t quads,
                           TileScratch& scratch) {
  const std::size_t bytes = quads * kQuad;
  for (std::size_t v = 0; v < count; ++v) {
    for (std::size_t at = 0; at < bytes; at += kTileDepth) {
      std::int8_t* const to = scratch.x[at / kTileDepth][v];
      const std::size_t here = std::min(kTileDepth, bytes - at);
      std::memset(to, 0, kTileDepth);
      std::memcpy(to, columns[v].x + at, here);
    }
  }
}

// The digits of groups 2 kPair and 2 kPair + 1, where they stand in their bytes (write_sums takes
// that off again). Behind the matrix's last column lies what the step before has left: it meets
// zeros.
template <int kPair>
inline void take_digits(const std::uint8_t* bytes, std::size_t quads,
                        std::uint8_t (&digits)[2][kTileDepth / kQuad][kQuad * kTileGroup]) {
  typedef std::uint32_t Line __attribute__((vector_size(kTileBytes)));
  for (std::size_t q = 0; q < quads; ++q) {
    Line line;
    std::memcpy(&line, bytes + q * kTileBytes, sizeof line);
    const Line lower = line & (0x03030303u << 4 * kPair), upper = line & (0x0c0c0c0cu << 4 * kPair);
    std::memcpy(digits[0][q], &lower, sizeof lower);
    std::memcpy(digits[1][q], &upper, sizeof upper);
  }
}

template <int kPair>
inline std::int64_t write_sums(const TileScratch& scratch, const ProductColumn* columns,
                               std::size_t count, std::size_t quads, std::size_t first,
                               std::size_t rows) {
  std::int64_t clamped = 0;
  for (std::size_t v = 0; v < count; ++v) {
    const ProductColumn& column = columns[v];
    for (std::size_t group = 0; group < 2 && group * kTileGroup < rows; ++group) {
      typedef std::int32_t Ints __attribute__((vector_size(4 * kTileGroup)));
      Ints sums;
      std::memcpy(&sums, scratch.sums[v / kTileVectors][group][v % kTileVectors], sizeof sums);
      write_rows(column.out + first + group * kTileGroup,
                 (sums >> (4 * kPair + 2 * static_cast<int>(group))) - column.sum, quads,
                 column.multiplier, clamped);
    }
  }
  return clamped;
}

// Two of the four groups of a tile's rows; `rows` of them are written, from row `first` on.
template <typename Tiles, int kPair, bool kBothHalves>
std::int64_t tile_products(const std::uint8_t* tile, std::size_t quads,
                           const ProductColumn* columns, std::size_t count, std::size_t first,
                           std::size_t rows, TileScratch& scratch) {
  constexpr std::size_t kQuads = kTileDepth / kQuad;
  Tiles::template zero<0>();
  Tiles::template zero<1>();
  if constexpr (kBothHalves) {
    Tiles::template zero<2>();
    Tiles::template zero<3>();
  }
  // A step's digits are made while the one before is multiplied.
  const auto take = [&](std::size_t q) {
    take_digits<kPair>(tile + q * kTileBytes, std::min(kQuads, quads - q),
                       scratch.digits[q / kQuads % 2]);
  };
  take(0);
  for (std::size_t q = 0; q < quads; q += kQuads) {
    if (q + kQuads < quads) take(q + kQuads);
    const auto& digits = scratch.digits[q / kQuads % 2];
    const auto& x = scratch.x[q / kQuads];
    Tiles::template load<4>(x[0]);
    Tiles::template load<6>(digits[0]);
    Tiles::template multiply<0, 4, 6>();
    Tiles::template load<7>(digits[1]);
    Tiles::template multiply<1, 4, 7>();
    if constexpr (kBothHalves) {
      Tiles::template load<5>(x[kTileVectors]);
      Tiles::template multiply<2, 5, 6>();
      Tiles::template multiply<3, 5, 7>();
    }
  }
  Tiles::template store<0>(scratch.sums[0][0]);
  Tiles::template store<1>(scratch.sums[0][1]);
  if constexpr (kBothHalves) {
    Tiles::template store<2>(scratch.sums[1][0]);
    Tiles::template store<3>(scratch.sums[1][1]);
  }
  return write_sums<kPair>(scratch, columns, count, quads, first, rows);
}

template <typename Tiles, bool kBothHalves>
std::int64_t tile_products_of_all(const std::uint8_t* tiles, std::size_t quads,
                                  const ProductColumn* columns, std::size_t count, std::size_t rows,
                                  TileScratch& scratch) {
  std::int64_t clamped = 0;
  for (std::size_t first = 0; first < rows; first += kTileRows, tiles += quads * kTileBytes) {
    constexpr std::size_t kPairRows = 2 * kTileGroup;
    clamped |= tile_products<Tiles, 0, kBothHalves>(tiles, quads, columns, count, first,
                                                    rows - first, scratch);
    if (rows - first <= kPairRows) break;
    clamped |= tile_products<Tiles, 1, kBothHalves>(tiles, quads, columns, count, first + kPairRows,
                                                    rows - first - kPairRows, scratch);
  }
  return clamped;
}

template <typename Tiles>
[[gnu::flatten]] bool product_many_by_tiles(const std::uint8_t* tiles, std::size_t quads,
                                            const ProductColumn* columns, std::size_t count,
                                            std::size_t rows, std::byte* memory) {
  auto& scratch = *reinterpret_cast<TileScratch*>(memory);
  gather_vectors(columns, count, quads, scratch);
  Tiles::configure(tile_shapes(count));
  const std::int64_t clamped =
      count > kTileVectors
          ? tile_products_of_all<Tiles, true>(tiles, quads, columns, count, rows, scratch)
          : tile_products_of_all<Tiles, false>(tiles, quads, columns, count, rows, scratch);
  Tiles::release();
  return clamped != 0;
}

}  // namespace
}  // namespace sterna::cpu
