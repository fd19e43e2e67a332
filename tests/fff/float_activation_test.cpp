// SPDX-License-Identifier: Apache-2.0
// Activations of each set of kernels against double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "tests/fff/kernels.h"

namespace sterna::fff {
namespace {

double exact(Activation activation, double x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return std::max(0.0, x);
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kGelu:
      return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
  }
  return 0;
}

TEST(FloatActivation, FollowsDoublePrecision) {
  for (const FloatKernels* kernels : tested_float_kernels()) {
    for (const Activation activation :
         {Activation::kNone, Activation::kRelu, Activation::kSilu, Activation::kGelu}) {
      SCOPED_TRACE(fmt::format("{} {}", kernels->name, static_cast<int>(activation)));
      alignas(64) float values[kRowAlign];
      for (int block = 0; block < 320; ++block) {  // from -20 to 20
        const float from = static_cast<float>(block) * 0.125f - 20 + 1e-3f;
        for (std::size_t i = 0; i < kRowAlign; ++i)
          values[i] = from + 0.0078125f * static_cast<float>(i);
        float given[kRowAlign];
        std::copy_n(values, kRowAlign, given);
        kernels->activate(activation, values, kRowAlign);
        for (std::size_t i = 0; i < kRowAlign; ++i) {
          const double want = exact(activation, given[i]);
          // Relative, down into the tails: e^-x's argument has itself only 24 bits.
          const double scale = std::abs(want) * (1 + given[i] * given[i] / 8);
          ASSERT_NEAR(values[i], want, 4e-7 * scale + 1e-37) << given[i];
        }
      }
    }
  }
}

TEST(FloatActivation, KeepsItsHeadAtTheEnds) {
  constexpr float kHuge = std::numeric_limits<float>::max(),
                  kNan = std::numeric_limits<float>::quiet_NaN();
  for (const FloatKernels* kernels : tested_float_kernels()) {
    for (const Activation activation : {Activation::kSilu, Activation::kGelu}) {
      SCOPED_TRACE(fmt::format("{} {}", kernels->name, static_cast<int>(activation)));
      alignas(64) float values[kRowAlign] = {kHuge, 100, 1e9f, 0, -0.0f, -100, kNan};
      kernels->activate(activation, values, kRowAlign);
      EXPECT_EQ(values[0], kHuge);
      EXPECT_EQ(values[1], 100);
      EXPECT_EQ(values[2], 1e9f);
      EXPECT_EQ(values[3], 0);
      EXPECT_EQ(values[4], 0);
      EXPECT_NEAR(values[5], 0, 1e-30);
      EXPECT_TRUE(std::isnan(values[6]));
    }
  }
}

}  // namespace
}  // namespace sterna::fff
