// The arithmetic of docs/numerics.md, operation by operation. Golden executes with it and every
// test compares with it; nothing here knows of instructions, registers or models.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "asm/generated/tables.h"

namespace sterna::numerics {

using fix = std::int32_t;  // 16 fractional bits

inline constexpr fix kFixMax = std::numeric_limits<fix>::max();
inline constexpr fix kFixMin = std::numeric_limits<fix>::min();

constexpr fix sat32(std::int64_t x) {
  return static_cast<fix>(std::clamp<std::int64_t>(x, kFixMin, kFixMax));
}

// round(x / 2^t), halves up; t in [0, 62].
constexpr std::int64_t rs(std::int64_t x, unsigned t) {
  return t == 0 ? x : (x + (std::int64_t{1} << (t - 1))) >> t;
}

// |x| limited to 31 bits.
constexpr std::uint32_t magnitude(fix x) {
  return x == kFixMin ? static_cast<std::uint32_t>(kFixMax)
                      : static_cast<std::uint32_t>(x < 0 ? -x : x);
}

constexpr fix add(fix a, fix b) { return sat32(std::int64_t{a} + b); }
constexpr fix sub(fix a, fix b) { return sat32(std::int64_t{a} - b); }
constexpr fix mul(fix a, fix b) { return sat32(rs(std::int64_t{a} * b, 16)); }
constexpr fix gate(fix f, fix a, fix b) { return add(b, mul(f, sub(a, b))); }

constexpr fix div(fix a, fix b) {
  if (b == 0) return a >= 0 ? kFixMax : kFixMin;
  return sat32(std::int64_t{a} * 65536 / b);  // C++ division truncates towards zero
}

constexpr fix sigmoid(fix x) {
  const std::uint32_t m = magnitude(x);
  fix s = 1 << 16;
  if (m < (12u << 16)) {
    const std::uint32_t i = m >> 11, r = m & 0x7FF;
    const std::int64_t lo = kSigmoidTable[i], hi = kSigmoidTable[i + 1];
    s = static_cast<fix>(rs(lo * 2048 + (hi - lo) * r, 15));
  }
  return x >= 0 ? s : (1 << 16) - s;
}

constexpr fix silu(fix x) { return mul(x, sigmoid(x)); }

constexpr fix exp(fix x) {
  constexpr std::int64_t kLog2E = 24204406;  // log2(e), 24 fractional bits
  const std::int64_t t = (std::int64_t{x} * kLog2E) >> 20;
  const std::int64_t k = t >> 20;
  const auto f = static_cast<std::uint32_t>(t & 0xFFFFF);
  const std::uint32_t i = f >> 12, r = f & 0xFFF;
  const std::int64_t lo = kExp2Table[i], hi = kExp2Table[i + 1];
  const std::int64_t m = rs(lo * 4096 + (hi - lo) * r, 12);  // in [2^24, 2^25]
  if (k >= 15) return kFixMax;
  if (k >= 8) return sat32(m << (k - 8));
  return k < -18 ? 0 : static_cast<fix>(rs(m, static_cast<unsigned>(8 - k)));
}

// floor(sqrt(x)).
constexpr std::uint32_t isqrt(std::uint64_t x) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    const std::uint64_t trial = root | bit;
    if (trial * trial <= x) root = trial;
  }
  return static_cast<std::uint32_t>(root);
}

// A factor mantissa / 2^shift; the mantissa has at most 17 bits.
struct Factor {
  std::uint32_t mantissa = 0;
  std::uint32_t shift = 0;
};

// One element's part of NORM's sum of squares: 21 fractional bits.
constexpr std::uint64_t square(fix x) {
  const std::uint64_t m = magnitude(x);
  return (m * m + 1024) >> 11;
}

// 1/sqrt(sum/n + eps) from NORM's sum of squares; n in [1, 8192], eps with 40 fractional bits.
constexpr Factor norm_factor(std::uint64_t sum_squares, std::uint32_t n, std::uint32_t eps) {
  const std::uint64_t v =
      std::max<std::uint64_t>(256, sum_squares + ((std::uint64_t{n} * eps) >> 19));
  const int z = std::countl_zero(v);
  const std::uint64_t vm = (v << z) >> 40;
  const int y = std::countl_zero(static_cast<std::uint16_t>(n));
  const std::uint64_t nm = std::uint64_t{n} << y;
  const int p = (z - 59 - y) & 1;
  const std::uint64_t d = (nm << (40 + p)) / vm;
  return {isqrt(d), static_cast<std::uint32_t>((59 + y - z + p) / 2)};
}

constexpr fix norm(fix x, Factor r, fix weight) {
  return mul(sat32(rs(std::int64_t{x} * r.mantissa, r.shift)), weight);
}

// 127/amax; amax in [1, 2^31 - 1].
constexpr Factor quant_factor(std::uint32_t amax) {
  const int z = std::countl_zero(amax);
  const std::uint64_t am = (amax << z) >> 8;
  return {static_cast<std::uint32_t>((std::uint64_t{127} << 33) / am),
          static_cast<std::uint32_t>(41 - z)};
}

constexpr std::int8_t quant(fix x, Factor r) {
  return static_cast<std::int8_t>(
      std::clamp<std::int64_t>(rs(std::int64_t{x} * r.mantissa, r.shift), -127, 127));
}

// TMATMUL's immediate: mantissa * 2^-exponent.
struct WeightScale {
  std::uint32_t mantissa = 0;  // 16 bits
  std::uint32_t exponent = 0;  // 13..63
};
inline constexpr std::uint32_t kMinScaleExponent = 13;

constexpr WeightScale unpack_scale(std::uint32_t imm) { return {imm & 0xFFFF, (imm >> 16) & 0x3F}; }
constexpr bool valid_scale(std::uint32_t imm) {
  return (imm >> 22) == 0 && unpack_scale(imm).exponent >= kMinScaleExponent;
}

constexpr std::uint32_t matmul_multiplier(std::uint32_t amax, WeightScale scale) {
  const std::int64_t product = std::int64_t{amax & 0x7FFFFFFF} * scale.mantissa;
  return static_cast<std::uint32_t>(
      std::min<std::int64_t>(0xFFFFFFFF, rs(product, scale.exponent - 12)));
}

constexpr fix matmul_output(std::int32_t acc, std::uint32_t multiplier) {
  return sat32(rs(std::int64_t{acc} * multiplier, 12));
}

// Five trits (-1, 0, 1) of rows 5g..5g+4 in one byte, and back.
constexpr std::uint8_t pack_trits(const std::int8_t t[5]) {
  unsigned v = 0;
  for (int i = 0; i < 5; ++i) v = 3 * v + static_cast<unsigned>(t[i] + 1);
  return static_cast<std::uint8_t>((256 * v + 242) / 243);
}
constexpr void unpack_trits(std::uint8_t byte, std::int8_t t[5]) {
  unsigned b = byte;
  for (int i = 0; i < 5; ++i) {
    b *= 3;
    t[i] = static_cast<std::int8_t>(static_cast<int>(b >> 8) - 1);
    b &= 0xFF;
  }
}

}  // namespace sterna::numerics
