// SPDX-License-Identifier: Apache-2.0
// Products with ternary matrices on AMX tiles where there are any, else through PyTorch. On AMX
// forward products are int8; backward ones bfloat16, which holds int8 and ternary values exactly.
// Sums are exact or float32 inside, and bfloat16 in memory.
//
// A tile register holds 16 rows of 64 bytes, and each 32-bit word of it a group of G consecutive
// summed indices: 2 in bfloat16, 4 in int8. The right operand's row p, column c holds B[G p .. G p
// + G - 1][c]. Packed operands are runs of such tiles, [column / 16][sum / (16 G)].
#pragma once
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "rows.h"

namespace sterna_train {

using Tile = __m512i[16];  // 16 rows of 64 bytes

// 16 x 16 words, in place.
inline void transpose(__m512i r[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int j = 0; j < 4; ++j) {
    const __m512i a = _mm512_shuffle_i32x4(r[j], r[4 + j], 0x88),
                  b = _mm512_shuffle_i32x4(r[j], r[4 + j], 0xdd);
    const __m512i c = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0x88);
    const __m512i e = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0xdd);
    t[j] = _mm512_shuffle_i32x4(a, c, 0x88);
    t[8 + j] = _mm512_shuffle_i32x4(a, c, 0xdd);
    t[4 + j] = _mm512_shuffle_i32x4(b, e, 0x88);
    t[12 + j] = _mm512_shuffle_i32x4(b, e, 0xdd);
  }
  std::memcpy(r, t, sizeof t);
}

// Sixteen words of bfloat16 (x[c], x[c + stride]), c = 0..15: two rows side by side.
__m512i pairs(const half* x, int64_t stride) {
  const __m512i low = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)x));
  const __m512i high = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)(x + stride)));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

// A small integer's bfloat16 is the upper half of its float32.
__m512i float_bits(const int8_t* x) {
  return _mm512_castps_si512(
      _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i*)x))));
}

__m512i pairs(const int8_t* x, int64_t stride) {
  return _mm512_or_si512(
      _mm512_srli_epi32(float_bits(x), 16),
      _mm512_and_si512(float_bits(x + stride), _mm512_set1_epi32(int(0xffff0000))));
}

// x is B[sum][column] in rows of `columns`; the tiles are bfloat16. With `left`, it is a transposed
// left operand.
template <class T>
inline void pack(const T* x, int64_t sums, int64_t columns, bool left, Tile* out) {
  for (int64_t c = 0; c < columns; c += 16)
    for (int64_t k = 0; k < sums; k += 32, ++out) {
      for (int p = 0; p < 16; ++p) (*out)[p] = pairs(x + (k + 2 * p) * columns + c, columns);
      if (left) transpose(*out);
    }
}

// x is B transposed, [column][sum]; the tiles are int8.
inline void pack_transposed(const int8_t* x, int64_t sums, int64_t columns, Tile* out) {
  for (int64_t c = 0; c < columns; c += 16)
    for (int64_t k = 0; k < sums; k += 64, ++out) {
      for (int p = 0; p < 16; ++p) (*out)[p] = _mm512_loadu_si512(x + (c + p) * sums + k);
      transpose(*out);
    }
}

