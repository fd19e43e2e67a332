// SPDX-License-Identifier: Apache-2.0
// What the host computes, against the words of docs/numerics.md.
#include "host/model/quantise.h"

#include <cmath>
#include <random>

#include "tests/host/test_folder.h"

namespace sterna::model {
namespace {

TEST(Quantise, RoundsFixToEvenAndSaturates) {
  constexpr double kStep = 1.0 / numerics::kOne;
  EXPECT_EQ(to_fix(1.0), numerics::kOne);
  EXPECT_EQ(to_fix(0.5 * kStep), 0);
  EXPECT_EQ(to_fix(1.5 * kStep), 2);
  EXPECT_EQ(to_fix(-2.5 * kStep), -2);
  EXPECT_EQ(to_fix(1e9), numerics::kFixMax);
  EXPECT_EQ(to_fix(-1e9), numerics::kFixMin);
}

TEST(Quantise, TritsFollowTheDefinition) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 0.05f);
  for (const float mean : {0.04f, 1e-7f, 3.0f}) {
    std::vector<float> weights(1000);
    for (float& w : weights) w = normal(random);
    weights[0] = mean / 2;  // a tie: to even, which is zero
    weights[1] = -mean / 2;
    std::vector<std::int8_t> trits(weights.size());
    quantise_row(weights, mean, trits);
    const float scale = 1.0f / std::max(mean, 1e-5f);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const float rounded = std::nearbyint(weights[i] * scale);
      EXPECT_EQ(trits[i], static_cast<int>(std::min(1.0f, std::max(-1.0f, rounded)))) << i;
    }
  }
}

TEST(Quantise, ScaleImmediatesAreLegalAndClose) {
  for (const float mean : {0.0f, 1e-5f, 1e-3f, 0.0199f, 0.5f, 1.0f, 127.0f, 260000.0f}) {
    const std::uint32_t imm = scale_immediate(mean, "w");
    ASSERT_TRUE(numerics::valid_scale(imm)) << mean;
    const auto scale = numerics::unpack_scale(imm);
    const double wanted = static_cast<double>(std::max(mean, 1e-5f)) / 127;
    EXPECT_NEAR(std::ldexp(scale.mantissa, -static_cast<int>(scale.exponent)) / wanted, 1, 0x1p-24)
        << mean;
  }
  // The largest and the smallest mantissa.
  EXPECT_EQ(numerics::unpack_scale(scale_immediate(std::nextafter(127.0f, 0.0f), "w")).mantissa,
            0xFFFFFFu);
  EXPECT_EQ(numerics::unpack_scale(scale_immediate(127.0f, "w")).mantissa, 0x800000u);
  expect_error(error_of([] { scale_immediate(261000, "lm_head.weight"); }),
               "tensor lm_head.weight");
}

TEST(Quantise, LowerBoundsAreTheRunningSumWithoutTheFirstLayer) {
  // Two columns of three layers: softmax of (0, ln 2, ln 5) is (1, 2, 5) / 8.
  const float ln2 = std::log(2.0f), ln5 = std::log(5.0f);
  const std::vector<float> raw = {0, 100, ln2, 100, ln5, 100};
  const FloatTensor tensor{"lb", Dtype::kF32, {3, 2}, std::as_bytes(std::span(raw))};
  const std::vector<double> bounds = lower_bounds(tensor);
  const double expected[] = {0, 0, 2.0 / 8, 1.0 / 3, 7.0 / 8, 2.0 / 3};
  for (std::size_t i = 0; i < bounds.size(); ++i) EXPECT_NEAR(bounds[i], expected[i], 1e-7) << i;
}

TEST(Quantise, PackingIsUndoneForEveryShape) {
  std::mt19937 random(2);
  for (const std::uint32_t rows : {1u, 4u, 5u, 6u, 11u}) {
    for (const std::uint32_t cols : {1u, 63u, 64u, 65u, 130u}) {
      std::vector<std::int8_t> trits(rows * cols);
      for (auto& t : trits) t = static_cast<std::int8_t>(static_cast<int>(random() % 3) - 1);
      std::vector<std::byte> packed;
      for (std::uint32_t r = 0; r < rows; r += 5) {
        std::vector<std::byte> group(packed_group_bytes(cols));
        pack_group(std::span(trits).subspan(r * cols, std::min(5u, rows - r) * cols), cols, group);
        packed.insert(packed.end(), group.begin(), group.end());
      }
      ASSERT_EQ(packed.size(), packed_bytes(rows, cols));
      EXPECT_EQ(packed.size() % 64, 0u);
      std::vector<std::int8_t> back(trits.size());
      unpack_matrix(packed, rows, cols, back);
      EXPECT_EQ(back, trits) << rows << " x " << cols;
      if (cols % 64 != 0) {
        EXPECT_EQ(std::to_integer<int>(packed[cols]), 128) << "filled up with zeros";
      }
    }
  }
}

}  // namespace
}  // namespace sterna::model
