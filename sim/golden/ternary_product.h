// SPDX-License-Identifier: Apache-2.0
// TMATMUL: a ternary matrix, striped over the channels, times the vectors of several lanes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sterna::golden {

// One lane's side of the product.
class TernaryProduct {
 public:
  // The vector is the first `columns` q8 elements of `words`, the register's scale is `amax`; `imm`
  // is the instruction's weight scale. `out`, which takes a fix element a row, must outlive this.
  TernaryProduct(std::span<const std::int32_t> words, std::uint32_t columns, std::uint32_t amax,
                 std::uint32_t imm, std::int32_t* out);

  // Rows first_row.. (at most five of them) from their packed group.
  void multiply_group(const std::uint8_t* group, std::uint32_t first_row, std::uint32_t rows);

  // Row `row` of a packed group, alone.
  std::int32_t row(const std::uint8_t* group, std::uint32_t row);

  // Did a result, or the factor of all, have to be clamped?
  bool saturated() const { return saturated_; }

  std::uint64_t group_bytes() const { return q_.size(); }

 private:
  std::vector<std::int16_t> q_;  // 16 bits wide, zeros up to a whole line: as the kernel wants it
  std::int32_t q_sum_ = 0;
  bool saturated_ = false;
  std::uint32_t multiplier_ = 0;
  std::int32_t* out_;
};

// All rows for every lane. parts[c] is channel c's part of the matrix: row group g is the
// (g / channels)-th of channel g mod channels. All products have the same number of columns.
void multiply(std::span<const std::uint8_t* const> parts, std::uint32_t rows,
              std::span<TernaryProduct> products);

}  // namespace sterna::golden
