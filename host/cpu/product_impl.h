// SPDX-License-Identifier: Apache-2.0
// Kernels::product for one width of vectors, in GCC's vector extension and, where the architecture
// has them, its products of bytes. Included by kernels_impl.h.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "host/cpu/kernels.h"

namespace sterna::cpu {
namespace {

// A vector of digits' bytes, whose lanes of 32 bits are a quad of one row each, times a quad of x
// in every lane.
template <std::size_t kBytes>
struct Lanes {
  typedef std::int16_t Shorts __attribute__((vector_size(kBytes)));
  typedef std::uint16_t UnsignedShorts __attribute__((vector_size(kBytes)));
  typedef std::int32_t Ints __attribute__((vector_size(kBytes)));
  static constexpr std::size_t kCount = kBytes / 4;

  static Ints load(const std::uint8_t* p) {
    Ints v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
  }
  static Ints quad(const std::int8_t* x) {
    std::int32_t word;
    __builtin_memcpy(&word, x, sizeof word);
    return word - Ints{};
  }
};

// What adds the products of a plane of digits, the k-th two bits of each byte.
//
// With products of four bytes added in 32 bits: digits are taken where they stand, 4^k times as
// large, which below() takes off again; 64 * 2 * 128 * 8192 still fits.
struct Sum32 {
  using V = Lanes<64>;
  static constexpr std::size_t kBytes = 64;
  static constexpr std::size_t kMostSteps = ~std::size_t{0};
  V::Ints sum{};

  template <unsigned k>
  static V::Ints digits(V::Ints w) {
    return w & (0x03030303 << 2 * k);
  }
  void add(V::Ints digits, V::Ints x) {
#if defined(__AVX512VNNI__)
    sum = (V::Ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)digits, (__m512i)x);
#else  // for tests on other processors
    for (int i = 0; i < 32; i += 8) sum += (digits >> i & 0xff) * (x << (24 - i) >> 24);
#endif
  }
  void flush() {}
  template <unsigned k>
  V::Ints below() const {
    return sum >> (2 * k);
  }
};

// Two products of bytes in 16 bits; of the digits shifted down these are at most 2 * 2 * 128.
template <std::size_t kWidth>
struct Sum16 {
  using V = Lanes<kWidth>;
  static constexpr std::size_t kBytes = kWidth;
  static constexpr std::size_t kMostSteps = 62;  // of 512 fit 16 bits
  typename V::Shorts pairs{};
  typename V::Ints sum{};

  template <unsigned k>
  static typename V::Ints digits(typename V::Ints w) {
    return (typename V::Ints)((typename V::UnsignedShorts)w >> 2 * k) & 0x03030303;
  }
  void add(typename V::Ints digits, typename V::Ints x) {
#if defined(__AVX2__)
    if constexpr (kWidth == 32) {
      pairs += (typename V::Shorts)_mm256_maddubs_epi16((__m256i)digits, (__m256i)x);
      return;
    }
#endif
    using Shorts = typename V::Shorts;
    using UnsignedShorts = typename V::UnsignedShorts;
    pairs += ((Shorts)digits & 0xff) * ((Shorts)((UnsignedShorts)x << 8) >> 8) +
             (Shorts)((UnsignedShorts)digits >> 8) * ((Shorts)x >> 8);
  }
  void flush() {
    using Ints = typename V::Ints;
    sum += ((Ints)pairs >> 16) + ((Ints)((typename Lanes<kWidth>::Ints)pairs << 16) >> 16);
    pairs = typename V::Shorts{};
  }
  template <unsigned k>
  typename V::Ints below() const {
    return sum;
  }
};

template <typename Sum>
std::int64_t write_results(const Sum (&sums)[4], std::size_t part, const ProductColumn& column,
                           std::size_t rows) {
  using V = typename Sum::V;
  const typename V::Ints planes[4] = {sums[0].template below<0>(), sums[1].template below<1>(),
                                      sums[2].template below<2>(), sums[3].template below<3>()};
  std::int64_t clamped = 0;
  for (std::size_t k = 0; 16 * k < rows; ++k) {
    numerics::fix* const out = column.out + 16 * k + part * V::kCount;
    for (std::size_t i = 0; i < V::kCount; ++i) {
      out[i] = numerics::matmul_output(planes[k][i] - column.sum, column.multiplier, &clamped);
    }
  }
  return clamped;
}

// kColumns vectors, or, with kChains, one whose quads are added up in so many sums side by side.
template <typename Sum, std::size_t kColumns, std::size_t kChains>
bool product_of(const std::uint8_t* tile, std::size_t quads, const ProductColumn* columns,
                std::size_t rows) {
  using V = typename Sum::V;
  std::int64_t clamped = 0;
  for (std::size_t part = 0; part < kTileBytes / Sum::kBytes; ++part) {
    const std::uint8_t* w = tile + part * Sum::kBytes;
    Sum sums[kColumns * kChains][4];
    const auto step = [&](std::size_t q, std::size_t chain) {
      const auto bytes = V::load(w + q * kTileBytes);
      const typename V::Ints digits[4] = {
          Sum::template digits<0>(bytes), Sum::template digits<1>(bytes),
          Sum::template digits<2>(bytes), Sum::template digits<3>(bytes)};
      for (std::size_t c = 0; c < kColumns; ++c) {
        const auto x = V::quad(columns[c].x + q * kQuad);
        for (std::size_t k = 0; k < 4; ++k) sums[c * kChains + chain][k].add(digits[k], x);
      }
    };
    for (std::size_t q = 0; q < quads;) {
      const std::size_t end = quads - q < Sum::kMostSteps ? quads : q + Sum::kMostSteps;
      for (; q + kChains <= end; q += kChains) {
        for (std::size_t chain = 0; chain < kChains; ++chain) step(q + chain, chain);
      }
      for (; q < end; ++q) step(q, 0);
      for (auto& each : sums) {
        for (Sum& sum : each) sum.flush();
      }
    }
    for (std::size_t c = 0; c < kColumns; ++c) {
      for (std::size_t chain = 1; chain < kChains; ++chain) {
        for (std::size_t k = 0; k < 4; ++k)
          sums[c * kChains][k].sum += sums[c * kChains + chain][k].sum;
      }
      clamped |= write_results(sums[c * kChains], part, columns[c], rows);
    }
  }
  return clamped != 0;
}

template <typename Sum, std::size_t kMost>
bool product(const std::uint8_t* tile, std::size_t quads, const ProductColumn* columns,
             std::size_t count, std::size_t rows) {
  if (count == 1) return product_of<Sum, 1, 2>(tile, quads, columns, rows);
  if constexpr (kMost > 2) {
    if (count == 2) return product_of<Sum, 2, 1>(tile, quads, columns, rows);
    if (count == 3) return product_of<Sum, 3, 1>(tile, quads, columns, rows);
    if (count == 4) return product_of<Sum, 4, 1>(tile, quads, columns, rows);
    if (count == 5) return product_of<Sum, 5, 1>(tile, quads, columns, rows);
  }
  return product_of<Sum, kMost, 1>(tile, quads, columns, rows);
}

}  // namespace
}  // namespace sterna::cpu
