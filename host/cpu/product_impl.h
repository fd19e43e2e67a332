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
  static constexpr std::size_t kMostSteps = std::size_t{1} << 32;  // any number
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

// With products of two bytes added in 16 bits, which after a number of steps go into 32. Digits are
// taken where they stand in their half of the byte, 4 times as large at most: of 8 * 128 * 2 a sum
// has room for 15.
template <std::size_t kWidth>
struct Sum16 {
  using V = Lanes<kWidth>;
  using Ints = typename V::Ints;
  using Shorts = typename V::Shorts;
  using UnsignedShorts = typename V::UnsignedShorts;
  static constexpr std::size_t kBytes = kWidth;
  static constexpr std::size_t kMostSteps = 15;
  Shorts pairs{};
  Ints sum{};

  template <unsigned k>
  static Ints digits(Ints w) {
    if constexpr (k >= 2) w = (Ints)((UnsignedShorts)w >> 4);
    return w & (k % 2 == 0 ? 0x03030303 : 0x0c0c0c0c);
  }
  void add(Ints digits, Ints x) {
#if defined(__AVX2__)
    if constexpr (kWidth == 32) {
      pairs += (Shorts)_mm256_maddubs_epi16((__m256i)digits, (__m256i)x);
      return;
    }
#endif
    pairs += ((Shorts)digits & 0xff) * ((Shorts)((UnsignedShorts)x << 8) >> 8) +
             (Shorts)((UnsignedShorts)digits >> 8) * ((Shorts)x >> 8);
  }
  void flush() {
#if defined(__AVX2__)
    if constexpr (kWidth == 32) {
      sum += (Ints)_mm256_madd_epi16((__m256i)pairs, _mm256_set1_epi16(1));
      pairs = Shorts{};
      return;
    }
#endif
    sum += ((Ints)pairs >> 16) + ((Ints)pairs << 16 >> 16);
    pairs = Shorts{};
  }
  template <unsigned k>
  Ints below() const {
    return sum >> (2 * (k % 2));
  }
};

// out[i] = matmul_output(acc[i]) of a vector of rows of so many quads. In 32 bits where these fit,
// which GCC does not make vectors of by itself.
template <typename Ints>
[[gnu::always_inline]] inline void write_rows(numerics::fix* out, Ints acc, std::size_t quads,
                                              std::uint32_t multiplier, std::int64_t& clamped) {
  const auto bound = static_cast<std::uint32_t>(quads * kQuad * 128);
  if (numerics::fits_narrow(bound, multiplier)) {
    const Ints results = numerics::matmul_output_narrow(acc, multiplier);
    __builtin_memcpy(out, &results, sizeof results);
    return;
  }
  for (std::size_t i = 0; i < sizeof acc / sizeof acc[0]; ++i) {
    out[i] = numerics::matmul_output(acc[i], multiplier, &clamped);
  }
}

template <typename Sum>
std::int64_t write_results(const Sum (&sums)[4], std::size_t part, const ProductColumn& column,
                           std::size_t quads, std::size_t rows) {
  using V = typename Sum::V;
  const typename V::Ints planes[4] = {sums[0].template below<0>(), sums[1].template below<1>(),
                                      sums[2].template below<2>(), sums[3].template below<3>()};
  std::int64_t clamped = 0;
  for (std::size_t k = 0; 16 * k < rows; ++k) {
    numerics::fix* const out = column.out + 16 * k + part * V::kCount;
    write_rows(out, planes[k] - column.sum, quads, column.multiplier, clamped);
  }
  return clamped;
}

// How far ahead memory is asked for a tile's bytes, which one vector alone is through with before
// the processor's own prefetching is up to it.
constexpr std::size_t kAhead = 4096;

// kColumns vectors times kParts vectors' worth of a tile's rows at once; the quads are added up in
// kChains sums in turn, for instructions that take their time.
template <typename Sum, std::size_t kColumns, std::size_t kParts, std::size_t kChains>
bool product_of(const std::uint8_t* tile, std::size_t quads, const ProductColumn* columns,
                std::size_t rows) {
  using V = typename Sum::V;
  std::int64_t clamped = 0;
  for (std::size_t part = 0; part < kTileBytes / Sum::kBytes; part += kParts) {
    const std::uint8_t* w = tile + part * Sum::kBytes;
    Sum sums[kColumns * kParts * kChains][4];
    const auto step = [&](std::size_t q, std::size_t chain) {
      if constexpr (kColumns == 1) __builtin_prefetch(w + q * kTileBytes + kAhead);
      for (std::size_t p = 0; p < kParts; ++p) {
        const auto bytes = V::load(w + q * kTileBytes + p * Sum::kBytes);
        const auto plane = [&]<unsigned k>() {
          const typename V::Ints digits = Sum::template digits<k>(bytes);
          for (std::size_t c = 0; c < kColumns; ++c) {
            sums[(c * kParts + p) * kChains + chain][k].add(digits,
                                                            V::quad(columns[c].x + q * kQuad));
          }
        };
        plane.template operator()<0>();
        plane.template operator()<1>();
        plane.template operator()<2>();
        plane.template operator()<3>();
      }
    };
    std::size_t round = 0;
    for (std::size_t q = 0; q < quads; ++round) {
      constexpr std::size_t kMost = Sum::kMostSteps * kChains;
      const std::size_t end = quads - q < kMost ? quads : q + kMost;
#pragma GCC unroll 3
      for (; q + kChains <= end; q += kChains) {
        for (std::size_t chain = 0; chain < kChains; ++chain) step(q + chain, chain);
      }
      for (; q < end; ++q) step(q, 0);
      // Digits of planes 0 and 2 are smaller by a factor of four.
      const bool all = round % 4 == 3 || q == quads;
      for (auto& each : sums) {
        for (unsigned k = 0; k < 4; ++k) {
          if (k % 2 == 1 || all) each[k].flush();
        }
      }
    }
    for (std::size_t each = 0; each < kColumns * kParts; ++each) {
      for (std::size_t chain = 1; chain < kChains; ++chain) {
        for (std::size_t k = 0; k < 4; ++k) {
          sums[each * kChains][k].sum += sums[each * kChains + chain][k].sum;
        }
      }
      clamped |= write_results(sums[each * kChains], part + each % kParts, columns[each / kParts],
                               quads, rows);
    }
  }
  return clamped != 0;
}

template <typename Sum, std::size_t kMost>
bool product(const std::uint8_t* tile, std::size_t quads, const ProductColumn* columns,
             std::size_t count, std::size_t rows) {
  // One vector waits for memory, so that it goes through a tile but once.
  constexpr std::size_t kParts = Sum::kBytes == 32 ? 2 : 1, kChains = Sum::kBytes == 32 ? 1 : 2;
  if (count == 1) return product_of<Sum, 1, kParts, kChains>(tile, quads, columns, rows);
  if constexpr (kMost > 2) {
    if (count == 2) return product_of<Sum, 2, 1, 1>(tile, quads, columns, rows);
  }
  if constexpr (kMost > 3) {
    if (count == 3) return product_of<Sum, 3, 1, 1>(tile, quads, columns, rows);
    if (count == 4) return product_of<Sum, 4, 1, 1>(tile, quads, columns, rows);
    if (count == 5) return product_of<Sum, 5, 1, 1>(tile, quads, columns, rows);
  }
  return product_of<Sum, kMost, 1, 1>(tile, quads, columns, rows);
}

}  // namespace
}  // namespace sterna::cpu
