// SPDX-License-Identifier: Apache-2.0
// NORM's and QUANT's factors from tables, beside those of the definition.
#include "host/cuda/factors.h"

#include <gtest/gtest.h>

#include <random>

namespace sterna::cuda {
namespace {

TEST(Factors, OfQuantAreExact) {
  const FactorTables tables = make_factor_tables();
  std::mt19937_64 random(3);
  const auto expect_same = [&](std::uint32_t amax) {
    const numerics::Factor wanted = numerics::quant_factor(amax);
    const numerics::Factor got = quant_factor(tables, amax);
    ASSERT_EQ(got.mantissa, wanted.mantissa) << amax;
    ASSERT_EQ(got.shift, wanted.shift) << amax;
  };
  for (std::uint32_t amax = 1; amax < 5000; ++amax) expect_same(amax);
  for (int i = 0; i < 1000000; ++i) {
    expect_same(static_cast<std::uint32_t>(random() >> 33 >> random() % 31) | 1);
  }
  // Where the quotient comes to a whole number, and beside it.
  for (std::uint64_t m = (std::uint64_t{127} << 50) >> 32; m < std::uint64_t{127} << 19; m += 977) {
    for (std::uint64_t d = 0; d < 2; ++d) {
      const std::uint64_t am = (std::uint64_t{127} << 50) / m + d;
      if (am >> 31 == 1) expect_same(static_cast<std::uint32_t>(am >> 1));
    }
  }
  // The ends of the table's steps.
  for (std::uint32_t i = 0; i < 256; ++i) {
    for (const std::uint32_t d : {0u, 1u, (1u << 22) - 1, 1u << 21}) {
      expect_same((1u << 30) + (i << 22) + d);
    }
  }
  expect_same(numerics::kFixMax);
}

TEST(Factors, OfNormsAreExact) {
  const FactorTables tables = make_factor_tables();
  std::mt19937_64 random(4);
  const auto expect_same = [&](std::uint64_t squares, std::uint32_t n, std::uint32_t eps,
                               int lift) {
    const numerics::Factor wanted = numerics::norm_factor(squares, n, eps, lift);
    const numerics::Factor got = norm_factor(tables, squares, norm_length(n), eps, lift);
    ASSERT_EQ(got.mantissa, wanted.mantissa) << squares << " of " << n;
    ASSERT_EQ(got.shift, wanted.shift) << squares << " of " << n;
  };
  for (int i = 0; i < 1000000; ++i) {
    const std::uint32_t n = i % 3 == 0 ? 1024 : 1 + static_cast<std::uint32_t>(random() % 8192);
    const int lift = static_cast<int>(random() % 25) - 15;
    expect_same(random() >> 1 >> random() % 63, n,
                static_cast<std::uint32_t>(random() >> 32 >> random() % 32), lift);
  }
  for (const std::uint32_t n : {1u, 2u, 3u, 256u, 1024u, 2560u, 2816u, 6912u, 8191u, 8192u}) {
    for (std::uint32_t i = 0; i < 512; ++i) {
      for (const std::uint64_t d :
           {std::uint64_t{0}, std::uint64_t{1}, (std::uint64_t{1} << 54) - 1}) {
        expect_same(
            (std::uint64_t{1} << 62) / (1 + i % 2) + (std::uint64_t{i / 2} << 54) / (1 + i % 2) + d,
            n, 0, 0);
      }
    }
    // A quotient that is a square, or just not.
    for (std::uint64_t m = 1 << 15; m < 1 << 16; m += 37) {
      const std::uint64_t scaled = std::uint64_t{n} << (numerics::lz(n) - 16);
      const std::uint64_t v = (scaled << 46) / ((m * m) << 0);
      for (const std::uint64_t each : {v - 1, v, v + 1}) expect_same(each << 20, n, 0, 0);
    }
    expect_same(0, n, 0, 0);
  }
}

}  // namespace
}  // namespace sterna::cuda
