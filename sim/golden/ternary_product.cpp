// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/ternary_product.h"

#include <algorithm>

#include "isa/instruction.h"
#include "isa/numerics.h"
#include "sim/golden/ternary_kernel.h"

namespace sterna::golden {

static_assert(kLineColumns == kLineBytes && kGroupRows == kTritsPerByte);
static_assert(kMaxLines * kLineColumns >= kMaxVectorLength);

TernaryProduct::TernaryProduct(std::span<const std::int32_t> words, std::uint32_t columns,
                               std::uint32_t amax, std::uint32_t imm, std::int32_t* out)
    : q_(q8_lines(columns) * kLineColumns),
      multiplier_(numerics::matmul_multiplier(amax, numerics::unpack_scale(imm), &saturated_)),
      out_(out) {
  const auto* q8 = reinterpret_cast<const std::int8_t*>(words.data());
  std::copy(q8, q8 + columns, q_.begin());
  for (std::uint32_t c = 0; c < columns; ++c) q_sum_ += q_[c];
}

void TernaryProduct::multiply_group(const std::uint8_t* group, std::uint32_t first_row,
                                    std::uint32_t rows) {
  std::int32_t sums[kGroupRows];
  ternary_group(group, q_.data(), q_.size() / kLineColumns, q_sum_, sums);
  for (std::uint32_t r = 0; r < rows; ++r) {
    out_[first_row + r] = numerics::matmul_output(sums[r], multiplier_, &saturated_);
  }
}

std::int32_t TernaryProduct::row(const std::uint8_t* group, std::uint32_t row) {
  std::int32_t sums[kGroupRows];
  ternary_group(group, q_.data(), q_.size() / kLineColumns, q_sum_, sums);
  return numerics::matmul_output(sums[row], multiplier_, &saturated_);
}

void multiply(std::span<const std::uint8_t* const> parts, std::uint32_t rows,
              std::span<TernaryProduct> products) {
  for (std::uint32_t row = 0, group = 0; row < rows; row += kGroupRows, ++group) {
    const auto count = std::min<std::uint32_t>(kGroupRows, rows - row);
    for (TernaryProduct& product : products) {
      const std::uint64_t place = group / parts.size() * product.group_bytes();
      product.multiply_group(parts[group % parts.size()] + place, row, count);
    }
  }
}

}  // namespace sterna::golden
