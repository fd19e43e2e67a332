// SPDX-License-Identifier: Apache-2.0
// TernaryKernels for one width of vectors, in GCC's vector extension and, where the architecture
// has them, its products of bytes: included by one file for each instruction set, which is compiled
// with its flags. So that no code of theirs is linked into the rest of a program, nothing here has
// linkage and nothing of the library is used.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "host/fff/ternary_kernels.h"

namespace sterna::fff {
namespace {

template <std::size_t kBytes>
struct ByteVectors {
  typedef std::uint8_t Bytes __attribute__((vector_size(kBytes)));
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
  static void store(std::int32_t* p, Ints v) { __builtin_memcpy(p, &v, sizeof v); }
  static void store(std::int32_t* p, Ints v, std::size_t count) {
    __builtin_memcpy(p, &v, count * sizeof(std::int32_t));
  }
  // Past the caches; p is aligned to a vector.
  static void stream(std::int32_t* p, Ints v) {
#if defined(__AVX512F__)
    if constexpr (kBytes == 64) return _mm512_stream_si512((__m512i*)p, (__m512i)v);
#endif
#if defined(__AVX2__)
    if constexpr (kBytes == 32) return _mm256_stream_si256((__m256i*)p, (__m256i)v);
#endif
    store(p, v);
  }

  // sum[i] += w[4 i] x[4 i] + .. + w[4 i + 3] x[4 i + 3]; w is 0..2, x has signs.
  static void add_products(Ints& sum, Ints w, Ints x) {
#if defined(__AVX512VNNI__)
    if constexpr (kBytes == 64) {
      sum = (Ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)w, (__m512i)x);
      return;
    }
#endif
#if defined(__AVX2__)
    if constexpr (kBytes == 32) {
      const __m256i pairs = _mm256_maddubs_epi16((__m256i)w, (__m256i)x);  // 508 at most
      sum += (Ints)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
      return;
    }
#endif
    const Shorts odd = (Shorts)((UnsignedShorts)w >> 8) * ((Shorts)x >> 8);
    const Shorts pairs = ((Shorts)w & 0xff) * ((Shorts)((UnsignedShorts)x << 8) >> 8) + odd;
    sum += ((Ints)pairs >> 16) + ((Ints)pairs << 16 >> 16);
  }
};

template <std::size_t kBytes>
std::int32_t sum_lanes(typename ByteVectors<kBytes>::Ints v) {
  if constexpr (kBytes == 16) {
    return (v[0] + v[2]) + (v[1] + v[3]);
  } else {
    typename ByteVectors<kBytes / 2>::Ints halves[2];
    __builtin_memcpy(halves, &v, sizeof halves);
    return sum_lanes<kBytes / 2>(halves[0] + halves[1]);
  }
}

template <std::size_t kBytes, std::size_t kSamples, std::size_t kLevels>
void ternary_dots(const std::int8_t* const* x, const std::uint8_t* const* w, std::size_t bytes,
                  std::int32_t* sums) {
  using V = ByteVectors<kBytes>;
  using Ints = typename V::Ints;
  constexpr std::size_t kRows = (std::size_t{1} << kLevels) - 1;
  Ints vectors[kSamples * kRows] = {};
  for (std::size_t k = 0; k < bytes; k += kBytes) {
    Ints rows[kRows];
    for (std::size_t r = 0; r < kRows; ++r) rows[r] = V::template load<Ints>(w[r] + k);
    for (std::size_t s = 0; s < kSamples; ++s) {
      const Ints sample = V::template load<Ints>(x[s] + k);
      for (std::size_t r = 0; r < kRows; ++r) {
        V::add_products(vectors[s * kRows + r], rows[r], sample);
      }
    }
  }
  for (std::size_t i = 0; i < kSamples * kRows; ++i) sums[i] = sum_lanes<kBytes>(vectors[i]);
}

// Sixteen columns at a time.
inline void interleave_rows(const std::uint8_t* const* rows, std::size_t count, std::size_t columns,
                            std::uint8_t* quads) {
  using V = ByteVectors<16>;
  using Bytes = V::Bytes;
  using Shorts = V::Shorts;
  constexpr Bytes kZeros = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  for (std::size_t first = 0; first < count; first += 4, quads += 4 * columns) {
    for (std::size_t j = 0; j < columns; j += 16) {
      Bytes row[4];
      for (std::size_t k = 0; k < 4; ++k) {
        row[k] = first + k < count ? V::load<Bytes>(rows[first + k] + j) : kZeros;
      }
      for (std::size_t half = 0; half < 2; ++half) {
        const Bytes low = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23};
        const Bytes pick = low + (std::uint8_t)(8 * half);
        const Shorts a = (Shorts)__builtin_shuffle(row[0], row[1], pick);
        const Shorts b = (Shorts)__builtin_shuffle(row[2], row[3], pick);
        const Shorts front = __builtin_shuffle(a, b, Shorts{0, 8, 1, 9, 2, 10, 3, 11});
        const Shorts back = __builtin_shuffle(a, b, Shorts{4, 12, 5, 13, 6, 14, 7, 15});
        std::uint8_t* const at = quads + 4 * (j + 8 * half);
        __builtin_memcpy(at, &front, 16);
        __builtin_memcpy(at + 16, &back, 16);
      }
    }
  }
}

