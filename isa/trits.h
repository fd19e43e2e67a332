// SPDX-License-Identifier: Apache-2.0
// Ternary matrices as they lie in memory: five rows in a byte, whole lines (docs/numerics.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sterna {

// Bytes that a matrix takes in memory, and the place of a group of five rows in them.
std::uint64_t packed_group_bytes(std::uint32_t cols);
std::uint64_t packed_bytes(std::uint32_t rows, std::uint32_t cols);

// Packs up to five rows, `trits` = count x cols, into one group of packed_group_bytes(cols);
// missing rows are zero.
void pack_group(std::span<const std::int8_t> trits, std::uint32_t cols, std::span<std::byte> out);
// The reverse for a whole matrix: `out` = rows x cols.
void unpack_matrix(std::span<const std::byte> packed, std::uint32_t rows, std::uint32_t cols,
                   std::span<std::int8_t> out);

// A whole matrix packed: trits = rows x cols.
std::vector<std::byte> pack_matrix(std::span<const std::int8_t> trits, std::uint32_t cols);

// What channel `channel` of `channels` holds of a packed matrix whose groups of rows take
// `group_bytes`: every channels-th group, filled up with zeros so that all parts are of one length.
void channel_part(std::span<const std::byte> packed, std::uint64_t group_bytes, unsigned channel,
                  unsigned channels, std::vector<std::byte>& part);

}  // namespace sterna
