// SPDX-License-Identifier: Apache-2.0
// Phases of products: ternary matrices (tiles.h) times the quantised vectors of all columns.
//
// A block takes some rows of a matrix times some columns at a time. It has the columns' bytes in
// shared memory; the matrix goes straight into registers, each byte once, since it lies in the
// order in which lanes want it. Warps share rows or, where there are too few of these to keep all
// of the GPU busy, the sum over a row's tiles (`slices`): a matrix of a small model is over as soon
// as its first bytes arrive, so that as many as possible have to be under way at once.
#pragma once

#include "host/cuda/block.h"
#include "host/cuda/tiles.h"
#include "host/plan/elements.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

// Bytes between columns in shared memory, beyond their own: so the 16 bytes that each of 8 lanes
// reads at a time lie in different banks, columns apart or not.
inline constexpr std::uint32_t kColumnPadding = 16;
// Sums between columns in shared memory, beyond the rows: for the same reason.
inline constexpr std::uint32_t kRowPadding = 4;

// A warp's sums of kTileRows rows and a few columns, added by products of four bytes in each lane:
// what tensor cores would add to is mostly nothing where there are fewer than eight columns. Digits
// are taken where they stand in their byte, 4^s times as large: 64 * 2 * 128 * 8192 still fits.
template <unsigned kOfColumns>
struct DotSums {
  static constexpr unsigned kRowTiles = 1, kColumns = kOfColumns, kAhead = 4;
  std::int32_t sums[kColumns][2][4] = {};

  __device__ __forceinline__ void add(const LaneWeights (&w)[1], const std::uint8_t* x,
                                      std::uint32_t stride) {
    STERNA_UNROLL
    for (unsigned c = 0; c < kColumns; ++c) {
      const auto* const of_lane =
          reinterpret_cast<const LaneWeights*>(x + c * stride + lane() % 4 * kLaneColumns);
      const LaneWeights bytes[2] = {of_lane[0], of_lane[1]};
      STERNA_UNROLL
      for (unsigned s = 0; s < 4; ++s) {
        STERNA_UNROLL
        for (unsigned h = 0; h < 2; ++h) {
          STERNA_UNROLL
          for (unsigned r = 0; r < 2; ++r) {
            sums[c][r][s] = dot4(w[0].words[2 * h + r] & kDigits << 2 * s,
                                 bytes[s / 2].words[2 * (s % 2) + h], sums[c][r][s]);
          }
        }
      }
    }
  }

  // To those of a block, of this warp's first row.
  __device__ __forceinline__ void add_to(std::int32_t* all, std::uint32_t stride) const {
    STERNA_UNROLL
    for (unsigned c = 0; c < kColumns; ++c) {
      STERNA_UNROLL
      for (unsigned r = 0; r < 2; ++r) {
        std::int32_t sum = 0;
        STERNA_UNROLL
        for (unsigned s = 0; s < 4; ++s) sum += sums[c][r][s] >> 2 * s;
        sum += __shfl_xor_sync(kAllLanes, sum, 1);
        sum += __shfl_xor_sync(kAllLanes, sum, 2);
        if (lane() % 4 == 0) atomicAdd(&all[c * stride + 8 * r + lane() / 4], sum);
      }
    }
  }
};

// The same by tensor cores, 8 columns at a time.
template <unsigned kOfRowTiles, unsigned kColumnTiles>
struct TensorSums {
  static constexpr unsigned kRowTiles = kOfRowTiles, kColumns = 8 * kColumnTiles;
  static constexpr unsigned kAhead = kColumnTiles < 8 ? 4 : 2;  // as registers allow
  std::int32_t sums[kRowTiles][kColumnTiles][4] = {};

  __device__ __forceinline__ void add(const LaneWeights (&w)[kRowTiles], const std::uint8_t* x,
                                      std::uint32_t stride) {
    const std::uint8_t* const of_lane = x + lane() / 4 * stride + lane() % 4 * kLaneColumns;
    STERNA_UNROLL
    for (unsigned half = 0; half < 2; ++half) {
      std::uint32_t digits[kRowTiles][2][4];
      STERNA_UNROLL
      for (unsigned r = 0; r < kRowTiles; ++r) {
        STERNA_UNROLL
        for (unsigned s = 0; s < 2; ++s) {
          STERNA_UNROLL
          for (unsigned i = 0; i < 4; ++i) {
            digits[r][s][i] = w[r].words[i] >> 2 * (2 * half + s) & kDigits;
          }
        }
      }
      STERNA_UNROLL
      for (unsigned c = 0; c < kColumnTiles; ++c) {
        const LaneWeights four =
            reinterpret_cast<const LaneWeights*>(of_lane + std::size_t{8} * c * stride)[half];
        STERNA_UNROLL
        for (unsigned r = 0; r < kRowTiles; ++r) {
          mma(sums[r][c], digits[r][0], four.words[0], four.words[1]);
          mma(sums[r][c], digits[r][1], four.words[2], four.words[3]);
        }
      }
    }
  }

