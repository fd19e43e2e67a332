// SPDX-License-Identifier: Apache-2.0
// The factors of NORM and QUANT, exact, in a few words' multiplications: a parabola of a table
// comes within one of them, and whole numbers tell which one it is. By division and root they take
// a thread a third of a microsecond, while all others wait.
#pragma once

#include <cmath>
#include <cstdint>

#include "isa/host_device.h"
#include "isa/numerics.h"

namespace sterna::cuda {

// 1 / x and 1 / sqrt(x) for x in [1, 2), in 256 steps, with 31 fractional bits: the value in a
// step's middle, the slope with 30 fractional bits and half the second derivative with 15.
struct alignas(16) FactorTables {
  static constexpr unsigned kSteps = 256;
  struct Step {
    std::uint32_t value;
    std::int32_t slope, curve;
  };
  Step inverse[kSteps], inverse_root[kSteps];
};

inline FactorTables make_factor_tables() {
  FactorTables tables;
  for (unsigned i = 0; i < FactorTables::kSteps; ++i) {
    const double x = 1 + (i + 0.5) / FactorTables::kSteps;
    const auto step = [](double value, double slope, double curve) {
      return FactorTables::Step{static_cast<std::uint32_t>(std::lround(std::ldexp(value, 31))),
                                static_cast<std::int32_t>(std::lround(std::ldexp(slope, 30))),
                                static_cast<std::int32_t>(std::lround(std::ldexp(curve, 15)))};
    };
    tables.inverse[i] = step(1 / x, -1 / (x * x), 1 / (x * x * x));
    const double root = std::sqrt(x);
    tables.inverse_root[i] = step(1 / root, -0.5 / (x * root), 0.375 / (x * x * root));
  }
  return tables;
}

// f(x / 2^31) with 31 fractional bits, x from 2^31 on.
STERNA_HOST_DEVICE constexpr std::uint32_t interpolate(
    const FactorTables::Step (&table)[FactorTables::kSteps], std::uint32_t x) {
  const FactorTables::Step step = table[(x >> 23) & (FactorTables::kSteps - 1)];
  const auto t = static_cast<std::int32_t>(x & 0x7fffff) - (1 << 22);
  const std::int32_t slope = step.slope + ((step.curve * (t >> 8)) >> 8);
  return step.value + static_cast<std::uint32_t>((std::int64_t{slope} * t) >> 30);
}

// Of vectors of so many elements.
struct NormLength {
  std::uint32_t length = 0;
  std::uint32_t scaled = 0;     // its bits from bit 15 down
  int zeros = 0;                // of 16
  std::uint32_t roots[2] = {};  // sqrt(scaled * 2^(35 + p)) with 5 fractional bits
};
inline NormLength norm_length(std::uint32_t length) {
  NormLength of;
  of.length = length;
  of.zeros = numerics::lz(length) - 16;
  of.scaled = length << of.zeros;
  for (int p = 0; p < 2; ++p) {
    of.roots[p] = static_cast<std::uint32_t>(std::sqrt(std::ldexp(of.scaled, 35 + p)) * 32);
  }
  return of;
}

// numerics::norm_factor.
STERNA_HOST_DEVICE constexpr numerics::Factor norm_factor(const FactorTables& tables,
                                                          std::uint64_t squares,
                                                          const NormLength& n, std::uint32_t eps,
                                                          int lift) {
  constexpr int kLift = numerics::kGreatestLift;
  constexpr unsigned kUp = 2 * kLift - (numerics::kEpsFractionBits - numerics::kSquareFractionBits);
  const std::uint64_t lifted =
      ((std::uint64_t{n.length} * eps) << kUp) >> static_cast<unsigned>(2 * (kLift - lift));
  const std::uint64_t sum = squares + lifted, v = sum < 256 ? 256 : sum;
  const int z = numerics::lz(v);
  const auto vm = static_cast<std::uint32_t>((v << z) >> 32);
  const int p = (z - n.zeros) & 1;
  const std::uint32_t near = interpolate(tables.inverse_root, vm);
  const auto m = static_cast<std::uint32_t>((std::uint64_t{near} * n.roots[p]) >> 36);
  // The root of a quotient is m at least if the quotient is its square at least, rounded up.
  const std::uint64_t all = std::uint64_t{n.scaled} << (46 + p);
  const auto reaches = [&](std::uint32_t mantissa) {
    const std::uint64_t square = std::uint64_t{mantissa} * mantissa;
    return static_cast<std::uint32_t>((square + 0xfffff) >> 20) * std::uint64_t{vm} <= all;
  };
  const bool more = reaches(m + 1), enough = reaches(m);
  return {more     ? m + 1
          : enough ? m
                   : m - 1,
          static_cast<std::uint32_t>(
              (98 - static_cast<int>(numerics::kSquareFractionBits) + n.zeros - z + p) / 2)};
}

// numerics::quant_factor.
STERNA_HOST_DEVICE constexpr numerics::Factor quant_factor(const FactorTables& tables,
                                                           std::uint32_t amax) {
  const int z = numerics::lz(amax);
  const std::uint32_t am = amax << z;
  const auto m =
      static_cast<std::uint32_t>((std::uint64_t{interpolate(tables.inverse, am)} * 127) >> 12);
  constexpr std::uint64_t kAll = std::uint64_t{127} << 50;
  const bool more = std::uint64_t{m + 1} * am <= kAll, enough = std::uint64_t{m} * am <= kAll;
  return {more ? m + 1 : enough ? m : m - 1, static_cast<std::uint32_t>(50 - z)};
}

}  // namespace sterna::cuda
