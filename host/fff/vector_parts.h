// SPDX-License-Identifier: Apache-2.0
// What kernels of both kinds do with vectors of GCC's extension. As in the files that include it,
// nothing here has linkage and no code of the library is used.
#pragma once

// The intrinsics of GCC 12 begin with what is undefined.
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#if defined(__AVX__)
#include <immintrin.h>
#endif

#include <cstddef>
#include <cstdint>
#include <utility>

#include "host/fff/aligned_array.h"

namespace sterna::fff {
namespace {

// f(0), f(1), .. f(kCount - 1), each a constant: what f keeps in arrays then stays in registers.
template <std::size_t kCount, typename F>
[[gnu::always_inline]] inline void repeat(F&& f) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (f(std::integral_constant<std::size_t, i>()), ...);
  }
  (std::make_index_sequence<kCount>());
}

// v, but no longer what was loaded: GCC would rather load once more for each use.
template <typename Vec>
[[gnu::always_inline]] inline Vec in_register(Vec v) {
#if defined(__AVX512F__)
  if constexpr (sizeof v == 64) asm("" : "+v"(v));
#endif
  return v;
}

// Past the caches, where there is an instruction for it; p is aligned to a vector.
template <typename Vec>
[[gnu::always_inline]] inline void store_past(void* p, Vec v) {
#if defined(__AVX512F__)
  if constexpr (sizeof v == 64) return _mm512_stream_si512((__m512i*)p, (__m512i)v);
#endif
#if defined(__AVX__)
  if constexpr (sizeof v == 32) return _mm256_stream_si256((__m256i*)p, (__m256i)v);
#endif
  __builtin_memcpy(p, &v, sizeof v);
}

// A row to where it belongs, past the caches: y may lie anywhere.
template <typename Vec, typename Number>
void copy_past(Number* y, const Number* row, std::size_t count) {
  constexpr std::size_t kWidth = sizeof(Vec) / sizeof(Number);
  std::size_t j = 0;
  for (; j < count && reinterpret_cast<std::uintptr_t>(y + j) % kLineBytes != 0; ++j) y[j] = row[j];
  for (; j + kWidth <= count; j += kWidth) {
    Vec v;
    __builtin_memcpy(&v, row + j, sizeof v);
    store_past(y + j, v);
  }
  for (; j < count; ++j) y[j] = row[j];
}

// Element i of `unpack`: its index in two vectors side by side.
template <std::size_t kBytes, typename Element, bool kUpper>
constexpr std::size_t unpacked_index(std::size_t i) {
  constexpr std::size_t kCount = kBytes / sizeof(Element), kLane = 16 / sizeof(Element);
  return i / kLane * kLane + i % kLane / 2 + (kUpper ? kLane / 2 : 0) + i % 2 * kCount;
}

// Elements, integers of any size, of the lower or the upper halves of two vectors' 16-byte lanes in
// turn. Clang and GCC from 12 on have __builtin_shufflevector, older GCC only its own builtin.
template <typename Element, bool kUpper, typename Vec, std::size_t... i>
Vec unpack(Vec a, Vec b, std::index_sequence<i...> /*elements*/) {
  constexpr std::size_t kBytes = sizeof(Vec);
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

template <typename Element, bool kUpper, typename Vec>
Vec unpack(Vec a, Vec b) {
  return unpack<Element, kUpper>(a, b, std::make_index_sequence<sizeof(Vec) / sizeof(Element)>{});
}

// Of the lanes of 16 bytes.
template <typename Number, typename Vec>
[[gnu::always_inline]] inline auto sum_lanes(Vec v) {
  if constexpr (sizeof v == 16) {
    return v;
  } else {
    typedef Number Half __attribute__((vector_size(sizeof v / 2)));
    Half halves[2];
    __builtin_memcpy(halves, &v, sizeof halves);
    return sum_lanes<Number>(Half(halves[0] + halves[1]));
  }
}

// The sums of four vectors of numbers of 32 bits each.
template <typename Number, typename Vec>
[[gnu::always_inline]] inline auto sum_four(Vec a, Vec b, Vec c, Vec d) {
  const Vec ab = unpack<std::int32_t, false>(a, b) + unpack<std::int32_t, true>(a, b);
  const Vec cd = unpack<std::int32_t, false>(c, d) + unpack<std::int32_t, true>(c, d);
  return sum_lanes<Number>(
      Vec(unpack<std::int64_t, false>(ab, cd) + unpack<std::int64_t, true>(ab, cd)));
}

// The sums of kCount vectors, each in the same order.
template <std::size_t kCount, typename Number, typename Vec>
[[gnu::always_inline]] inline void store_sums(const Vec (&v)[kCount], Number* sums) {
  repeat<(kCount + 3) / 4>([&](auto four) {
    constexpr std::size_t i = 4 * four, kLast = kCount - 1;
    const auto all =
        sum_four<Number>(v[i], v[i + 1 < kLast ? i + 1 : kLast], v[i + 2 < kLast ? i + 2 : kLast],
                         v[i + 3 < kLast ? i + 3 : kLast]);
    __builtin_memcpy(sums + i, &all, (kCount - i < 4 ? kCount - i : 4) * sizeof *sums);
  });
}

}  // namespace
}  // namespace sterna::fff
