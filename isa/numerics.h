// SPDX-License-Identifier: Apache-2.0
// The arithmetic of docs/numerics.md, operation by operation. Golden executes with it and every
// test compares with it; nothing here knows of instructions, registers or models.
//
// A GPU's kernels call what is marked STERNA_HOST_DEVICE. nvcc refuses all else there unless it is
// told to trust constexpr (--expt-relaxed-constexpr), with which it compiles std::countl_zero and
// tables wrongly: hence functions of our own in the standard library's place, and tables that can
// be given.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <type_traits>

#include "isa/generated/isa.h"
#include "isa/generated/tables.h"
#include "isa/host_device.h"

namespace sterna::numerics {

using fix = std::int32_t;  // kFractionBits fractional bits

inline constexpr fix kOne = 1 << kFractionBits;

// As the number that it stands for: exact.
constexpr double to_double(fix x) { return x / static_cast<double>(kOne); }

inline constexpr fix kFixMax = std::numeric_limits<fix>::max();
inline constexpr fix kFixMin = std::numeric_limits<fix>::min();

STERNA_HOST_DEVICE constexpr std::int64_t clamp(std::int64_t x, std::int64_t low,
                                                std::int64_t high) {
  return x < low ? low : x > high ? high : x;
}

// Leading zeros; of 0 as many as there are bits.
STERNA_HOST_DEVICE constexpr int lz(std::uint64_t x) {
#if defined(__CUDA_ARCH__)
  return __clzll(static_cast<long long>(x));
#else
  return std::countl_zero(x);
#endif
}
STERNA_HOST_DEVICE constexpr int lz(std::uint32_t x) { return lz(std::uint64_t{x}) - 32; }

// Clamped to fix. What clamps takes a flag that it raises when it had to: SATURATED counts that. A
// flag is a bool or, for loops over many elements, a std::int64_t that is no longer 0 then: vectors
// collect it at no cost.
template <typename Flag = bool>
STERNA_HOST_DEVICE constexpr fix sat32(std::int64_t x, Flag* clamped = nullptr) {
  const auto y = static_cast<fix>(clamp(x, kFixMin, kFixMax));
  if (clamped == nullptr) return y;
  if constexpr (std::is_same_v<Flag, bool>) {
    *clamped |= y != x;
  } else {
    *clamped |= y ^ x;
  }
  return y;
}

// round(x / 2^t), halves up; t in [0, 62].
STERNA_HOST_DEVICE constexpr std::int64_t rs(std::int64_t x, unsigned t) {
  return t == 0 ? x : (x + (std::int64_t{1} << (t - 1))) >> t;
}

// |x| limited to 31 bits.
STERNA_HOST_DEVICE constexpr std::uint32_t magnitude(fix x) {
  return x == kFixMin ? static_cast<std::uint32_t>(kFixMax)
                      : static_cast<std::uint32_t>(x < 0 ? -x : x);
}

template <typename Flag = bool>
STERNA_HOST_DEVICE constexpr fix add(fix a, fix b, Flag* clamped = nullptr) {
  return sat32(std::int64_t{a} + b, clamped);
}
template <typename Flag = bool>
STERNA_HOST_DEVICE constexpr fix sub(fix a, fix b, Flag* clamped = nullptr) {
  return sat32(std::int64_t{a} - b, clamped);
}
template <typename Flag = bool>
STERNA_HOST_DEVICE constexpr fix mul(fix a, fix b, Flag* clamped = nullptr) {
  return sat32(rs(std::int64_t{a} * b, kFractionBits), clamped);
}
template <typename Flag = bool>
STERNA_HOST_DEVICE constexpr fix gate(fix f, fix a, fix b, Flag* clamped = nullptr) {
  return add(b, mul(f, sub(a, b, clamped), clamped), clamped);
}

template <typename Flag = bool>
STERNA_HOST_DEVICE constexpr fix div(fix a, fix b, Flag* clamped = nullptr) {
  // C++ division truncates towards zero; a quotient by zero is beyond every number.
  constexpr std::int64_t kBeyond = std::int64_t{1} << 32;
  if (b == 0) return sat32(a >= 0 ? kBeyond : -kBeyond, clamped);
  return sat32(std::int64_t{a} * kOne / b, clamped);
}

// A parabola's way through its step, from one end to the other, is kWayBits of fix.
inline constexpr unsigned kStepsPerUnitLog2 = 6;
inline constexpr unsigned kWayBits = kFractionBits - kStepsPerUnitLog2;
inline constexpr unsigned kTableFractionBits = 27;

// `way` from the step's beginning; kTableFractionBits + kWayBits fractional bits.
STERNA_HOST_DEVICE constexpr std::int64_t parabola(const Parabola& p, std::uint32_t way) {
  const std::int64_t t = std::int64_t{way} - (1 << (kWayBits - 1));
  const std::int64_t slope = p.slope + ((p.curve * t) >> kWayBits);
  return (std::int64_t{p.value} << kWayBits) + slope * t;
}

// f(x / 2^power), power in [-8, 7], of a function with f(-x) = 1 - f(x) whose values up to where it
// is one are in `table`.
template <std::size_t kSteps>
STERNA_HOST_DEVICE constexpr fix symmetric(fix x, int power, const Parabola (&table)[kSteps]) {
  const std::uint64_t whole = static_cast<std::uint64_t>(x < 0 ? -std::int64_t{x} : x);
  const std::uint64_t m = power >= 0 ? whole >> power : whole << -power;
  fix s = kOne;
  if (m >> kWayBits < kSteps) {
    const auto way = static_cast<std::uint32_t>(m & ((1u << kWayBits) - 1));
    s = static_cast<fix>(
        rs(parabola(table[m >> kWayBits], way), kTableFractionBits - kFractionBits + kWayBits));
  }
  return x >= 0 ? s : kOne - s;
}

// The tables, where whoever computes can read them.
using SigmoidTable = Parabola[std::size(kSigmoidTable)];
using PhiTable = Parabola[std::size(kPhiTable)];
using Exp2Table = Parabola[std::size(kExp2Table)];

STERNA_HOST_DEVICE constexpr fix sigmoid(fix x, int power = 0,
                                         const SigmoidTable& table = kSigmoidTable) {
  return symmetric(x, power, table);
}

// x is held times 2^power, and so is the result.
STERNA_HOST_DEVICE constexpr fix silu(fix x, int power = 0,
                                      const SigmoidTable& table = kSigmoidTable) {
  return mul(x, sigmoid(x, power, table));
}

// The normal distribution's Phi, of x / 2^power.
STERNA_HOST_DEVICE constexpr fix phi(fix x, int power = 0, const PhiTable& table = kPhiTable) {
  return symmetric(x, power, table);
}

STERNA_HOST_DEVICE constexpr fix relu(fix x) { return x > 0 ? x : 0; }
// x is held times 2^power, and so is the result.
STERNA_HOST_DEVICE constexpr fix gelu(fix x, int power = 0, const PhiTable& table = kPhiTable) {
  return mul(x, phi(x, power, table));
}

// SIGP's, SILUP's and GELU's immediate: bits 3:0, signed.
STERNA_HOST_DEVICE constexpr int unpack_power(std::uint32_t imm) {
  return static_cast<int>(imm & 15) - static_cast<int>((imm & 8) << 1);
}

// 2^(f / 2^kFractionBits) for f in [0, kOne): in [1, 2], kTableFractionBits fractional bits.
STERNA_HOST_DEVICE constexpr std::int64_t exp2_of_fraction(std::uint32_t f,
                                                           const Exp2Table& table = kExp2Table) {
  return rs(parabola(table[f >> kWayBits], f & ((1u << kWayBits) - 1)), kWayBits);
}

template <typename Flag = bool>
STERNA_HOST_DEVICE constexpr fix exp(fix x, Flag* clamped = nullptr,
                                     const Exp2Table& table = kExp2Table) {
  constexpr std::int64_t kLog2E = 24204406;  // log2(e), 24 fractional bits
  constexpr int kFraction = static_cast<int>(kFractionBits);
  constexpr int kExcess = static_cast<int>(kTableFractionBits) - kFraction;
  const std::int64_t t = (x * kLog2E) >> 24;
  const std::int64_t k = t >> kFractionBits;
  const std::int64_t m = exp2_of_fraction(static_cast<std::uint32_t>(t & (kOne - 1)), table);
  if (k >= 31 - kFraction) return sat32(std::int64_t{1} << 31, clamped);
  if (k >= kExcess) return sat32(m << (k - kExcess), clamped);
  return k < -kFraction - 1 ? 0 : static_cast<fix>(rs(m, static_cast<unsigned>(kExcess - k)));
}

// floor(sqrt(x)).
STERNA_HOST_DEVICE constexpr std::uint32_t isqrt(std::uint64_t x) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    const std::uint64_t trial = root | bit;
    if (trial * trial <= x) root = trial;
  }
  return static_cast<std::uint32_t>(root);
}

