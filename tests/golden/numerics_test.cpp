// SPDX-License-Identifier: Apache-2.0
// Every operation of docs/numerics.md against long double, with the error bounds that the page
// states.
#include "isa/numerics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace sterna::numerics {
namespace {

constexpr long double kRealOne = kOne;

// Values at which saturation, signs and rounding change, and a few thousand random ones of all
// magnitudes.
std::vector<fix> interesting_values(unsigned seed, int random_count) {
  std::vector<fix> values = {0,        1,           -1,          2,       -2,         kOne / 2 - 1,
                             kOne / 2, -kOne / 2,   kOne - 1,    kOne,    kOne + 1,   1 - kOne,
                             -kOne,    -kOne - 1,   1 << 30,     1 << 16, -(1 << 30), 46341,
                             kFixMax,  kFixMax - 1, kFixMin + 1, kFixMin};
  std::mt19937 random(seed);
  for (int i = 0; i < random_count; ++i) {
    values.push_back(static_cast<fix>(random()) >> (random() % 32));
  }
  return values;
}

long double saturate(long double x) {
  return std::min<long double>(std::max<long double>(x, kFixMin), kFixMax);
}

TEST(Numerics, RoundingShiftRoundsHalvesUp) {
  EXPECT_EQ(rs(5, 0), 5);
  EXPECT_EQ(rs(3, 1), 2);
  EXPECT_EQ(rs(-3, 1), -1);
  EXPECT_EQ(rs(-1, 1), 0);
  EXPECT_EQ(rs(std::int64_t{1} << 62, 62), 1);
  for (const fix x : interesting_values(1, 300)) {
    for (unsigned t = 0; t < 40; ++t) {
      EXPECT_EQ(static_cast<long double>(rs(x, t)),
                std::floor(std::ldexp(x, -static_cast<int>(t)) + 0.5L))
          << x << " >> " << t;
    }
  }
}

TEST(Numerics, AddSubMulDivAreExactUpToTheirOneRounding) {
  const std::vector<fix> values = interesting_values(2, 1500);
  for (const fix a : values) {
    for (std::size_t j = 0; j < values.size(); j += 3) {
      const fix b = values[j];
      const long double la = a, lb = b;
      ASSERT_EQ(add(a, b), saturate(la + lb)) << a << " " << b;
      ASSERT_EQ(sub(a, b), saturate(la - lb)) << a << " " << b;
      ASSERT_EQ(mul(a, b), saturate(std::floor(la * lb / kRealOne + 0.5L))) << a << " " << b;
      if (b != 0) {
        // In integers: the quotient of long doubles could round up to the next integer.
        const std::int64_t numerator = std::int64_t{a} * kOne;
        const std::int64_t magnitude = std::abs(numerator) / std::abs(std::int64_t{b});
        ASSERT_EQ(div(a, b), sat32((numerator < 0) != (b < 0) ? -magnitude : magnitude))
            << a << " " << b;
      }
    }
    EXPECT_EQ(div(a, 0), a >= 0 ? kFixMax : kFixMin);
  }
}

TEST(Numerics, GateMixesItsTwoInputs) {
  EXPECT_EQ(gate(0, 700000, -300000), -300000);
  EXPECT_EQ(gate(kOne, 700000, -300000), 700000);
  EXPECT_EQ(gate(kOne / 2, 700000, -300000), 200000);
  EXPECT_EQ(gate(kOne, kFixMax, kFixMin), -1);  // the difference saturates: min + max
  for (const fix a : interesting_values(3, 200)) {
    for (fix f = 0; f <= kOne; f += kOne / 16 - 15) {
      const fix b = a / 3 - 1000;
      const long double exact =
          b + static_cast<long double>(f) / kRealOne * (static_cast<long double>(a) - b);
      EXPECT_LE(std::abs(gate(f, a, b) - exact), 0.5L) << f << " " << a;
    }
  }
}

TEST(Numerics, SigmoidOfAllArguments) {
  long double worst = 0, beyond = 0;
  const auto look = [&](fix x) {
    const long double exact = 1 / (1 + std::exp(-(x / kRealOne)));
    long double& error = std::abs(x / kRealOne) < 16 ? worst : beyond;
    error = std::max(error, std::abs(sigmoid(x) / kRealOne - exact));
  };
  // Every argument about the steps' ends, and every 37th between.
  constexpr fix kStep = kOne / 64;
  for (fix end = -17 * kOne; end <= 17 * kOne; end += kStep) {
    for (fix x = end - 20; x <= end + 20; ++x) look(x);
    for (fix x = end + 21; x < end + kStep - 20; x += 37) {
      look(x);
      ASSERT_EQ(sigmoid(x) + sigmoid(-x), kOne) << x;
      ASSERT_GE(sigmoid(x) + 1, sigmoid(x - 37)) << x;  // parabolas may meet a step apart
    }
  }
  for (const fix x : interesting_values(4, 2000)) look(x);
  EXPECT_LT(worst, 4e-8L);
  EXPECT_LT(beyond, 1.2e-7L);
  EXPECT_EQ(sigmoid(0), kOne / 2);
  EXPECT_EQ(sigmoid(kFixMax), kOne);
  EXPECT_EQ(sigmoid(kFixMin), 0);
}

TEST(Numerics, SiluIsTheProductWithSigmoid) {
  for (const fix x : interesting_values(5, 3000)) {
    const long double exact = x / kRealOne / (1 + std::exp(-(x / kRealOne)));
    EXPECT_LE(std::abs(silu(x) / kRealOne - exact),
              std::abs(x / kRealOne) * 1.2e-7L + 0.5L / kRealOne)
        << x;
  }
}

TEST(Numerics, SiluOfWhatIsHeldTimesAPowerOfTwo) {
  for (const int power : {-8, -3, 0, 2, 7}) {
    const double held = std::ldexp(1.0, power);
    for (const double x : {-20.0, -1.5, -0.001, 0.0, 0.3, 0.9, 5.0, 100.0}) {
      if (std::abs(x * held) >= 128) continue;
      const auto in = static_cast<fix>(std::lround(x * held * kOne));
      const double exact = in / (1 + std::exp(-in / held / kOne));
      // A step of the argument is 2^-power of fix's.
      EXPECT_LE(std::abs(silu(in, power) - exact), 2 + std::abs(in) * 1.2e-7 / std::min(held, 1.0))
          << x << " times 2^" << power;
    }
  }
  EXPECT_EQ(unpack_power(7), 7);
  EXPECT_EQ(unpack_power(8), -8);
  EXPECT_EQ(unpack_power(0xFFFFFFFF), -1);
}

TEST(Numerics, ReluAndTheExactGelu) {
  EXPECT_EQ(relu(kFixMax), kFixMax);
  EXPECT_EQ(relu(1), 1);
  EXPECT_EQ(relu(0), 0);
  EXPECT_EQ(relu(-1), 0);
  EXPECT_EQ(relu(kFixMin), 0);
  const auto exact = [](long double x) { return std::erfc(-x / std::sqrt(2.0L)) / 2; };
  long double worst = 0;
  for (fix x = -9 * kOne; x <= 9 * kOne; x += 997) {
    worst = std::max(worst, std::abs(phi(x) / kRealOne - exact(x / kRealOne)));
    ASSERT_EQ(phi(x) + phi(-x), kOne) << x;
  }
  EXPECT_LT(worst, 5e-8L);
  EXPECT_EQ(phi(0), kOne / 2);
  EXPECT_EQ(phi(8 * kOne - 1), kOne);
  EXPECT_EQ(phi(8 * kOne), kOne);
  EXPECT_EQ(phi(kFixMin), 0);
  EXPECT_EQ(gelu(kFixMax), kFixMax);
  EXPECT_EQ(gelu(kFixMin), 0);
  for (const fix x : interesting_values(6, 3000)) {
    for (const int power : {-8, -1, 0, 3, 7}) {
      const long double held = std::ldexp(1.0L, power);
      // A step of the argument is 2^-power of fix's.
      EXPECT_LE(std::abs(gelu(x, power) - x * exact(x / held / kRealOne)),
                2 + std::abs(static_cast<long double>(x)) * 1.2e-7L / std::min(held, 1.0L))
          << x << " times 2^" << power;
    }
  }
}

TEST(Numerics, WhatClampsSaysSo) {
  const auto clamped = [](auto function) {
    bool flag = false;
    function(&flag);
    return flag;
  };
  EXPECT_TRUE(clamped([](bool* c) { div(0, 0, c); }));
  EXPECT_FALSE(clamped([](bool* c) { div(kFixMin, kOne, c); }));
  EXPECT_TRUE(clamped([](bool* c) { div(kFixMin, -kOne, c); }));
  EXPECT_TRUE(clamped([](bool* c) { exp(5 * kOne, c); }));
  EXPECT_FALSE(clamped([](bool* c) { exp(4 * kOne, c); }));
  // The difference alone is beyond fix; what comes out is not.
  EXPECT_TRUE(clamped([](bool* c) { gate(0, kFixMax, kFixMin, c); }));
  EXPECT_TRUE(clamped([](bool* c) { matmul_multiplier(kFixMax, {0xFFFFFF, 13}, c); }));
}

TEST(Numerics, ExpStaysWithinItsRelativeError) {
  const auto look = [](fix x) {
    const long double exact = std::min<long double>(std::exp(x / kRealOne) * kRealOne, kFixMax);
    ASSERT_LE(std::abs(exp(x) - exact), 0.5L + 3e-7L * exact) << x;
  };
  for (fix x = -20 * kOne; x <= 6 * kOne; x += 197) look(x);
  for (const fix x : interesting_values(6, 3000)) look(x);
  EXPECT_EQ(exp(0), kOne);
  EXPECT_EQ(exp(kFixMax), kFixMax);
  EXPECT_EQ(exp(kFixMin), 0);
}

TEST(Numerics, IntegerRootIsTheFloor) {
  std::mt19937_64 random(7);
  const auto look = [](std::uint64_t x) {
    const std::uint64_t r = isqrt(x);
    ASSERT_LE(r * r, x);
    ASSERT_TRUE(r == 0xFFFFFFFF || (r + 1) * (r + 1) > x) << x;
  };
  for (std::uint64_t x = 0; x < 3000; ++x) look(x);
  for (int i = 0; i < 20000; ++i) look(random() >> (random() % 64));
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t root = (random() >> 32) | 1;
    look(root * root);
    look(root * root - 1);
  }
  look(~std::uint64_t{0});
}

