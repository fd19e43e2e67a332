// SPDX-License-Identifier: Apache-2.0
// 32-bit words in files, little endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sterna::assembly {

inline void put_word(std::vector<std::byte>& out, std::uint32_t word) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<std::byte>(word >> shift & 0xFF));
  }
}

inline std::uint32_t get_word(std::span<const std::byte> file, std::size_t offset) {
  std::uint32_t word = 0;
  for (unsigned i = 0; i < 4; ++i) {
    word |= std::to_integer<std::uint32_t>(file[offset + i]) << (8 * i);
  }
  return word;
}

}  // namespace sterna::assembly
