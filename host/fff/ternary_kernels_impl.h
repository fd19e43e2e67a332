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
      __builtin_prefetch(x[kSamples + s] + k, 0, 3);
      const Ints sample = V::template load<Ints>(x[s] + k);
      for (std::size_t r = 0; r < kRows; ++r) {
        V::add_products(vectors[s * kRows + r], rows[r], sample);
      }
    }
  }
  for (std::size_t i = 0; i < kSamples * kRows; ++i) sums[i] = sum_lanes<kBytes>(vectors[i]);
}

// Element i of `unpack`: its index in two vectors side by side.
template <std::size_t kBytes, typename Element, bool kUpper>
constexpr std::size_t unpacked_index(std::size_t i) {
  constexpr std::size_t kCount = kBytes / sizeof(Element), kLane = 16 / sizeof(Element);
  return i / kLane * kLane + i % kLane / 2 + (kUpper ? kLane / 2 : 0) + i % 2 * kCount;
}

// Bytes or shorts of the lower or the upper halves of two vectors' 16-byte lanes in turn.
// Clang and GCC from 12 on have __builtin_shufflevector, older GCC only its own builtin.
template <std::size_t kBytes, typename Element, bool kUpper, typename Vec, std::size_t... i>
Vec unpack(Vec a, Vec b, std::index_sequence<i...> /*elements*/) {
  typedef Element Elements __attribute__((vector_size(kBytes)));
#if __has_builtin(__builtin_shufflevector)
  return (Vec)__builtin_shufflevector((Elements)a, (Elements)b,
                                      unpacked_index<kBytes, Element, kUpper>(i)...);
#else
  return (Vec)__builtin_shuffle(
      (Elements)a, (Elements)b,
      Elements{static_cast<Element>(unpacked_index<kBytes, Element, kUpper>(i))...});
#endif
}

template <std::size_t kBytes, typename Element, bool kUpper, typename Vec>
Vec unpack(Vec a, Vec b) {
  return unpack<kBytes, Element, kUpper>(a, b,
                                         std::make_index_sequence<kBytes / sizeof(Element)>{});
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

// The multiplier's upper half needs no rounding: 2^16 is a multiple of 2^12.
template <typename Ints>
Ints rescale(Ints acc, std::uint32_t multiplier) {
  const auto high = (std::int32_t)(multiplier >> 16), low = (std::int32_t)(multiplier & 0xffff);
  return ((acc * high) << 4) + ((acc * low + 2048) >> 12);
}

template <std::size_t kBytes, std::size_t kSamples>
void combine_path(const PathRows& path, const PathSample* samples, std::size_t outputs,
                  bool scaled) {
  using V = ByteVectors<kBytes>;
  using Ints = typename V::Ints;
  bool aligned = true;
  for (std::size_t s = 0; s < kSamples; ++s) {
    aligned &= reinterpret_cast<std::uintptr_t>(samples[s].y) % kBytes == 0;
  }
  for (std::size_t j = 0; j < outputs; j += kBytes) {
    Ints sums[kSamples][4];
    for (std::size_t s = 0; s < kSamples; ++s) {
      for (std::size_t r = 0; r < 4; ++r) sums[s][r] = V::all(-samples[s].total);
    }
    for (std::size_t p = 0; p < path.count; p += 4) {
      Ints w[4];
      for (std::size_t k = 0; k < 4; ++k) w[k] = V::template load<Ints>(path.rows[p + k] + j);
      const Ints low[2] = {unpack<kBytes, std::int8_t, false>(w[0], w[1]),
                           unpack<kBytes, std::int8_t, false>(w[2], w[3])};
      const Ints high[2] = {unpack<kBytes, std::int8_t, true>(w[0], w[1]),
                            unpack<kBytes, std::int8_t, true>(w[2], w[3])};
      w[0] = unpack<kBytes, std::int16_t, false>(low[0], low[1]);
      w[1] = unpack<kBytes, std::int16_t, true>(low[0], low[1]);
      w[2] = unpack<kBytes, std::int16_t, false>(high[0], high[1]);
      w[3] = unpack<kBytes, std::int16_t, true>(high[0], high[1]);
      for (std::size_t s = 0; s < kSamples; ++s) {
        const Ints values = V::all(samples[s].values[p / 4]);
        for (std::size_t r = 0; r < 4; ++r) V::add_products(sums[s][r], w[r], values);
      }
    }
    for (std::size_t s = 0; s < kSamples; ++s) {
      for (std::size_t r = 0; r < 4; ++r) {
        const std::size_t first = j + r * V::kInts;
        if (first >= outputs) break;
        if (scaled) sums[s][r] = rescale(sums[s][r], samples[s].multiplier);
        std::int32_t* const y = samples[s].y + first;
        if (outputs - first < V::kInts) {
          V::store(y, sums[s][r], outputs - first);
        } else if (aligned) {
          V::stream(y, sums[s][r]);
        } else {
          V::store(y, sums[s][r]);
        }
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
          arrange_row<kBytes>,
          {combine_path<kBytes, 1>, combine_path<kBytes, 2>, combine_path<kBytes, 3>,
           combine_path<kBytes, 4>}};
}

}  // namespace
}  // namespace sterna::fff
