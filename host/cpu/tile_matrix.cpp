// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/tile_matrix.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "isa/instruction.h"
#include "support/multiversion.h"

namespace sterna::cpu {
namespace {

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
                       std::size_t columns, Team& team)
    : rows_(rows),
      quads_((columns + kQuad - 1) / kQuad),
      storage_((rows + kTileRows - 1) / kTileRows * quads_ * kTileBytes) {
  const std::size_t group_bytes = q8_lines(columns) * kLineBytes;
  team.run(static_cast<std::uint32_t>(tiles()), [&](std::uint32_t t) {
    std::vector<std::uint8_t> bytes(quads_ * kQuad);  // of the four rows that share them
    auto* const out = reinterpret_cast<std::uint8_t*>(storage_.data()) + t * tile_bytes();
    for (std::size_t i = 0; i < kPlaneRows; ++i) {
      // Digits of zero where there are no columns, below where there are no rows.
      std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(columns), bytes.end(), kZeros);
      for (unsigned plane = 0; plane < kPlanes; ++plane) {
        const std::size_t row = t * kTileRows + plane * kPlaneRows + i;
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
  constexpr std::size_t kLineElements = kLineBytes / 4;
  return std::min(kTileRows, fix_lines(rows_) * kLineElements - t * kTileRows);
}

}  // namespace sterna::cpu
