// SPDX-License-Identifier: Apache-2.0
// Every set of kernels against isa/numerics.h, element by element.
#include "tests/cpu/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "host/cpu/tile_matrix.h"
#include "isa/instruction.h"
#include "isa/trees.h"
#include "support/error.h"

namespace sterna::cpu {
namespace {

using numerics::fix;

// Lengths below, at and above those of all vectors.
constexpr std::size_t kLengths[] = {1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 70, 257};

class KernelsTest : public testing::TestWithParam<const Kernels*> {
 protected:
  // Of every size, and where the arithmetic has its corners.
  fix value() {
    constexpr std::array kCorners = {0,
                                     1,
                                     -1,
                                     numerics::kOne,
                                     -numerics::kOne,
                                     numerics::kFixMax,
                                     numerics::kFixMin,
                                     numerics::kFixMin + 1};
    const auto bits = static_cast<std::uint32_t>(random_());
    if (bits % 16 == 0) return kCorners[bits / 16 % kCorners.size()];
    return static_cast<fix>(random_()) >> bits % 32;
  }
  std::vector<fix> values(std::size_t n) {
    std::vector<fix> all(n);
    std::ranges::generate(all, [&] { return value(); });
    return all;
  }
  std::vector<std::int8_t> bytes(std::size_t n) {
    std::vector<std::int8_t> all(n);
    std::ranges::generate(all, [&] { return static_cast<std::int8_t>(random_()); });
    return all;
  }

  // Whether the result takes the place of a source or not; beyond it nothing is written. kernel(n,
  // d, a, b, c) says whether something was clamped, reference(x, y, z, &clamped) of each element.
  template <typename Kernel, typename Reference>
  void expect_equal(Kernel kernel, Reference reference) {
    for (const std::size_t n : kLengths) {
      const std::vector<fix> a = values(n), b = values(n), c = values(n);
      std::vector<fix> expected(n);
      bool clamped = false;
      for (std::size_t i = 0; i < n; ++i) expected[i] = reference(a[i], b[i], c[i], &clamped);
      expected.push_back(77);
      std::vector<fix> d(n + 1, 77);
      ASSERT_EQ(kernel(n, d.data(), a.data(), b.data(), c.data()), clamped) << n;
      ASSERT_EQ(d, expected) << n;
      for (const std::vector<fix>* source : {&a, &b, &c}) {
        std::vector<fix> place = *source;
        place.push_back(77);
        const auto of = [&](const std::vector<fix>& v) {
          return &v == source ? place.data() : v.data();
        };
        kernel(n, place.data(), of(a), of(b), of(c));
        ASSERT_EQ(place, expected) << n << " in place";
      }
    }
  }
  template <typename Reference>
  void expect_equal(Kernels::Binary kernel, Reference reference) {
    expect_equal([&](std::size_t n, fix* d, const fix* a, const fix* b,
                     const fix*) { return kernel(n, d, a, b); },
                 [&](fix x, fix y, fix, bool* clamped) { return reference(x, y, clamped); });
  }
  template <typename Reference>
  void expect_equal(Kernels::Unary kernel, int power, Reference reference) {
    expect_equal(
        [&](std::size_t n, fix* d, const fix* a, const fix*, const fix*) {
          kernel(n, d, a, power);
          return false;
        },
        [&](fix x, fix, fix, bool*) { return reference(x); });
  }

