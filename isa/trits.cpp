// SPDX-License-Identifier: Apache-2.0
#include "isa/trits.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "isa/instruction.h"
#include "isa/numerics.h"

namespace sterna {
namespace {

// Five zero trits.
constexpr std::int8_t kZeros[kTritsPerByte] = {};
constexpr std::byte kZeroGroup{numerics::pack_trits(kZeros)};

}  // namespace

std::uint64_t packed_group_bytes(std::uint32_t cols) { return kLineBytes * q8_lines(cols); }

std::uint64_t packed_bytes(std::uint32_t rows, std::uint32_t cols) {
  return kLineBytes * matrix_lines(rows, cols);
}

void pack_group(std::span<const std::int8_t> trits, std::uint32_t cols, std::span<std::byte> out) {
  const std::size_t rows = trits.size() / cols;
  for (std::size_t c = 0; c < out.size(); ++c) {
    std::array<std::int8_t, kTritsPerByte> column{};
    for (std::size_t r = 0; r < rows && c < cols; ++r) column[r] = trits[r * cols + c];
    out[c] = static_cast<std::byte>(numerics::pack_trits(column.data()));
  }
}

void unpack_matrix(std::span<const std::byte> packed, std::uint32_t rows, std::uint32_t cols,
                   std::span<std::int8_t> out) {
  const std::uint64_t group = packed_group_bytes(cols);
  for (std::uint32_t first = 0; first < rows; first += kTritsPerByte) {
    const auto bytes = packed.subspan(first / kTritsPerByte * group, group);
    const std::uint32_t count = std::min(kTritsPerByte, rows - first);
    for (std::uint32_t c = 0; c < cols; ++c) {
      std::array<std::int8_t, kTritsPerByte> column;
      numerics::unpack_trits(std::to_integer<std::uint8_t>(bytes[c]), column.data());
      for (std::uint32_t r = 0; r < count; ++r) {
        out[(first + r) * std::size_t{cols} + c] = column[r];
      }
    }
  }
}

std::vector<std::byte> pack_matrix(std::span<const std::int8_t> trits, std::uint32_t cols) {
  const auto rows = static_cast<std::uint32_t>(trits.size() / cols);
  std::vector<std::byte> packed(packed_bytes(rows, cols));
  std::span<std::byte> rest = packed;
  while (!trits.empty()) {
    const std::size_t count = std::min(trits.size(), std::size_t{kTritsPerByte} * cols);
    pack_group(trits.first(count), cols, rest.first(packed_group_bytes(cols)));
    rest = rest.subspan(packed_group_bytes(cols));
    trits = trits.subspan(count);
  }
  return packed;
}

void channel_part(std::span<const std::byte> packed, std::uint64_t group_bytes, unsigned channel,
                  unsigned channels, std::vector<std::byte>& part) {
  const std::uint64_t groups = packed.size() / group_bytes;
  part.assign((groups + channels - 1) / channels * group_bytes, kZeroGroup);
  for (std::uint64_t g = channel, to = 0; g < groups; g += channels, ++to) {
    std::memcpy(part.data() + to * group_bytes, packed.data() + g * group_bytes, group_bytes);
  }
}

}  // namespace sterna
