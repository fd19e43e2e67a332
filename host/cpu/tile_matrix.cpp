// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/tile_matrix.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "isa/instruction.h"
#include "isa/numerics.h"

namespace sterna::cpu {
namespace {

constexpr std::size_t kPlaneRows = 16;

// The digits of a packed byte, the first row's first.
constexpr auto kDigits = [] {
  std::array<std::array<std::uint8_t, kTritsPerByte>, 256> digits{};
  for (unsigned byte = 0; byte < digits.size(); ++byte) {
    std::int8_t trits[kTritsPerByte] = {};
    numerics::unpack_trits(static_cast<std::uint8_t>(byte), trits);
    for (unsigned i = 0; i < kTritsPerByte; ++i) {
      digits[byte][i] = static_cast<std::uint8_t>(trits[i] + 1);
    }
  }
  return digits;
}();

}  // namespace

TileMatrix::TileMatrix(std::span<const std::uint8_t* const> parts, std::size_t rows,
                       std::size_t columns)
    : rows_(rows),
      quads_((columns + kQuad - 1) / kQuad),
      storage_((rows + kTileRows - 1) / kTileRows * quads_ * kTileBytes) {
  auto* const out = reinterpret_cast<std::uint8_t*>(storage_.data());
  // Digits of zero where there are no rows or columns.
  std::memset(out, 0x55, storage_.size());
  const std::size_t group_bytes = q8_lines(columns) * kLineBytes;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t group = row / kTritsPerByte, within = row % kTileRows;
    const std::uint8_t* packed = parts[group % parts.size()] + group / parts.size() * group_bytes;
    std::uint8_t* to = out + row / kTileRows * tile_bytes() + kQuad * (within % kPlaneRows);
    const unsigned shift = 2 * static_cast<unsigned>(within / kPlaneRows);
    for (std::size_t c = 0; c < columns; ++c) {
      std::uint8_t& byte = to[c / kQuad * kTileBytes + c % kQuad];
      const unsigned digit = kDigits[packed[c]][row % kTritsPerByte];
      byte = static_cast<std::uint8_t>((byte & ~(3u << shift)) | digit << shift);
    }
  }
}

std::size_t TileMatrix::rows_written(std::size_t t) const {
  constexpr std::size_t kLineElements = kLineBytes / 4;
  return std::min(kTileRows, fix_lines(rows_) * kLineElements - t * kTileRows);
}

}  // namespace sterna::cpu
