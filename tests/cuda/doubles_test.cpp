// SPDX-License-Identifier: Apache-2.0
// Quotients and roots by way of double, beside those of whole numbers.
#include "host/cuda/doubles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "isa/numerics.h"

namespace sterna::cuda {
namespace {

constexpr std::uint64_t kMostNumerator = (std::uint64_t{1} << 63) - 1;
constexpr std::uint64_t kMostQuotient = (std::uint64_t{1} << 33) - 1;

TEST(Doubles, QuotientsAreExact) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200000; ++i) {
    const auto d = static_cast<std::uint32_t>(random() >> 32 >> random() % 32 | 1);
    const std::uint64_t most = std::min(kMostNumerator / d, kMostQuotient);
    const std::uint64_t q = random() % (most + 1);
    // A multiple, one less, the last one before the next multiple, and any other.
    for (const std::uint64_t n :
         {q * d, q * d - (q == 0 ? 0 : 1), q * d + d - 1, q * d + random() % d}) {
      if (n > kMostNumerator) continue;
      ASSERT_EQ(DoubleQuotient{}(n, d), n / d) << n << " / " << d;
    }
  }
}

TEST(Doubles, RootsAreExact) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 200000; ++i) {
    const std::uint64_t root = random() % (1 << 26);
    for (const std::uint64_t x : {root * root, root * root + 2 * root, root * root + root}) {
      ASSERT_EQ(DoubleRoot{}(x), numerics::isqrt(x)) << x;
    }
  }
}

}  // namespace
}  // namespace sterna::cuda