template <std::size_t kBytes, std::size_t kSamples>
void combine_quads(const Quads& quads, const QuadSample* samples, std::size_t outputs,
                   bool scaled) {
  using V = ByteVectors<kBytes>;
  using Ints = typename V::Ints;
  bool aligned = true;
  for (std::size_t s = 0; s < kSamples; ++s) {
    aligned &= reinterpret_cast<std::uintptr_t>(samples[s].y) % kBytes == 0;
  }
  for (std::size_t j = 0; j < outputs; j += V::kInts) {
    Ints sums[kSamples];
    for (std::size_t s = 0; s < kSamples; ++s) sums[s] = V::all(-samples[s].total);
    for (std::size_t p = 0; p < quads.count; ++p) {
      const Ints w = V::template load<Ints>(quads.bytes + 4 * (p * quads.columns + j));
      for (std::size_t s = 0; s < kSamples; ++s) {
        V::add_products(sums[s], w, V::all(samples[s].values[p]));
      }
    }
    const std::size_t count = outputs - j < V::kInts ? outputs - j : V::kInts;
    for (std::size_t s = 0; s < kSamples; ++s) {
      if (scaled) {
        // The multiplier's upper half needs no rounding: 2^16 is a multiple of 2^12.
        const auto high = (std::int32_t)(samples[s].multiplier >> 16);
        const auto low = (std::int32_t)(samples[s].multiplier & 0xffff);
        sums[s] = ((sums[s] * high) << 4) + ((sums[s] * low + 2048) >> 12);
      }
      if (count < V::kInts) {
        V::store(samples[s].y + j, sums[s], count);
      } else if (aligned) {
        V::stream(samples[s].y + j, sums[s]);
      } else {
        V::store(samples[s].y + j, sums[s]);
      }
    }
  }
}

template <std::size_t kBytes>
constexpr TernaryKernels make_ternary_kernels(std::string_view name) {
  return {name,
          {{ternary_dots<kBytes, 1, 1>, ternary_dots<kBytes, 1, 2>, ternary_dots<kBytes, 1, 3>},
           {ternary_dots<kBytes, 2, 1>, ternary_dots<kBytes, 2, 2>, ternary_dots<kBytes, 2, 3>},
           {ternary_dots<kBytes, 3, 1>, ternary_dots<kBytes, 3, 2>, ternary_dots<kBytes, 3, 3>},
           {ternary_dots<kBytes, 4, 1>, ternary_dots<kBytes, 4, 2>, ternary_dots<kBytes, 4, 3>}},
          interleave_rows,
          {combine_quads<kBytes, 1>, combine_quads<kBytes, 2>, combine_quads<kBytes, 3>,
           combine_quads<kBytes, 4>}};
}

}  // namespace
}  // namespace sterna::fff
