// SPDX-License-Identifier: Apache-2.0
// Kernels::product_many for one width of vectors, in GCC's vector extension: products by tables of
// sums, as the four Russians have multiplied bits. What four weights can make of four elements are
// 81 sums. With those of all vectors in a table, a row of the matrix costs one look-up and, for as
// many vectors as there are 16-bit lanes, one addition for four weights. Included by
// kernels_impl.h.
#pragma once

#include "host/cpu/kernels.h"
#include "host/cpu/product_impl.h"

namespace sterna::cpu {
namespace {

constexpr std::size_t kEntries = 81;  // 3 ^ kQuad
constexpr std::size_t kChunk = 4;     // quads whose tables are there at once: they fit any L1 cache
constexpr std::size_t kPanelTiles = 16, kPanelRows = kPanelTiles * kTileRows;
// Chunks whose sums, 4 * 4 * 128 each at most, fit 16 bits.
constexpr std::size_t kNarrowChunks = 15;

// What a panel of rows is computed with.
struct ManyScratch {
  alignas(64) std::int16_t tables[kChunk][kEntries][kManyColumns];
  alignas(64) std::uint16_t places[kChunk][kPanelRows];  // of a row's entry, in bytes
  alignas(64) std::int16_t narrow[kPanelRows][kManyColumns];
  alignas(64) std::int32_t wide[kPanelRows][kManyColumns];
};
static_assert(sizeof(ManyScratch) <= kManyScratchBytes);

template <std::size_t kWidth>
struct Many {
  typedef std::int16_t Shorts __attribute__((vector_size(kWidth)));
  static constexpr std::size_t kLanes = kWidth / 2, kVectors = kManyColumns / kLanes;

  static Shorts load(const void* p) {
    Shorts v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
  }
  static void store(void* p, Shorts v) { __builtin_memcpy(p, &v, sizeof v); }

  // The sums of quad q: entry d0 + 3 d1 + 9 d2 + 27 d3 is of the weights d - 1.
  [[gnu::noinline]] static void make_table(std::int16_t (&table)[kEntries][kManyColumns],
                                           const ProductColumn* columns, std::size_t count,
                                           std::size_t q) {
    std::int32_t words[kManyColumns] = {};  // four elements each
    for (std::size_t c = 0; c < count; ++c) {
      __builtin_memcpy(&words[c], columns[c].x + q * kQuad, sizeof words[c]);
    }
    std::int16_t x[kQuad][kManyColumns];
    for (std::size_t j = 0; j < kQuad; ++j) {
      for (std::size_t c = 0; c < kManyColumns; ++c) {
        x[j][c] = static_cast<std::int16_t>(words[c] << (24 - 8 * j) >> 24);
      }
    }
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t at = v * kLanes;
      const Shorts x0 = load(&x[0][at]), x1 = load(&x[1][at]), x2 = load(&x[2][at]),
                   x3 = load(&x[3][at]);
      std::size_t entry = 0;
      Shorts sum3 = -x0 - x1 - x2 - x3;
      for (int d3 = 0; d3 < 3; ++d3, sum3 += x3) {
        Shorts sum2 = sum3;
        for (int d2 = 0; d2 < 3; ++d2, sum2 += x2) {
          Shorts sum1 = sum2;
          for (int d1 = 0; d1 < 3; ++d1, sum1 += x1, entry += 3) {
            store(&table[entry][at], sum1);
            store(&table[entry + 1][at], sum1 + x0);
            store(&table[entry + 2][at], sum1 + x0 + x0);
          }
        }
      }
    }
  }

  // Where the rows of a tile find their entries, from its 64 bytes of a quad.
  static void find_places(const std::uint8_t* bytes, std::uint16_t* places) {
    constexpr std::size_t kQuarter = kTileRows / 4;
    constexpr std::uint32_t kEntryBytes = sizeof(std::int16_t[kManyColumns]);
#if defined(__AVX2__)
    if constexpr (kWidth == 32) {
      const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
      const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32));
      const auto offsets = [](__m256i words, int shift) {
        const __m256i digits =
            _mm256_and_si256(_mm256_srli_epi32(words, shift), _mm256_set1_epi8(3));
        const __m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi32(0x1b090301));
        return _mm256_madd_epi16(pairs, _mm256_set1_epi16(kEntryBytes));
      };
      for (int k = 0; k < 4; ++k) {
        const __m256i both = _mm256_packus_epi32(offsets(low, 2 * k), offsets(high, 2 * k));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(places + kQuarter * k),
                            _mm256_permute4x64_epi64(both, 0xd8));
      }
      return;
    }