// A factor mantissa / 2^shift; the mantissa has at most 26 bits.
struct Factor {
  std::uint32_t mantissa = 0;
  std::uint32_t shift = 0;
};

// One element's part of NORM's sum of squares.
inline constexpr unsigned kSquareShift = 12;
inline constexpr unsigned kSquareFractionBits = 2 * kFractionBits - kSquareShift;
STERNA_HOST_DEVICE constexpr std::uint64_t square(fix x) {
  const std::uint64_t m = magnitude(x);
  return (m * m + (std::uint64_t{1} << (kSquareShift - 1))) >> kSquareShift;
}

// A power of two that LIFT finds.
inline constexpr int kLeastLift = -15, kGreatestLift = 9;

struct IntegerRoot {
  STERNA_HOST_DEVICE constexpr std::uint32_t operator()(std::uint64_t x) const { return isqrt(x); }
};
struct IntegerQuotient {
  STERNA_HOST_DEVICE constexpr std::uint64_t operator()(std::uint64_t n, std::uint32_t d) const {
    return n / d;
  }
};

// 1/sqrt(sum/n + eps * 2^(2 lift)) from NORM's sum of squares; n in [1, 8192], eps with 40
// fractional bits. `root` gives floor(sqrt(x)) of x < 2^52, `quotient` floor(n / d) of n < 2^63,
// where it is below 2^33.
inline constexpr unsigned kEpsFractionBits = 40;
template <typename Root = IntegerRoot, typename Quotient = IntegerQuotient>
STERNA_HOST_DEVICE constexpr Factor norm_factor(std::uint64_t sum_squares, std::uint32_t n,
                                                std::uint32_t eps, int lift = 0, Root root = {},
                                                Quotient quotient = {}) {
  constexpr unsigned kUp = 2 * kGreatestLift - (kEpsFractionBits - kSquareFractionBits);
  const std::uint64_t lifted =
      ((std::uint64_t{n} * eps) << kUp) >> static_cast<unsigned>(2 * (kGreatestLift - lift));
  const std::uint64_t sum = sum_squares + lifted, v = sum < 256 ? 256 : sum;
  const int z = lz(v);
  const auto vm = static_cast<std::uint32_t>((v << z) >> 32);
  const int y = lz(n) - 16;
  const std::uint64_t nm = std::uint64_t{n} << y;
  const int p = (z - y) & 1;
  const std::uint64_t d = quotient(nm << (46 + p), vm);  // 32 bits
  return {root(d << 20),
          static_cast<std::uint32_t>((98 - static_cast<int>(kSquareFractionBits) + y - z + p) / 2)};
}