  __device__ __forceinline__ void add_to(std::int32_t* all, std::uint32_t stride) const {
    STERNA_UNROLL
    for (unsigned r = 0; r < kRowTiles; ++r) {
      STERNA_UNROLL
      for (unsigned c = 0; c < kColumnTiles; ++c) {
        STERNA_UNROLL
        for (unsigned i = 0; i < 4; ++i) {
          const std::uint32_t column = 8 * c + 2 * (lane() % 4) + i % 2;
          const std::uint32_t row = kTileRows * r + lane() / 4 + 8 * (i / 2);
          atomicAdd(&all[column * stride + row], sums[r][c][i]);
        }
      }
    }
  }
};

// The columns that take part in a product.
struct ProductColumns {
  const std::uint32_t* numbers;  // null: all
  std::uint32_t count;

  __device__ ProductColumns(const Step& step, const Operation& op)
      : numbers(op.head ? step.with_result : nullptr),
        count(op.head ? step.results : step.column_count) {}
  __device__ std::uint32_t operator[](std::uint32_t i) const {
    return numbers == nullptr ? i : numbers[i];
  }
};

// Bytes [begin, end) of the vectors of `count` columns into shared memory, with zeros behind a
// vector's lines, and what they add up to. Warps share a vector where there are more of them.
__device__ __forceinline__ void fetch_vectors(const Operation& op, const ProductColumns& columns,
                                              std::uint32_t first, std::uint32_t count,
                                              std::uint32_t begin, std::uint32_t end,
                                              std::uint32_t stride) {
  const std::uint32_t parts = count < warps() ? warps() / count : 1;
  const auto bytes = static_cast<std::uint32_t>(q8_lines(op.length)) * kLineBytes;
  for (std::uint32_t p = warp(); p < count * parts; p += warps()) {
    const std::uint32_t c = p / parts;
    const auto* const from = reinterpret_cast<const std::uint8_t*>(op.in[0].of(columns[first + c]));
    std::int32_t sum = 0;
    for (std::uint32_t i = begin + 16 * (p % parts * kWarp + lane()); i < end;
         i += 16 * parts * kWarp) {
      LaneWeights x{};
      if (i < bytes) x = *reinterpret_cast<const LaneWeights*>(from + i);
      for (const std::uint32_t word : x.words) sum = dot4(0x01010101, word, sum);
      *reinterpret_cast<LaneWeights*>(area() + c * stride + (i - begin)) = x;
    }
    sum = warp_sum(sum);
    if (lane() == 0) atomicAdd(&shared().vector_sum[c], sum);
  }
}

