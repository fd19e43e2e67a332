// SPDX-License-Identifier: Apache-2.0
// numerics::symmetric of whole vectors, where the architecture gathers from tables: for files that
// are compiled for one instruction set. Nothing here has linkage.
#pragma once

// The intrinsics of GCC 12 begin with what is undefined.
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include <cstddef>
#include <cstdint>

#include "isa/numerics.h"

namespace sterna::numerics {
namespace {

// So many elements of 64 bits in a vector, and of 32 in half of one; 0: no vectors.
#if defined(__AVX512F__) || defined(STERNA_WIDE)  // STERNA_WIDE: for tests on other processors
#define STERNA_WIDTH 8
#elif defined(__AVX2__)
#define STERNA_WIDTH 4
#else
#define STERNA_WIDTH 0
#endif

#if STERNA_WIDTH
constexpr std::size_t kWide = STERNA_WIDTH;
typedef std::int64_t Longs __attribute__((vector_size(8 * kWide)));
typedef std::uint64_t UnsignedLongs __attribute__((vector_size(8 * kWide)));
typedef std::int32_t Halves __attribute__((vector_size(8 * kWide)));  // two of each 64 bits
typedef std::int32_t Ints __attribute__((vector_size(4 * kWide)));

// The products of the low halves.
inline Longs multiply(Longs a, Longs b) {
#if defined(__AVX512F__)
  return (Longs)_mm512_mul_epi32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__) && STERNA_WIDTH == 4
  return (Longs)_mm256_mul_epi32((__m256i)a, (__m256i)b);
#else
  return (a << 32 >> 32) * (b << 32 >> 32);
#endif
}

inline Longs gather(const std::uint64_t* table, Longs index) {
#if defined(__AVX512F__)
  return (Longs)_mm512_i64gather_epi64((__m512i)index, table, 8);
#else
  // AVX2's gather is not faster than loads, and qemu 7.2 computes it wrongly with its index in
  // ymm4.
  Longs all{};
  for (std::size_t i = 0; i < kWide; ++i) all[i] = static_cast<std::int64_t>(table[index[i]]);
  return all;
#endif
}

inline Longs clamp(Longs x) {
  const Longs high = kFixMax - Longs{}, low = kFixMin - Longs{};
  x = x > high ? high : x;
  return x < low ? low : x;
}

// A parabola in a word: value in bits 31:0, the curve, which is negative, without its sign in
// 43:32, slope in 63:44. A last one is one everywhere.
template <std::size_t kSteps>
struct PackedTable {
  static constexpr unsigned kCurveBits = 12, kSlopeBits = 20;
  std::uint64_t parabolas[kSteps + 1] = {};
  bool fits = true;

  constexpr explicit PackedTable(const Parabola (&table)[kSteps]) {
    for (std::size_t i = 0; i < kSteps; ++i) {
      const Parabola& p = table[i];
      fits &= p.value >= 0 && p.slope >= 0 && p.slope < 1 << kSlopeBits && p.curve <= 0 &&
              -p.curve < 1 << kCurveBits;
      const auto curve = static_cast<std::uint32_t>(-p.curve);
      const std::uint32_t high = static_cast<std::uint32_t>(p.slope) << kCurveBits | curve;
      parabolas[i] = std::uint64_t{high} << 32 | static_cast<std::uint32_t>(p.value);
    }
    parabolas[kSteps] = std::uint64_t{1} << kTableFractionBits;
  }
};

constexpr PackedTable<std::size(kSigmoidTable)> kSigmoid(kSigmoidTable);
constexpr PackedTable<std::size(kPhiTable)> kPhi(kPhiTable);
static_assert(kSigmoid.fits && kPhi.fits);

template <std::size_t kSteps>
inline Longs symmetric(Longs x, int power, const PackedTable<kSteps>& table) {
  constexpr unsigned kDown = kTableFractionBits - kFractionBits + kWayBits;
  const UnsignedLongs whole = (UnsignedLongs)(x < 0 ? -x : x);
  const UnsignedLongs m = power >= 0 ? whole >> power : whole << -power;
  const UnsignedLongs step = m >> kWayBits, last = kSteps - UnsignedLongs{};
  const Longs p = gather(table.parabolas, (Longs)(step < last ? step : last));
  const Longs t = (Longs)(m & ((1u << kWayBits) - 1)) - (1 << (kWayBits - 1));
  const Longs curve = -((p >> 32) & 0xFFF);
  const Longs bend = (Longs)((Halves)multiply(curve, t) >> kWayBits);  // in the low half
  const Longs slope = (Longs)((Halves)((UnsignedLongs)p >> 44) + (Halves)bend);
  const Longs y = ((p & 0xFFFFFFFF) << kWayBits) + multiply(slope, t);  // above zero
  const Longs s = (Longs)((UnsignedLongs)(y + (1 << (kDown - 1))) >> kDown);
  return x < 0 ? kOne - s : s;
}

// d[i] = symmetric(a[i]), or times a[i].
template <bool kTimesSelf, std::size_t kSteps>
inline std::size_t map_symmetric(std::size_t n, fix* d, const fix* a,
                                 const PackedTable<kSteps>& table, int power) {
  std::size_t i = 0;
  for (; i + kWide <= n; i += kWide) {
    Ints ints;
    __builtin_memcpy(&ints, a + i, sizeof ints);
    const Longs x = __builtin_convertvector(ints, Longs);
    Longs s = symmetric(x, power, table);
    if constexpr (kTimesSelf) {
      s = clamp((multiply(x, s) + (1 << (kFractionBits - 1))) >> kFractionBits);
    }
    ints = __builtin_convertvector(s, Ints);
    __builtin_memcpy(d + i, &ints, sizeof ints);
  }
  return i;
}

// Whole vectors of the function; how many elements that are. The rest is the caller's.
inline std::size_t sigmoid_vectors(std::size_t n, fix* d, const fix* a, int power) {
  return map_symmetric<false>(n, d, a, kSigmoid, power);
}
inline std::size_t silu_vectors(std::size_t n, fix* d, const fix* a, int power) {
  return map_symmetric<true>(n, d, a, kSigmoid, power);
}
inline std::size_t gelu_vectors(std::size_t n, fix* d, const fix* a, int power) {
  return map_symmetric<true>(n, d, a, kPhi, power);
}

#else

inline std::size_t sigmoid_vectors(std::size_t /*n*/, fix* /*d*/, const fix* /*a*/, int /*power*/) {
  return 0;
}
inline std::size_t silu_vectors(std::size_t /*n*/, fix* /*d*/, const fix* /*a*/, int /*power*/) {
  return 0;
}
inline std::size_t gelu_vectors(std::size_t /*n*/, fix* /*d*/, const fix* /*a*/, int /*power*/) {
  return 0;
}

#endif  // STERNA_WIDTH

}  // namespace
}  // namespace sterna::numerics