template <typename Flag = bool>
STERNA_HOST_DEVICE constexpr fix norm(fix x, Factor r, fix weight, Flag* clamped = nullptr) {
  return mul(sat32(rs(std::int64_t{x} * r.mantissa, r.shift)), weight, clamped);
}

// LIFT's power: `headroom` bits stay free above amax, which is in [1, 2^31 - 1].
STERNA_HOST_DEVICE constexpr int find_lift(std::uint32_t amax, std::uint32_t headroom) {
  return static_cast<int>(
      clamp(lz(amax) - 1 - static_cast<int>(headroom & 15), kLeastLift, kGreatestLift));
}

// 2^lift: what follows is that of NORM.
STERNA_HOST_DEVICE constexpr Factor lift_factor(int lift) {
  return {1u << 25, static_cast<std::uint32_t>(25 - lift)};
}

// 127/amax; amax in [1, 2^31 - 1].
template <typename Quotient = IntegerQuotient>
STERNA_HOST_DEVICE constexpr Factor quant_factor(std::uint32_t amax, Quotient quotient = {}) {
  const int z = lz(amax);
  return {static_cast<std::uint32_t>(quotient(std::uint64_t{127} << 50, amax << z)),
          static_cast<std::uint32_t>(50 - z)};
}

STERNA_HOST_DEVICE constexpr std::int8_t quant(fix x, Factor r) {
  return static_cast<std::int8_t>(clamp(rs(std::int64_t{x} * r.mantissa, r.shift), -127, 127));
}