#endif
    std::uint32_t words[kQuarter];
    __builtin_memcpy(words, bytes, sizeof words);
    for (unsigned k = 0; k < 4; ++k) {
      for (std::size_t i = 0; i < kQuarter; ++i) {
        // The uppermost byte of the product is d0 + 3 d1 + 9 d2 + 27 d3; no lower one overflows.
        const std::uint32_t digits = words[i] >> 2 * k & 0x03030303;
        places[k * kQuarter + i] =
            static_cast<std::uint16_t>((digits * 0x0103091B >> 24) * kEntryBytes);
      }
    }
  }

  template <std::size_t kQuads>
  [[gnu::noinline]] static void add_entries(ManyScratch& scratch, std::size_t rows) {
    for (std::size_t row = 0; row < rows; ++row) {
      Shorts sums[kVectors];
      for (std::size_t v = 0; v < kVectors; ++v) sums[v] = load(&scratch.narrow[row][v * kLanes]);
      for (std::size_t g = 0; g < kQuads; ++g) {
        const auto* entry =
            reinterpret_cast<const char*>(scratch.tables[g]) + scratch.places[g][row];
        for (std::size_t v = 0; v < kVectors; ++v) sums[v] += load(entry + v * kWidth);
      }
      for (std::size_t v = 0; v < kVectors; ++v) store(&scratch.narrow[row][v * kLanes], sums[v]);
    }
  }

  [[gnu::noinline]] static void widen(ManyScratch& scratch, std::size_t rows) {
    std::int32_t* const wide = scratch.wide[0];
    std::int16_t* const narrow = scratch.narrow[0];
    for (std::size_t i = 0; i < rows * kManyColumns; ++i) {
      wide[i] += narrow[i];
      narrow[i] = 0;
    }
  }

  [[gnu::noinline]] static std::int64_t write(const ManyScratch& scratch,
                                              const ProductColumn* columns, std::size_t count,
                                              std::size_t quads, std::size_t first,
                                              std::size_t rows) {
    constexpr std::size_t kStep = 16;
    std::int64_t clamped = 0;
    for (std::size_t row = 0; row < rows; row += kStep) {
      std::int32_t turned[kManyColumns][kStep];
      for (std::size_t i = 0; i < kStep; ++i) {
        for (std::size_t c = 0; c < kManyColumns; ++c) turned[c][i] = scratch.wide[row + i][c];
      }
      for (std::size_t c = 0; c < count; ++c) {
        typedef std::int32_t Ints __attribute__((vector_size(4 * kStep)));
        Ints acc;
        __builtin_memcpy(&acc, turned[c], sizeof acc);
        write_rows(columns[c].out + first + row, acc, quads, columns[c].multiplier, clamped);
      }
    }
    return clamped;
  }

  static std::int64_t panel(const std::uint8_t* tiles, std::size_t count_tiles, std::size_t quads,
                            const ProductColumn* columns, std::size_t count, std::size_t first,
                            std::size_t rows, ManyScratch& scratch) {
    __builtin_memset(scratch.narrow, 0, sizeof scratch.narrow);
    __builtin_memset(scratch.wide, 0, sizeof scratch.wide);
    std::size_t chunks = 0;
    for (std::size_t q = 0; q < quads; q += kChunk) {
      const std::size_t here = quads - q < kChunk ? quads - q : kChunk;
      for (std::size_t g = 0; g < here; ++g) make_table(scratch.tables[g], columns, count, q + g);
      for (std::size_t t = 0; t < count_tiles; ++t) {
        for (std::size_t g = 0; g < here; ++g) {
          find_places(tiles + (t * quads + q + g) * kTileBytes, &scratch.places[g][t * kTileRows]);
        }
      }
      if (here == kChunk) {
        add_entries<kChunk>(scratch, rows);
      } else if (here == 3) {
        add_entries<3>(scratch, rows);
      } else if (here == 2) {
        add_entries<2>(scratch, rows);
      } else {
        add_entries<1>(scratch, rows);
      }
      if (++chunks % kNarrowChunks == 0) widen(scratch, rows);
    }
    widen(scratch, rows);
    return write(scratch, columns, count, quads, first, rows);
  }
};

template <std::size_t kWidth>
[[gnu::flatten]] bool product_many_by_tables(const std::uint8_t* tiles, std::size_t quads,
                                             const ProductColumn* columns, std::size_t count,
                                             std::size_t rows, std::byte* scratch) {
  std::int64_t clamped = 0;
  for (std::size_t first = 0; first < rows; first += kPanelRows) {
    const std::size_t panel_rows = rows - first < kPanelRows ? rows - first : kPanelRows;
    clamped |= Many<kWidth>::panel(tiles + first / kTileRows * quads * kTileBytes,
                                   (panel_rows + kTileRows - 1) / kTileRows, quads, columns, count,
                                   first, panel_rows, *reinterpret_cast<ManyScratch*>(scratch));
  }
  return clamped != 0;
}

}  // namespace
}  // namespace sterna::cpu
