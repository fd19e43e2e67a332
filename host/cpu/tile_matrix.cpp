// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/tile_matrix.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "isa/instruction.h"
#include "support/multiversion.h"

namespace sterna::cpu {
namespace {

constexpr std::size_t kLineElements = kLineBytes / 4;
constexpr std::uint8_t kZeros = 0x55;  // four digits of trits that are zero
constexpr std::size_t kPlanes = 4, kPlaneRows = kTileRows / kPlanes;

// bytes[c] |= the digit of row `row` of a packed group, in the two bits of a plane.
STERNA_MULTIVERSION
void add_digits(const std::uint8_t* group, std::size_t columns, unsigned row, unsigned plane,
                std::uint8_t* bytes) {
  constexpr std::uint16_t kPowers[kTritsPerByte] = {1, 3, 9, 27, 81};
  const std::uint16_t power = kPowers[row];
  for (std::size_t c = 0; c < columns; ++c) {
    const auto rest = static_cast<std::uint8_t>(group[c] * power);
    const auto digit = static_cast<std::uint8_t>((rest * 3) >> 8);
    bytes[c] = static_cast<std::uint8_t>(bytes[c] | digit << 2 * plane);
  }
}

}  // namespace

TileMatrix::TileMatrix(std::span<const std::uint8_t* const> parts, std::size_t rows,
                       std::size_t columns, Team& team, Share share)
    : rows_(rows),
      quads_((columns + kQuad - 1) / kQuad),
      share_(share),
      storage_(tiles() * quads_ * kTileBytes) {
  const std::size_t group_bytes = q8_lines(columns) * kLineBytes;
  team.run(static_cast<std::uint32_t>(tiles()), [&](std::uint32_t t) {
    std::vector<std::uint8_t> bytes(quads_ * kQuad);  // of the four rows that share them
    auto* const out = reinterpret_cast<std::uint8_t*>(storage_.data()) + t * tile_bytes();
    for (std::size_t i = 0; i < kPlaneRows; ++i) {
      // Digits of zero where there are no columns, below where there are no rows.
      std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(columns), bytes.end(), kZeros);
      for (unsigned plane = 0; plane < kPlanes; ++plane) {
        const std::size_t row = first_row(t) + plane * kPlaneRows + i;
        const std::size_t group = row / kTritsPerByte;
        if (row < rows_) {
          add_digits(parts[group % parts.size()] + group / parts.size() * group_bytes, columns,
                     static_cast<unsigned>(row % kTritsPerByte), plane, bytes.data());
        } else {
          for (std::uint8_t& byte : bytes) {
            byte = static_cast<std::uint8_t>(byte | (kZeros & 3 << 2 * plane));
          }
        }
      }
      for (std::size_t q = 0; q < quads_; ++q) {
        std::memcpy(out + q * kTileBytes + i * kQuad, &bytes[q * kQuad], kQuad);
      }
    }
  });
}

std::size_t TileMatrix::rows_written(std::size_t t) const {
  return std::min(kTileRows, fix_lines(rows_) * kLineElements - first_row(t));
}

Range TileMatrix::rows_of(Share share) const {
  const Range tiles = tiles_of(share);
  const std::size_t all = fix_lines(rows_) * kLineElements;
  return {std::min(all, tiles.first * kTileRows), std::min(all, tiles.end * kTileRows)};
}

Range TileMatrix::tiles_of(Share share) const {
  const std::size_t all = (rows_ + kTileRows - 1) / kTileRows;
  return {all * share.rank / share.size, all * (share.rank + 1) / share.size};
}

}  // namespace sterna::cpu
