// SPDX-License-Identifier: Apache-2.0
// The inner loops of the CPU engine, one set for each instruction set; all are the same source
// (kernels_impl.h), and the arithmetic is isa/numerics.h's: every set gives the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "isa/numerics.h"

namespace sterna::cpu {

// A matrix is held in tiles of so many rows. For each four columns (a quad) a tile has 64 bytes:
// byte 4 i + c has the digits (a trit plus one, two bits each) of column c and rows i, 16 + i,
// 32 + i and 48 + i, the first in the low bits.
inline constexpr std::size_t kTileRows = 64;
inline constexpr std::size_t kTileBytes = 64;  // of a quad
inline constexpr std::size_t kQuad = 4;
inline constexpr std::size_t kMostTileColumns = 6;  // vectors that a call of product takes
inline constexpr std::size_t kManyColumns = 32;     // and of product_many
inline constexpr std::size_t kManyScratchBytes = std::size_t{264} << 10;
inline constexpr std::size_t kNeverMany = ~std::size_t{0};  // as least_many

// One vector's side of a product.
struct ProductColumn {
  const std::int8_t* x;      // 4 bytes for each quad
  std::int32_t sum;          // of all of x
  std::uint32_t multiplier;  // numerics::matmul_output's
  numerics::fix* out;        // of the tile's first row
};

struct Kernels {
  using fix = numerics::fix;

  std::string_view name;

  // Those that give a bool say whether a result, or what leads to it, had to be clamped.

  // d[i] = operation(a[i], ..) for i < n; d may be one of the sources.
  using Unary = void (*)(std::size_t n, fix* d, const fix* a, int power);
  using Binary = bool (*)(std::size_t n, fix* d, const fix* a, const fix* b);
  Binary add, sub, mul, div;
  Unary sigmoid, silu, relu, gelu;  // relu has no power
  bool (*exp)(std::size_t n, fix* d, const fix* a);
  bool (*gate)(std::size_t n, fix* d, const fix* f, const fix* a, const fix* b);

  // RMS.
  std::uint64_t (*sum_of_squares)(std::size_t n, const fix* a);
  std::uint32_t (*largest)(std::size_t n, const fix* a);  // magnitude, at least 1
  bool (*scale)(std::size_t n, fix* d, const fix* a, numerics::Factor factor, const fix* weight);
  void (*quantise)(std::size_t n, std::int8_t* q, const fix* a, numerics::Factor factor);

  std::int32_t (*sum)(std::size_t n, const std::int8_t* x);

  // A tile times `count` vectors, at most tile_columns: kTileRows results each, of which `rows`, a
  // multiple of 16, are written.
  std::size_t tile_columns;
  bool (*product)(const std::uint8_t* tile, std::size_t quads, const ProductColumn* columns,
                  std::size_t count, std::size_t rows);

  // The same for tiles that follow each other and up to kManyColumns vectors: `rows` results each,
  // all from columns[..].out on. Worth it from least_many vectors on, if ever. The scratch memory,
  // of a line's alignment, has kManyScratchBytes.
  std::size_t least_many;
  bool (*product_many)(const std::uint8_t* tiles, std::size_t quads, const ProductColumn* columns,
                       std::size_t count, std::size_t rows, std::byte* scratch);

  // Row `row` of five that are packed as TMATMUL reads them, n columns, times x.
  std::int32_t (*packed_row)(const std::uint8_t* group, unsigned row, const std::int8_t* x,
                             std::size_t n);
  // sums[i] += the four nodes of one of FFFOUT's records for output i, each times its element of q.
  void (*add_record)(std::size_t n, std::int32_t* sums, const std::uint8_t* record,
                     const std::int8_t* q);
  // d[i] = matmul_output(sums[i], multiplier).
  bool (*rescale)(std::size_t n, fix* d, const std::int32_t* sums, std::uint32_t multiplier);
};

extern const Kernels kBaselineKernels, kAvx2Kernels, kAvx512Kernels, kAmxKernels;

// Those of this program that the processor can run, the fastest first; never empty.
std::span<const Kernels* const> kernels();

// The fastest, or those that the environment's STERNA_CPU names. Throws Error where it names none
// of them.
const Kernels& chosen_kernels();

}  // namespace sterna::cpu