TEST(Numerics, NormFactorIsTheInverseRoot) {
  std::mt19937_64 random(8);
  const auto look = [](std::uint64_t sum, std::uint32_t n, std::uint32_t eps) {
    const Factor f = norm_factor(sum, n, eps);
    ASSERT_LT(f.mantissa, 1u << 26);
    ASSERT_GE(f.shift, 2u);
    ASSERT_LE(f.shift, 38u);
    const std::uint64_t v = std::max<std::uint64_t>(256, sum + ((std::uint64_t{n} * eps) >> 4));
    const long double exact = 1 / std::sqrt(static_cast<long double>(v) / n * 0x1p-36L);
    const long double got =
        std::ldexp(static_cast<long double>(f.mantissa), -static_cast<int>(f.shift));
    ASSERT_LE(std::abs(got - exact), exact * 0x1p-24L) << sum << " " << n << " " << eps;
  };
  for (int i = 0; i < 100000; ++i) {
    const auto n = static_cast<std::uint32_t>(1 + random() % 8192);
    const std::uint64_t largest = square(kFixMax) * n;
    look((random() >> (random() % 64)) % (largest + 1), n,
         static_cast<std::uint32_t>(random() >> (32 + random() % 32)));
  }
  for (const std::uint32_t n : {1u, 2u, 3u, 1024u, 8191u, 8192u}) {
    for (const std::uint32_t eps : {0u, 1u, 1099512u, 0xFFFFFFFFu}) {
      look(0, n, eps);
      look(square(kFixMax) * n, n, eps);
    }
  }
}