  const Kernels& kernels_ = *GetParam();
  std::mt19937_64 random_{5};
};

TEST_P(KernelsTest, Elementwise) {
  for (int round = 0; round < 10; ++round) {
    expect_equal(kernels_.add, [](fix x, fix y, bool* flag) { return numerics::add(x, y, flag); });
    expect_equal(kernels_.sub, [](fix x, fix y, bool* flag) { return numerics::sub(x, y, flag); });
    expect_equal(kernels_.mul, [](fix x, fix y, bool* flag) { return numerics::mul(x, y, flag); });
    expect_equal(kernels_.div, [](fix x, fix y, bool* flag) { return numerics::div(x, y, flag); });
    expect_equal(kernels_.relu, 0, [](fix x) { return numerics::relu(x); });
    expect_equal([&](std::size_t n, fix* d, const fix* a, const fix*,
                     const fix*) { return kernels_.exp(n, d, a); },
                 [](fix x, fix, fix, bool* flag) { return numerics::exp(x, flag); });
    expect_equal([&](std::size_t n, fix* d, const fix* a, const fix* b,
                     const fix* c) { return kernels_.gate(n, d, a, b, c); },
                 [](fix f, fix x, fix y, bool* flag) { return numerics::gate(f, x, y, flag); });
  }
}

TEST_P(KernelsTest, SigmoidAndItsKin) {
  for (int power = -8; power <= 7; ++power) {
    expect_equal(kernels_.sigmoid, power, [&](fix x) { return numerics::sigmoid(x, power); });
    expect_equal(kernels_.silu, power, [&](fix x) { return numerics::silu(x, power); });
    expect_equal(kernels_.gelu, power, [&](fix x) { return numerics::gelu(x, power); });
  }
}

// Each parabola of the tables, from end to end, and what lies behind the last one.
TEST_P(KernelsTest, EveryStepOfTheTables) {
  constexpr fix kStep = 1 << numerics::kWayBits;
  std::vector<fix> x;
  for (fix step = -1040; step < 1040; ++step) {
    for (const fix way : {0, 1, kStep / 2 - 1, kStep / 2, kStep - 1})
      x.push_back(step * kStep + way);
  }
  std::vector<fix> d(x.size());
  kernels_.sigmoid(x.size(), d.data(), x.data(), 0);
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(d[i], numerics::sigmoid(x[i])) << x[i];
  kernels_.gelu(x.size(), d.data(), x.data(), 0);
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(d[i], numerics::gelu(x[i])) << x[i];
}

TEST_P(KernelsTest, Rms) {
  for (int round = 0; round < 200; ++round) {
    const std::size_t n = kLengths[random_() % std::size(kLengths)];
    const std::vector<fix> a = values(n), weight = values(n);
    std::uint64_t squares = 0;
    std::uint32_t largest = 1;
    for (const fix x : a) {
      squares += numerics::square(x);
      largest = std::max(largest, numerics::magnitude(x));
    }
    ASSERT_EQ(kernels_.sum_of_squares(n, a.data()), squares);
    ASSERT_EQ(kernels_.largest(n, a.data()), largest);

    const auto eps = static_cast<std::uint32_t>(random_());
    const int lift = static_cast<int>(random_() % 25) - 15;
    for (const numerics::Factor factor :
         {numerics::norm_factor(squares, static_cast<std::uint32_t>(n), eps, lift),
          numerics::norm_factor(0, 1, 0), numerics::lift_factor(lift)}) {
      std::vector<fix> d(n);
      bool clamped = false;
      const bool said = kernels_.scale(n, d.data(), a.data(), factor, weight.data());
      for (std::size_t i = 0; i < n; ++i) {
        ASSERT_EQ(d[i], numerics::norm(a[i], factor, weight[i], &clamped))
            << factor.mantissa << " " << factor.shift;
      }
      ASSERT_EQ(said, clamped);
    }
    // Also of another vector's largest magnitude, where results are clamped.
    for (const std::uint32_t amax :
         {largest, 1u, static_cast<std::uint32_t>(random_() >> 34 | 1)}) {
      const numerics::Factor factor = numerics::quant_factor(amax);
      std::vector<std::int8_t> q(n);
      kernels_.quantise(n, q.data(), a.data(), factor);
      for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(q[i], numerics::quant(a[i], factor)) << a[i];
    }
  }
}

TEST_P(KernelsTest, Sum) {
  for (const std::size_t n : {1u, 31u, 64u, 8192u}) {
    std::vector<std::int8_t> x(n, -128);
    EXPECT_EQ(kernels_.sum(n, x.data()), -128 * static_cast<std::int32_t>(n));
    x = bytes(n);
    std::int32_t sum = 0;
    for (const std::int8_t each : x) sum += each;
    EXPECT_EQ(kernels_.sum(n, x.data()), sum);
  }
}

// A matrix of any bytes, over 1, 2 and 4 channels, times vectors of any bytes.
TEST_P(KernelsTest, Product) {
  Team team(2);
  const AlignedBytes scratch(kManyScratchBytes);
  struct Shape {
    std::size_t rows, columns;
  };
  for (const Shape shape :
       {Shape{1, 1}, {5, 64}, {63, 130}, {64, 256}, {65, 7}, {200, 1000}, {1100, 30}, {20, 8192}}) {
    for (const std::size_t channels : {1u, 2u, 4u}) {
      const std::size_t group_bytes = q8_lines(shape.columns) * kLineBytes;
      const std::size_t groups =
          matrix_lines(shape.rows, shape.columns, channels) / q8_lines(shape.columns);
      std::vector<std::vector<std::int8_t>> memory;
      std::vector<const std::uint8_t*> parts;
      for (std::size_t c = 0; c < channels; ++c) {
        // Of the longest rows all weights are one, and vectors at an extreme: no sum is greater.
        memory.push_back(shape.columns == kMaxVectorLength
                             ? std::vector<std::int8_t>(groups * group_bytes, -1)
                             : bytes(groups * group_bytes));
        parts.push_back(reinterpret_cast<const std::uint8_t*>(memory.back().data()));
      }
      const TileMatrix matrix(parts, shape.rows, shape.columns, team);
      const std::size_t places = fix_lines(shape.rows) * kLineBytes / 4;
      // Each number of vectors that a call of product takes, and some of product_many's.
      std::vector<std::size_t> counts;
      for (std::size_t count = 1; count <= kernels_.tile_columns; ++count) counts.push_back(count);
      if (kernels_.product_many != nullptr) counts.insert(counts.end(), {9, 20, kManyColumns});
      for (const std::size_t count : counts) {
        std::vector<std::vector<std::int8_t>> x;
        std::vector<std::vector<fix>> out(count, std::vector<fix>(places + 1, 77));
        std::vector<ProductColumn> columns;
        bool said = false, clamped = false;
        for (std::size_t c = 0; c < count; ++c) {
          x.push_back(shape.columns != kMaxVectorLength
                          ? bytes(group_bytes)
                          : std::vector<std::int8_t>(group_bytes, c % 2 == 0 ? -128 : 127));
          columns.push_back({x.back().data(), kernels_.sum(matrix.quads() * kQuad, x.back().data()),
                             static_cast<std::uint32_t>(random_() >> random_() % 32), nullptr});
        }
        if (count > kernels_.tile_columns) {
          for (std::size_t c = 0; c < count; ++c) columns[c].out = out[c].data();
          said = kernels_.product_many(matrix.tile(0), matrix.quads(), columns.data(), count,
                                       places, scratch.data());
        }
        for (std::size_t t = 0; t < matrix.tiles() && count <= kernels_.tile_columns; ++t) {
          for (std::size_t c = 0; c < count; ++c) columns[c].out = out[c].data() + t * kTileRows;
          said |= kernels_.product(matrix.tile(t), matrix.quads(), columns.data(), count,
                                   matrix.rows_written(t));
        }
        for (std::size_t c = 0; c < count; ++c) {
          ASSERT_EQ(out[c][places], 77);
          for (std::size_t row = 0; row < places; ++row) {
            std::int32_t sum = 0;
            const std::size_t group = row / kTritsPerByte;
            for (std::size_t k = 0; k < shape.columns && row < shape.rows; ++k) {
              std::int8_t trits[kTritsPerByte];
              numerics::unpack_trits(parts[group % channels][group / channels * group_bytes + k],
                                     trits);
              sum += trits[row % kTritsPerByte] * x[c][k];
            }
            ASSERT_EQ(out[c][row], numerics::matmul_output(sum, columns[c].multiplier, &clamped))
                << shape.rows << " x " << shape.columns << ", " << channels << " channels, row "
                << row;
          }
        }
        ASSERT_EQ(said, clamped);
      }
    }
  }
}

TEST_P(KernelsTest, PackedRow) {
  for (const std::size_t n : kLengths) {
    const std::vector<std::int8_t> group = bytes(n), x = bytes(n);
    const auto* packed = reinterpret_cast<const std::uint8_t*>(group.data());
    for (unsigned row = 0; row < kTritsPerByte; ++row) {
      std::int32_t sum = 0;
      for (std::size_t i = 0; i < n; ++i) {
        std::int8_t trits[kTritsPerByte];
        numerics::unpack_trits(packed[i], trits);
        sum += trits[row] * x[i];
      }
      ASSERT_EQ(kernels_.packed_row(packed, row, x.data(), n), sum);
    }
  }
}

TEST_P(KernelsTest, RecordAndRescale) {
  for (const std::size_t n : {16u, 48u, 208u}) {
    const std::vector<std::int8_t> record = bytes(n), q = bytes(kTreeBlockLevels);
    const auto* packed = reinterpret_cast<const std::uint8_t*>(record.data());
    std::vector<std::int32_t> sums(n, 5);
    kernels_.add_record(n, sums.data(), packed, q.data());
    for (std::size_t r = 0; r < n; ++r) {
      std::int32_t sum = 5;
      for (std::size_t level = 0; level < kTreeBlockLevels; ++level) {
        const std::uint8_t byte =
            packed[(r / kTreeOutputs * kTreeBlockLevels + level) * kTreeOutputBytes +
                   r % kTreeOutputs / 4];
        sum += unpack_output(byte >> r % 4 * 2) * q[level];
      }
      ASSERT_EQ(sums[r], sum) << r;
    }
    const auto multiplier = static_cast<std::uint32_t>(random_());
    std::vector<fix> d(n);
    const std::vector<std::int32_t> any = values(n);
    const bool said = kernels_.rescale(n, d.data(), any.data(), multiplier);
    bool clamped = false;
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(d[i], numerics::matmul_output(any[i], multiplier, &clamped));
    }
    ASSERT_EQ(said, clamped);
  }
}

TEST(Kernels, TheEnvironmentChoosesThem) {
  const Kernels& last = *kernels().back();
  ::setenv("STERNA_CPU", std::string(last.name).c_str(), 1);
  EXPECT_EQ(&chosen_kernels(), &last);
  ::setenv("STERNA_CPU", "abacus", 1);
  EXPECT_THROW(chosen_kernels(), Error);
  ::unsetenv("STERNA_CPU");
  EXPECT_EQ(&chosen_kernels(), kernels().front());
}

INSTANTIATE_TEST_SUITE_P(Sets, KernelsTest, testing::ValuesIn(tested_kernels()),
                         [](const auto& each) { return std::string(each.param->name); });

}  // namespace
}  // namespace sterna::cpu