// Rows from row tile `first_row` on times `count` columns from `first` on.
template <typename Sums>
__device__ __forceinline__ void multiply(const Operation& op, const ProductColumns& columns,
                                         std::uint32_t first_row, std::uint32_t first,
                                         std::uint32_t slices, std::uint32_t area_bytes) {
  const std::uint32_t count = min(Sums::kColumns, columns.count - first);
  const std::uint32_t groups = warps() / slices;  // of warps with the same rows
  const std::uint32_t row_in_block = warp() / slices * Sums::kRowTiles;
  const std::uint32_t slice = warp() % slices;
  const LaneWeights* weights[Sums::kRowTiles];
  STERNA_UNROLL
  for (unsigned r = 0; r < Sums::kRowTiles; ++r) {
    // Rows that are not there are computed like the last ones, and not written.
    const std::uint32_t row = min(first_row + row_in_block + r, op.row_tiles - 1);
    weights[r] = op.matrix + std::uint64_t{row} * op.column_tiles * kTileLanes + lane();
  }
  __syncthreads();  // nobody reads what the last call left in shared memory
  for (std::uint32_t c = threadIdx.x; c < count; c += blockDim.x) {
    shared().vector_sum[c] = 0;
    shared().multiplier[c] = multiplier_of(op, columns[first + c]);
  }
  Sums sums;
  const std::uint32_t most_tiles =
      (area_bytes / Sums::kColumns - kColumnPadding) / kTileColumns;  // that fit
  for (std::uint32_t begin = 0; begin < op.column_tiles; begin += most_tiles) {
    const std::uint32_t end = min(begin + most_tiles, op.column_tiles);
    const std::uint32_t stride = (end - begin) * kTileColumns + kColumnPadding;
    __syncthreads();  // the last part is used, the sums of vectors are zeros
    fetch_vectors(op, columns, first, count, begin * kTileColumns, end * kTileColumns, stride);
    __syncthreads();
    // Several loads of each lane are under way before the first one's bytes are needed.
    for (std::uint32_t t = begin + slice; t < end; t += slices * Sums::kAhead) {
      LaneWeights w[Sums::kAhead][Sums::kRowTiles];
      STERNA_UNROLL
      for (unsigned i = 0; i < Sums::kAhead; ++i) {
        const std::uint32_t tile = t + i * slices;
        if (tile >= end) continue;
        STERNA_UNROLL
        for (unsigned r = 0; r < Sums::kRowTiles; ++r) {
          w[i][r] = load_weights(weights[r] + std::size_t{tile} * kTileLanes);
        }
      }
      STERNA_UNROLL
      for (unsigned i = 0; i < Sums::kAhead; ++i) {
        const std::uint32_t tile = t + i * slices;
        if (tile < end) sums.add(w[i], area() + (tile - begin) * kTileColumns, stride);
      }
    }
  }
  const std::uint32_t rows = groups * Sums::kRowTiles * kTileRows, stride = rows + kRowPadding;
  auto* const all = reinterpret_cast<std::int32_t*>(area());
  __syncthreads();  // the vectors are used
  for (std::uint32_t i = threadIdx.x; i < stride * count; i += blockDim.x) all[i] = 0;
  __syncthreads();
  sums.add_to(all + row_in_block * kTileRows, stride);
  __syncthreads();
  Clamped clamped;
  for (std::uint32_t i = threadIdx.x; i < rows * count; i += blockDim.x) {
    const std::uint32_t c = i / rows, row = first_row * kTileRows + i % rows;
    if (row >= op.end) continue;
    const plan::elements::Rescale rescale{shared().multiplier[c]};
    op.out.of(columns[first + c])[row] =
        rescale(&clamped, all[c * stride + i % rows] - shared().vector_sum[c]);
  }
  note_clamped(op, clamped);
}

// How often a warp's rows and columns go into a product.
template <typename Sums>
__device__ __forceinline__ std::uint32_t pieces(const Step& step, const Operation& op,
                                                std::uint32_t row_tiles) {
  return tiles_of(op.row_tiles, row_tiles) *
         tiles_of(ProductColumns(step, op).count, Sums::kColumns);
}

template <typename Sums>
__device__ __forceinline__ void run_products_with(const Step& step, const Phase& phase,
                                                  const Operation* ops) {
  std::uint32_t of_warps = 0, least_tiles = ~0u;
  for (std::uint32_t i = 0; i < phase.count; ++i) {
    of_warps += pieces<Sums>(step, ops[i], Sums::kRowTiles);
    least_tiles = min(least_tiles, ops[i].column_tiles);
  }
  std::uint32_t slices = 1;
  while (2 * slices <= warps() && 2 * slices <= least_tiles &&
         of_warps * slices < gridDim.x * warps()) {
    slices *= 2;
  }
  const std::uint32_t row_tiles = warps() / slices * Sums::kRowTiles;  // of a block
  // Pieces of all products, counted through.
  std::uint32_t number = blockIdx.x;
  for (std::uint32_t i = 0; i < phase.count; ++i) {
    const ProductColumns columns(step, ops[i]);
    const std::uint32_t count = pieces<Sums>(step, ops[i], row_tiles);
    const std::uint32_t of_rows = tiles_of(ops[i].row_tiles, row_tiles);
    for (; number < count; number += gridDim.x) {
      multiply<Sums>(ops[i], columns, number % of_rows * row_tiles,
                     number / of_rows * Sums::kColumns, slices, step.area_bytes);
    }
    number -= count;
  }
}

// By how many columns there are.
template <bool kMany>
__device__ __forceinline__ void run_products(const Step& step, const Phase& phase,
                                             const Operation* ops) {
  std::uint32_t columns = 0;
  for (std::uint32_t i = 0; i < phase.count; ++i) {
    columns = max(columns, ProductColumns(step, ops[i]).count);
  }
  if constexpr (kMany) {
    if (columns > 32) return run_products_with<TensorSums<2, 8>>(step, phase, ops);
    run_products_with<TensorSums<1, 4>>(step, phase, ops);
  } else {
    if (columns == 1) return run_products_with<DotSums<1>>(step, phase, ops);
    if (columns == 2) return run_products_with<DotSums<2>>(step, phase, ops);
    run_products_with<TensorSums<1, 1>>(step, phase, ops);
  }
}

}  // namespace
}  // namespace sterna::cuda