TEST(Numerics, SquaresDoNotOverflow) {
  EXPECT_EQ(square(kOne), std::uint64_t{1} << 36);
  EXPECT_EQ(square(-kOne), std::uint64_t{1} << 36);
  EXPECT_EQ(square(kFixMin), square(kFixMax));
  EXPECT_LE(square(kFixMax), ~std::uint64_t{0} / 16384);  // room for eps
}

TEST(Numerics, NormMatchesRealArithmetic) {
  std::mt19937 random(9);
  std::normal_distribution<double> normal;
  for (const long double size : {0.001L, 0.1L, 20.0L}) {
    constexpr std::uint32_t kN = 320, kEps = 1099512;  // 1e-6
    std::vector<fix> x(kN), weight(kN);
    long double sum = 0;
    std::uint64_t fixed_sum = 0;
    for (std::uint32_t i = 0; i < kN; ++i) {
      x[i] = static_cast<fix>(normal(random) * size * kRealOne);
      weight[i] = static_cast<fix>((0.5 + (i % 7)) * kRealOne);
      sum += (x[i] / kRealOne) * (x[i] / kRealOne);
      fixed_sum += square(x[i]);
    }
    const Factor f = norm_factor(fixed_sum, kN, kEps);
    for (std::uint32_t i = 0; i < kN; ++i) {
      const long double exact = x[i] / std::sqrt(sum / kN + 1e-6L) * (weight[i] / kRealOne);
      // The factor's 2^-24, the squares' rounding (seen at the smallest size only), and two
      // roundings, the first of which the weight enlarges.
      const long double bound =
          std::abs(exact) * (0x1p-24L + 1e-8L * (0.1L / size)) + 0.5L * weight[i] / kRealOne + 0.5L;
      EXPECT_LE(std::abs(norm(x[i], f, weight[i]) - exact), bound) << size << " " << i;
    }
  }
}

