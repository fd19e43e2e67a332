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
  static constexpr bool kTwice = true;  // as many again are under way while those are used
  std::int32_t sums[kColumns][2][4] = {};

  __device__ __forceinline__ void add(const LaneWeights (&w)[1], const std::uint8_t* x,
                                      std::uint32_t stride) {
    STERNA_UNROLL
    for (unsigned c = 0; c < kColumns; ++c) {
      const auto* const of_lane =
          reinterpret_cast<const LaneWeights*>(x + c * stride + lane() % 4 * kLaneColumns);
      add_column(c, w[0], {{of_lane[0], of_lane[1]}});
    }
  }
  struct LaneBytes {
    LaneWeights halves[2];
  };
  __device__ __forceinline__ void add_column(unsigned c, const LaneWeights& w,
                                             const LaneBytes& bytes) {
    STERNA_UNROLL
    for (unsigned s = 0; s < 4; ++s) {
      STERNA_UNROLL
      for (unsigned h = 0; h < 2; ++h) {
        STERNA_UNROLL
        for (unsigned r = 0; r < 2; ++r) {
          sums[c][r][s] = dot4(w.words[2 * h + r] & kDigits << 2 * s,
                               bytes.halves[s / 2].words[2 * (s % 2) + h], sums[c][r][s]);
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
  static constexpr bool kTwice = kColumnTiles == 1;
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

// What a block's sums take at the end of its area; vectors have what is before them.
template <typename Sums>
__device__ __forceinline__ std::uint32_t sum_bytes() {
  return Sums::kColumns * 4 * (warps() * Sums::kRowTiles * kTileRows + kRowPadding);
}
template <typename Sums>
__device__ __forceinline__ std::uint32_t most_vector_tiles(std::uint32_t area_bytes) {
  return ((area_bytes - sum_bytes<Sums>()) / Sums::kColumns - kColumnPadding) / kTileColumns;
}

// Rows from row tile `first_row` on times `count` columns from `first` on, whose vectors may be in
// shared memory as the last call left them.
template <typename Sums>
__device__ __forceinline__ void multiply(const Operation& op, const ProductColumns& columns,
                                         std::uint32_t first_row, std::uint32_t first,
                                         unsigned slices_log2, std::uint32_t area_bytes,
                                         bool has_vectors) {
  const std::uint32_t count = min(Sums::kColumns, columns.count - first);
  const std::uint32_t slices = 1u << slices_log2;
  const std::uint32_t groups = warps() >> slices_log2;  // of warps with the same rows
  const std::uint32_t row_in_block = (warp() >> slices_log2) * Sums::kRowTiles;
  const std::uint32_t slice = warp() & (slices - 1);
  const LaneWeights* weights[Sums::kRowTiles];
  STERNA_UNROLL
  for (unsigned r = 0; r < Sums::kRowTiles; ++r) {
    // Rows that are not there are computed like the last ones, and not written.
    const std::uint32_t row = min(first_row + row_in_block + r, op.row_tiles - 1);
    weights[r] = op.matrix + std::uint64_t{row} * op.column_tiles * kTileLanes + lane();
  }
  // Several loads of each lane are under way before the first one's bytes are needed: the first of
  // them while the vectors come.
  LaneWeights next[Sums::kAhead][Sums::kRowTiles];
  const auto load = [&](std::uint32_t t, std::uint32_t end) {
    STERNA_UNROLL
    for (unsigned i = 0; i < Sums::kAhead; ++i) {
      const std::uint32_t tile = t + i * slices;
      if (tile >= end) continue;
      STERNA_UNROLL
      for (unsigned r = 0; r < Sums::kRowTiles; ++r) {
        next[i][r] = load_weights(weights[r] + std::size_t{tile} * kTileLanes);
      }
    }
  };
  const std::uint32_t most_tiles = most_vector_tiles<Sums>(area_bytes);
  load(slice, min(most_tiles, op.column_tiles));
  const std::uint32_t rows = groups * Sums::kRowTiles * kTileRows;
  const std::uint32_t of_column = rows + kRowPadding;
  auto* const all = reinterpret_cast<std::int32_t*>(area() + area_bytes - sum_bytes<Sums>());
  __syncthreads();  // nobody reads what the last call left in shared memory
  for (std::uint32_t i = threadIdx.x; i < of_column * count; i += blockDim.x) all[i] = 0;
  for (std::uint32_t c = threadIdx.x; c < count && !has_vectors; c += blockDim.x) {
    shared().vector_sum[c] = 0;
    shared().multiplier[c] = multiplier_of(op, columns[first + c]);
  }
  Sums sums;
  for (std::uint32_t begin = 0; begin < op.column_tiles; begin += most_tiles) {
    const std::uint32_t end = min(begin + most_tiles, op.column_tiles);
    const std::uint32_t stride = (end - begin) * kTileColumns + kColumnPadding;
    __syncthreads();  // the last part is used, the sums of vectors are zeros
    if (!has_vectors) {
      fetch_vectors(op, columns, first, count, begin * kTileColumns, end * kTileColumns, stride);
      __syncthreads();
    }
    if (begin != 0) load(begin + slice, end);
    for (std::uint32_t t = begin + slice; t < end; t += slices * Sums::kAhead) {
      const auto add = [&](const LaneWeights(&w)[Sums::kAhead][Sums::kRowTiles]) {
        STERNA_UNROLL
        for (unsigned i = 0; i < Sums::kAhead; ++i) {
          const std::uint32_t tile = t + i * slices;
          if (tile < end) sums.add(w[i], area() + (tile - begin) * kTileColumns, stride);
        }
      };
      if constexpr (Sums::kTwice) {  // the next ones are asked for before these are used
        LaneWeights now[Sums::kAhead][Sums::kRowTiles];
        memcpy(now, next, sizeof now);
        load(t + slices * Sums::kAhead, end);
        add(now);
      } else {
        add(next);
        load(t + slices * Sums::kAhead, end);
      }
    }
  }
  sums.add_to(all + row_in_block * kTileRows, of_column);
  __syncthreads();
  Clamped clamped;
  for (std::uint32_t i = threadIdx.x; i < rows * count; i += blockDim.x) {
    const std::uint32_t c = Sums::kColumns == 1 ? 0 : i / rows, in_block = i - c * rows;
    const std::uint32_t row = first_row * kTileRows + in_block;
    if (row >= op.end) continue;
    const plan::elements::Rescale rescale{shared().multiplier[c]};
    op.out.of(columns[first + c])[row] =
        rescale(&clamped, all[c * of_column + in_block] - shared().vector_sum[c]);
  }
  note_clamped(op, clamped);
}

// How often a block's or a warp's rows, 2^row_tiles_log2 tiles of them, and columns go into a
// product.
template <typename Sums>
__device__ __forceinline__ std::uint32_t pieces(const Step& step, const Operation& op,
                                                unsigned row_tiles_log2) {
  const std::uint32_t of_rows = (op.row_tiles + (1u << row_tiles_log2) - 1) >> row_tiles_log2;
  return of_rows * tiles_of(ProductColumns(step, op).count, Sums::kColumns);
}

// Blocks have 2^n warps, and so have their parts: nothing here divides by what is not known when it
// is compiled, which takes a GPU as long as a load.
template <typename Sums>
__device__ __forceinline__ void run_products_with(const Step& step, const Phase& phase,
                                                  const Operation* ops) {
  constexpr unsigned kRowTilesLog2 = Sums::kRowTiles == 1 ? 0 : 1;
  static_assert(Sums::kRowTiles == 1u << kRowTilesLog2);
  std::uint32_t of_warps = 0, least_tiles = ~0u;
  for (std::uint32_t i = 0; i < phase.count; ++i) {
    of_warps += pieces<Sums>(step, ops[i], kRowTilesLog2);
    least_tiles = min(least_tiles, ops[i].column_tiles);
  }
  const unsigned slices_log2 = slices_log2_of(of_warps, least_tiles, warps(), gridDim.x);
  const std::uint32_t row_tiles = (warps() >> slices_log2) << kRowTilesLog2;  // of a block
  const auto row_tiles_log2 = static_cast<unsigned>(31 - (numerics::lz(row_tiles)));
  // Pieces of all products, counted through.
  std::uint32_t number = blockIdx.x;
  for (std::uint32_t i = 0; i < phase.count; ++i) {
    const ProductColumns columns(step, ops[i]);
    const std::uint32_t count = pieces<Sums>(step, ops[i], row_tiles_log2);
    const std::uint32_t of_rows = (ops[i].row_tiles + row_tiles - 1) >> row_tiles_log2;
    const bool fits = ops[i].column_tiles <= most_vector_tiles<Sums>(step.area_bytes);
    std::uint32_t last_columns = ~0u;
    for (; number < count; number += gridDim.x) {
      const std::uint32_t of_columns = number < of_rows ? 0 : number / of_rows;
      multiply<Sums>(ops[i], columns, (number - of_columns * of_rows) << row_tiles_log2,
                     of_columns * Sums::kColumns, slices_log2, step.area_bytes,
                     fits && of_columns == last_columns);
      last_columns = of_columns;
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