// TMATMUL's immediate: mantissa * 2^-exponent.
struct WeightScale {
  std::uint32_t mantissa = 0;  // kScaleMantissaBits
  std::uint32_t exponent = 0;  // kMinScaleExponent and up, kScaleExponentBits
};

STERNA_HOST_DEVICE constexpr WeightScale unpack_scale(std::uint32_t imm) {
  return {imm & ((1u << kScaleMantissaBits) - 1),
          (imm >> kScaleMantissaBits) & ((1u << kScaleExponentBits) - 1)};
}
constexpr std::uint32_t pack_scale(WeightScale scale) {
  return scale.exponent << kScaleMantissaBits | scale.mantissa;
}
constexpr bool valid_scale(std::uint32_t imm) {
  return (imm >> (kScaleMantissaBits + kScaleExponentBits)) == 0 &&
         unpack_scale(imm).exponent >= kMinScaleExponent;
}

STERNA_HOST_DEVICE constexpr std::uint32_t matmul_multiplier(std::uint32_t amax, WeightScale scale,
                                                             bool* clamped = nullptr) {
  constexpr std::int64_t kLargest = 0xFFFFFFFF;
  const std::int64_t multiplier =
      rs(std::int64_t{amax & 0x7FFFFFFF} * scale.mantissa, scale.exponent - 12);
  if (clamped != nullptr) *clamped |= multiplier > kLargest;
  return static_cast<std::uint32_t>(multiplier < kLargest ? multiplier : kLargest);
}

template <typename Flag = bool>
STERNA_HOST_DEVICE constexpr fix matmul_output(std::int32_t acc, std::uint32_t multiplier,
                                               Flag* clamped = nullptr) {
  return sat32(rs(std::int64_t{acc} * multiplier, 12), clamped);
}

// The same in 32 bits, which vectors of an ordinary processor do several times as fast: for sums
// whose magnitudes are `bound` at most, whether they fit, and then never clamp, and the result.
constexpr bool fits_narrow(std::uint32_t bound, std::uint32_t multiplier) {
  return bound < 1u << 19 && rs(std::int64_t{bound} * multiplier, 12) <= kFixMax;
}
template <typename Sums>  // a sum, or a vector of them
[[gnu::always_inline]] constexpr Sums matmul_output_narrow(Sums acc, std::uint32_t multiplier) {
  const auto high = static_cast<std::int32_t>(multiplier >> 12);
  const auto low = static_cast<std::int32_t>(multiplier & 0xfff);
  return acc * high + ((acc * low + (1 << 11)) >> 12);
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