TEST(Numerics, QuantFactorAndQuantRoundToTheNearestLevel) {
  const auto look = [](std::uint32_t amax) {
    const Factor f = quant_factor(amax);
    ASSERT_LT(f.mantissa, 1u << 26);
    const long double exact = 127.0L / amax;
    const long double got =
        std::ldexp(static_cast<long double>(f.mantissa), -static_cast<int>(f.shift));
    ASSERT_LE(std::abs(got - exact), exact * 0x1p-24L) << amax;
    for (int i = -64; i <= 64; ++i) {
      const auto x = static_cast<fix>(static_cast<std::int64_t>(amax) * i / 64);
      ASSERT_LE(std::abs(quant(x, f) - x * exact), 0.5L + 127 * 0x1p-24L) << amax << " " << x;
    }
    // The largest magnitude is always a whole +-127, whatever amax is.
    ASSERT_EQ(quant(static_cast<fix>(amax), f), 127);
    ASSERT_EQ(quant(-static_cast<fix>(amax), f), -127);
  };
  for (std::uint32_t amax = 1; amax < 5000; ++amax) look(amax);
  std::mt19937 random(10);
  for (int i = 0; i < 5000; ++i)
    look(static_cast<std::uint32_t>(1 + ((random() & 0x7FFFFFFE) >> (random() % 31))));
  look(kFixMax);
  EXPECT_EQ(quant(kFixMin, quant_factor(kFixMax)), -127);
  EXPECT_EQ(quant(kFixMax, quant_factor(1)), 127);  // clamps
}

TEST(Numerics, MatmulOutputFollowsTheRealProduct) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 200000; ++i) {
    const auto amax = static_cast<std::uint32_t>(1 + ((random() & 0x7FFFFFFE) >> (random() % 31)));
    const WeightScale scale{static_cast<std::uint32_t>(random() & 0xFFFFFF),
                            static_cast<std::uint32_t>(13 + random() % 51)};
    const auto acc =
        static_cast<std::int32_t>(static_cast<std::int64_t>(random() % 2080769) - 1040384) >>
        (random() % 20);
    const std::uint32_t mult = matmul_multiplier(amax, scale);
    const long double real_mult = std::ldexp(static_cast<long double>(amax) * scale.mantissa,
                                             12 - static_cast<int>(scale.exponent));
    if (real_mult < 4294967295.0L) {
      ASSERT_LE(std::abs(mult - real_mult), 0.5L);
    } else {
      ASSERT_EQ(mult, 0xFFFFFFFF);
    }
    ASSERT_EQ(matmul_output(acc, mult),
              saturate(std::floor(static_cast<long double>(acc) * mult / 4096 + 0.5L)));
  }
}

TEST(Numerics, WeightScaleLegality) {
  EXPECT_FALSE(valid_scale(pack_scale({1, 12})));
  EXPECT_TRUE(valid_scale(pack_scale({0, 13})));
  EXPECT_TRUE(valid_scale(pack_scale({0xFFFFFF, 63})));
  EXPECT_FALSE(valid_scale(1u << 30 | pack_scale({0, 20})));
  EXPECT_FALSE(valid_scale(1u << 31 | pack_scale({0, 20})));
  EXPECT_EQ(unpack_scale(pack_scale({0xABCDEF, 42})).mantissa, 0xABCDEFu);
  EXPECT_EQ(unpack_scale(pack_scale({0xABCDEF, 42})).exponent, 42u);
}

TEST(Numerics, EveryTritByte) {
  // A byte's five digits are those of floor(243 b / 256) in base three.
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::int8_t trits[5];
    unpack_trits(static_cast<std::uint8_t>(byte), trits);
    unsigned v = 243 * byte / 256;
    for (int i = 4; i >= 0; --i) {
      EXPECT_EQ(trits[i], static_cast<int>(v % 3) - 1) << byte << " trit " << i;
      v /= 3;
    }
  }
  for (unsigned v = 0; v < 243; ++v) {
    std::int8_t trits[5], back[5];
    unsigned rest = v;
    for (int i = 4; i >= 0; --i, rest /= 3)
      trits[i] = static_cast<std::int8_t>(static_cast<int>(rest % 3) - 1);
    unpack_trits(pack_trits(trits), back);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(trits[i], back[i]) << v;
  }
  const std::int8_t zeros[5] = {};
  EXPECT_EQ(pack_trits(zeros), 128);
}

}  // namespace
}  // namespace sterna::numerics
