// SPDX-License-Identifier: Apache-2.0
// TernaryKernels for one width of vectors, in GCC's vector extension and, where the architecture
// has them, its products of bytes: included by one file for each instruction set, which is compiled
// with its flags. So that no code of theirs is linked into the rest of a program, nothing here has
// linkage and nothing of the library is used.
#pragma once

#include "host/fff/ternary_kernels.h"
#include "host/fff/ternary_values_impl.h"
#include "host/fff/vector_parts.h"

namespace sterna::fff {
namespace {

template <std::size_t kBytes>
struct ByteVectors {
  typedef std::int16_t Shorts __attribute__((vector_size(kBytes)));
  typedef std::uint16_t UnsignedShorts __attribute__((vector_size(kBytes)));
  typedef std::int32_t Ints __attribute__((vector_size(kBytes)));

  static constexpr std::size_t kInts = kBytes / 4;

  template <typename Vec>
  static Vec load(const void* p) {
    Vec v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
  }
  static Ints all(std::int32_t i) { return i - Ints{}; }
  static void store(void* p, Ints v) { __builtin_memcpy(p, &v, sizeof v); }
  // Products of bytes are summed in 32 bits where there is an instruction for it, else, so many of
  // them, in pairs in 16.
#if defined(__AVX512VNNI__)
  static constexpr bool kWhole = kBytes == 64;
#else
  static constexpr bool kWhole = false;
#endif
  static constexpr std::size_t kMostSums = kWhole ? std::size_t{1} << 32 : 64;

  // sum[i] += w[4 i] x[4 i] + .. + w[4 i + 3] x[4 i + 3]; w is 0..2, x has signs.
  static void add_products(Ints& sum, Ints w, Ints x) {
#if defined(__AVX512VNNI__)
    if constexpr (kWhole) {
      sum = (Ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)w, (__m512i)x);
      return;
    }
#endif
#if defined(__AVX2__)
    if constexpr (kBytes == 32) {
      sum = (Ints)((Shorts)sum + (Shorts)_mm256_maddubs_epi16((__m256i)w, (__m256i)x));
      return;
    }
#endif
    const Shorts odd = (Shorts)((UnsignedShorts)w >> 8) * ((Shorts)x >> 8);
    const Shorts even = ((Shorts)w & 0xff) * ((Shorts)((UnsignedShorts)x << 8) >> 8);
    sum = (Ints)((Shorts)sum + even + odd);
  }
  // What add_products goes on from, and what it came to: no more than kMostSums between them.
  static Ints begin(Ints sum) { return kWhole ? sum : Ints{}; }
  static Ints end(Ints sum, Ints products) {
    if constexpr (kWhole) return products;
#if defined(__AVX2__)
    if constexpr (kBytes == 32)
      return sum + (Ints)_mm256_madd_epi16((__m256i)products, _mm256_set1_epi16(1));
#endif
    return sum + (products >> 16) + (products << 16 >> 16);
  }
};

template <std::size_t kBytes, std::size_t kSamples, std::size_t kLevels>
void ternary_dots(const std::int8_t* const* x, const std::uint8_t* const* w, std::size_t bytes,
                  std::int32_t* sums) {
  using V = ByteVectors<kBytes>;
  using Ints = typename V::Ints;
  constexpr std::size_t kRows = (std::size_t{1} << kLevels) - 1, kCount = kSamples * kRows;
  constexpr std::size_t kMost = V::kMostSums * kBytes;
  Ints vectors[kCount], products[kCount];
  repeat<kCount>([&](auto i) { vectors[i] = Ints{}; });
  for (std::size_t first = 0; first < bytes; first += kMost) {
    const std::size_t end = bytes - first < kMost ? bytes : first + kMost;
    repeat<kCount>([&](auto i) { products[i] = V::begin(vectors[i]); });
    for (std::size_t k = first; k < end; k += kBytes) {
      Ints rows[kRows];
      repeat<kRows>([&](auto r) { rows[r] = V::template load<Ints>(w[r] + k); });
      repeat<kSamples>([&](auto s) {
        if (k % kTernaryAlign == 0) __builtin_prefetch(x[kSamples + s] + k, 0, 3);
        const Ints sample = in_register(V::template load<Ints>(x[s] + k));
        repeat<kRows>([&](auto r) { V::add_products(products[s * kRows + r], rows[r], sample); });
      });
    }
    repeat<kCount>([&](auto i) { vectors[i] = V::end(vectors[i], products[i]); });
  }
  store_sums(vectors, sums);
}

// Columns are taken kBytes at a time, and unpacked within lanes of 16 bytes: part r of four then
// has bytes 4 r to 4 r + 3 of each lane. So that these are the r-th quarter of the columns, in
// order, they lie there beforehand.
template <std::size_t kBytes>
void arrange_row(std::uint8_t* row, std::size_t columns) {
  constexpr std::size_t kLanes = kBytes / 16;
  std::uint8_t block[kBytes];
  for (std::size_t j = 0; j < columns; j += kBytes) {
    __builtin_memcpy(block, row + j, kBytes);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t r = 0; r < 4; ++r) {
        __builtin_memcpy(row + j + 16 * lane + 4 * r, block + 4 * (kLanes * r + lane), 4);
      }
    }
  }
}

