// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/tree_walk.h"

#include <array>
#include <cstring>

#include "isa/numerics.h"

namespace sterna::golden {

bool TreeWalk::run(const Piece& piece) {
  for (std::uint32_t tree = 0; tree < trees_.trees; ++tree) {
    std::uint32_t x = 0;  // of the block among those of its tree at its depth
    for (std::uint32_t j = 0; j < trees_.blocks_on_path(); ++j) {
      const std::uint64_t number = trees_.block(j, tree, x);
      const std::uint32_t element = trees_.element(j, tree);
      const int decisions = block(number, out_ + element, piece);
      if (decisions < 0) return false;
      const auto taken = static_cast<std::uint32_t>(decisions);
      records_[element / kTreeBlockLevels] =
          static_cast<std::uint32_t>(number * kBlockRecords) + (taken >> 1);
      const std::uint32_t levels = trees_.block_levels(j);
      x = x << levels | taken >> (kTreeBlockLevels - levels);
    }
  }
  return true;
}

int TreeWalk::block(std::uint64_t number, std::int32_t* out, const Piece& piece) {
  const std::uint8_t* biases = piece(number, kBlockGroups);
  if (biases == nullptr) return -1;
  std::array<const std::uint8_t*, kBlockGroups> groups{};
  for (std::uint32_t g = 0; g < kBlockGroups; ++g) {
    groups[g] = piece(number, g);
    if (groups[g] == nullptr) return -1;
  }
  unsigned decisions = 0, place = 0;
  for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
    numerics::fix bias = 0;
    std::memcpy(&bias, biases + sizeof(bias) * place, sizeof(bias));
    const numerics::fix product =
        product_.row(groups[place / kTritsPerByte], place % kTritsPerByte);
    out[level] = numerics::add(product, bias, &saturated_);
    const unsigned right = out[level] > 0 ? 1 : 0;
    decisions = decisions << 1 | right;
    place = 2 * place + 1 + right;
  }
  return static_cast<int>(decisions);
}

void add_record(const std::uint8_t* record, std::span<const std::int8_t> q,
                std::span<std::int32_t> sums) {
  for (std::size_t r = 0; r < sums.size(); ++r) {
    const std::size_t bit = 2 * (r % kTreeOutputs);
    const std::uint8_t* byte = record + r / kTreeOutputs * q.size() * kTreeOutputBytes + bit / 8;
    for (std::size_t level = 0; level < q.size(); ++level) {
      const unsigned bits = byte[level * kTreeOutputBytes] >> bit % 8;
      sums[r] += q[level] * unpack_output(bits);
    }
  }
}

}  // namespace sterna::golden