struct TileConfig {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
const TileConfig kTiles;

inline void clear_sums() {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

inline void store_sums(void* corner, int64_t right, int64_t down, int64_t stride) {
  _tile_stored(0, corner, stride);
  _tile_stored(1, (char*)corner + right, stride);
  _tile_stored(2, (char*)corner + down, stride);
  _tile_stored(3, (char*)corner + down + right, stride);
}

// Add one 32 x 32 block of the result into tile registers 0..3.
template <class T>
inline void block(const void* left0, const void* left1, int64_t stride, int64_t step,
                  const Tile* right0, const Tile* right1, int64_t tiles) {
  for (int64_t k = 0; k < tiles; ++k) {
    _tile_loadd(4, (const char*)left0 + k * step, stride);
    _tile_loadd(6, right0 + k, 64);
    _tile_loadd(7, right1 + k, 64);
    _tile_loadd(5, (const char*)left1 + k * step, stride);
    if constexpr (sizeof(T) == 1) {
      _tile_dpbssd(0, 4, 6);
      _tile_dpbssd(1, 4, 7);
      _tile_dpbssd(2, 5, 6);
      _tile_dpbssd(3, 5, 7);
    } else {
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
}

// out[rows][columns] (bfloat16) = left[rows][sums] x packed right
template <class T>
inline void multiply(const T* left, const Tile* right, int64_t rows, int64_t sums, int64_t columns,
                     half* out) {
  alignas(64) float sum[4][16][16];
  const int64_t tiles = sums * sizeof(T) / 64, chunk = 256;
  _tile_loadconfig(&kTiles);
  for (int64_t begin = 0; begin < rows;
       begin += chunk)  // a chunk of the left side stays in the L2 cache
    for (int64_t c = 0; c < columns; c += 32)
      for (int64_t r = begin; r < std::min(rows, begin + chunk); r += 32) {
        clear_sums();
        block<T>(left + r * sums, left + (r + 16) * sums, sums * sizeof(T), 64,
                 right + c / 16 * tiles, right + (c / 16 + 1) * tiles, tiles);
        store_sums(sum, sizeof sum[0], sizeof sum[0] * 2, 64);
        for (int i = 0; i < 32; ++i) {
          const __m512 *first = (const __m512*)sum[i / 16 * 2][i % 16], *second = first + 16;
          __m512 a = *first, b = *second;
          if constexpr (sizeof(T) == 1) {
            a = _mm512_cvtepi32_ps(_mm512_castps_si512(a));
            b = _mm512_cvtepi32_ps(_mm512_castps_si512(b));
          }
          _mm512_storeu_si512(out + (r + i) * columns + c, (__m512i)_mm512_cvtne2ps_pbh(b, a));
        }
      }
  _tile_release();
}

// out[rows][columns] (float32) = sum over n of left[n][rows] right[n][columns]
inline void multiply_transposed(const half* left, const int8_t* right, int64_t n, int64_t rows,
                                int64_t columns, float* out) {
  const int64_t chunk = std::min<int64_t>(n, 512), tiles = chunk / 32;
  static std::vector<std::array<__m512i, 16>> lefts, rights;
  lefts.resize(std::max<size_t>(lefts.size(), rows / 16 * tiles));
  rights.resize(std::max<size_t>(rights.size(), columns / 16 * tiles));
  const Tile *a = (const Tile*)lefts.data(), *b = (const Tile*)rights.data();
  for (int64_t begin = 0; begin < n; begin += chunk) {
    pack(left + begin * rows, chunk, rows, true, (Tile*)lefts.data());
    pack(right + begin * columns, chunk, columns, false, (Tile*)rights.data());
    _tile_loadconfig(&kTiles);
    for (int64_t r = 0; r < rows; r += 32)
      for (int64_t c = 0; c < columns; c += 32) {
        float* corner = out + r * columns + c;
        if (begin == 0) {
          clear_sums();
        } else {
          _tile_loadd(0, corner, columns * 4);
          _tile_loadd(1, corner + 16, columns * 4);
          _tile_loadd(2, corner + 16 * columns, columns * 4);
          _tile_loadd(3, corner + 16 * columns + 16, columns * 4);
        }
        block<half>(a + r / 16 * tiles, a + (r / 16 + 1) * tiles, 64, 1024, b + c / 16 * tiles,
                    b + (c / 16 + 1) * tiles, tiles);
        store_sums(corner, 64, 64 * columns, columns * 4);
      }
    _tile_release();
  }
}

inline bool has_amx() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  static const bool has = __builtin_cpu_supports("amx-bf16") &&
                          syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return has;
}

// A ternary matrix [outputs][inputs], packed for y = q W^T and for dy = g W. Without AMX the
// products are PyTorch's in float32, which is as fast there as AVX-512's bfloat16.
struct Ternary {
  int64_t inputs, outputs;
  float mean;  // mean |W|: a weight is worth -mean, 0 or mean
  std::vector<std::array<__m512i, 16>> forward, backward;
  Tensor plain;  // without AMX

  explicit Ternary(const Tensor& weight) : inputs(weight.size(1)), outputs(weight.size(0)) {
    const int64_t count = inputs * outputs;
    const float* w = floats(weight);
    mean = mean_of(w, count);
    const float scale = 1 / mean;
    if (!has_amx()) {
      plain = torch::empty({outputs, inputs}, kFloat);
      for (int64_t k = 0; k < count; ++k) floats(plain)[k] = trit(w[k], scale);
      return;
    }
    std::vector<int8_t> ternary(count);
    for (int64_t k = 0; k < count; ++k) ternary[k] = trit(w[k], scale);
    forward.resize(count / 1024);
    pack_transposed(ternary.data(), inputs, outputs, (Tile*)forward.data());
    backward.resize(count / 512);
    pack(ternary.data(), outputs, inputs, false, (Tile*)backward.data());
  }

  Tensor apply(const Tensor& q) const {
    if (!has_amx()) return q.to(kFloat).mm(plain.t()).to(kHalf);
    Tensor out = torch::empty({q.size(0), outputs}, kHalf);
    multiply(bytes(q), (const Tile*)forward.data(), q.size(0), inputs, outputs, halves(out));
    return out;
  }

  Tensor apply_transposed(const Tensor& g) const {
    if (!has_amx()) return g.to(kFloat).mm(plain).to(kHalf);
    Tensor out = torch::empty({g.size(0), inputs}, kHalf);
    multiply(halves(g), (const Tile*)backward.data(), g.size(0), outputs, inputs, halves(out));
    return out;
  }

  Tensor weight_gradient(const Tensor& g, const Tensor& q) const {
    if (!has_amx()) return g.to(kFloat).t().mm(q.to(kFloat));
    Tensor out = torch::empty({outputs, inputs}, kFloat);
    multiply_transposed(halves(g), bytes(q), g.size(0), outputs, inputs, floats(out));
    return out;
  }
};

}  // namespace sterna_train