// Columns j and on of four rows, whose bytes come to lie side by side: all columns' of a quarter in
// each of `to`.
template <std::size_t kBytes, typename Ints>
[[gnu::always_inline]] inline void unpack_rows(const std::uint8_t* const* rows, std::size_t j,
                                               Ints (&to)[4]) {
  Ints w[4];
  repeat<4>([&](auto k) { w[k] = ByteVectors<kBytes>::template load<Ints>(rows[k] + j); });
  const Ints low[2] = {unpack<std::int8_t, false>(w[0], w[1]),
                       unpack<std::int8_t, false>(w[2], w[3])};
  const Ints high[2] = {unpack<std::int8_t, true>(w[0], w[1]),
                        unpack<std::int8_t, true>(w[2], w[3])};
  to[0] = unpack<std::int16_t, false>(low[0], low[1]);
  to[1] = unpack<std::int16_t, true>(low[0], low[1]);
  to[2] = unpack<std::int16_t, false>(high[0], high[1]);
  to[3] = unpack<std::int16_t, true>(high[0], high[1]);
}

// kBytes outputs from j on of some samples, the first of which is `first`, to y. kUnpacked: the
// rows' columns lie in scratch.
template <std::size_t kBytes, std::size_t kSamples, bool kUnpacked>
void combine_columns(const PathSamples& path, std::size_t first, std::size_t j,
                     std::int32_t* const* y, bool stream) {
  using V = ByteVectors<kBytes>;
  using Ints = typename V::Ints;
  Ints sums[kSamples][4], products[kSamples][4];
  const auto each = [](auto&& f) {
    repeat<4 * kSamples>([&](auto i) {
      f(std::integral_constant<std::size_t, i / 4>(), std::integral_constant<std::size_t, i % 4>());
    });
  };
  each([&](auto s, auto r) { sums[s][r] = V::all(-path.totals[first + s]); });
  for (std::size_t begin = 0; begin < path.quads; begin += V::kMostSums) {
    const std::size_t end = path.quads - begin < V::kMostSums ? path.quads : begin + V::kMostSums;
    each([&](auto s, auto r) { products[s][r] = V::begin(sums[s][r]); });
    for (std::size_t q = begin; q < end; ++q) {
      Ints rows[4];
      if constexpr (kUnpacked) {
        const std::uint8_t* const from = path.scratch + 4 * q * kBytes;
        repeat<4>([&](auto r) { rows[r] = V::template load<Ints>(from + r * kBytes); });
      } else {
        unpack_rows<kBytes>(path.rows + 4 * q, j, rows);
      }
      repeat<kSamples>([&](auto s) {
        const Ints values = V::all(path.values[q * path.stride + first + s]);
        repeat<4>([&](auto r) { V::add_products(products[s][r], rows[r], values); });
      });
    }
    each([&](auto s, auto r) { sums[s][r] = V::end(sums[s][r], products[s][r]); });
  }
  if (path.scaled) {
    each([&](auto s, auto r) {
      sums[s][r] = numerics::matmul_output_narrow(sums[s][r], path.multipliers[first + s]);
    });
  }
  if (stream) {
    each([&](auto s, auto r) { store_past(y[s] + r * V::kInts, sums[s][r]); });
  } else {
    each([&](auto s, auto r) { V::store(y[s] + r * V::kInts, sums[s][r]); });
  }
}

// The same of kSamples from the s-th on, as often as there are as many, then of the rest.
template <std::size_t kBytes, std::size_t kSamples, bool kUnpacked>
void combine_samples(const PathSamples& path, std::size_t s, std::size_t j) {
  for (; s + kSamples <= path.count; s += kSamples) {
    std::int32_t* y[kSamples];
    for (std::size_t i = 0; i < kSamples; ++i) y[i] = path.y[s + i] + j;
    combine_columns<kBytes, kSamples, kUnpacked>(path, s, j, y, path.stream);
  }
  if constexpr (kSamples > 1) combine_samples<kBytes, kSamples / 2, kUnpacked>(path, s, j);
}

template <std::size_t kBytes>
void combine_path(const PathSamples& path, std::size_t outputs) {
  using V = ByteVectors<kBytes>;
  using Ints = typename V::Ints;
  constexpr std::size_t kTile = kBytes == 32 ? 2 : 4;  // what the registers hold
  std::size_t j = 0;
  for (; j + kBytes <= outputs; j += kBytes) {
    if (path.count == 1) {
      combine_samples<kBytes, 1, false>(path, 0, j);
      continue;
    }
    for (std::size_t q = 0; q < path.quads; ++q) {
      Ints rows[4];
      unpack_rows<kBytes>(path.rows + 4 * q, j, rows);
      repeat<4>([&](auto r) { V::store(path.scratch + (4 * q + r) * kBytes, rows[r]); });
    }
    combine_samples<kBytes, kTile, true>(path, 0, j);
  }
  for (std::size_t s = 0; s < path.count && j < outputs; ++s) {
    std::int32_t last[kBytes], *to = last;
    combine_columns<kBytes, 1, false>(path, s, j, &to, false);
    __builtin_memcpy(path.y[s] + j, last, (outputs - j) * sizeof *last);
  }
}

template <std::size_t kBytes>
constexpr TernaryKernels make_ternary_kernels(std::string_view name) {
  return {name,
          {{ternary_dots<kBytes, 1, 1>, ternary_dots<kBytes, 1, 2>, ternary_dots<kBytes, 1, 3>},
           {ternary_dots<kBytes, 2, 1>, ternary_dots<kBytes, 2, 2>, ternary_dots<kBytes, 2, 3>},
           {ternary_dots<kBytes, 3, 1>, ternary_dots<kBytes, 3, 2>, ternary_dots<kBytes, 3, 3>},
           {ternary_dots<kBytes, 4, 1>, ternary_dots<kBytes, 4, 2>, ternary_dots<kBytes, 4, 3>}},
          activate_values,
          quantise_values,
          arrange_row<kBytes>,
          combine_path<kBytes>,
          copy_past<typename ByteVectors<kBytes>::Ints, std::int32_t>};
}

}  // namespace
}  // namespace sterna::fff
