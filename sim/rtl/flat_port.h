// SPDX-License-Identifier: Apache-2.0
// Ports that are flat vectors of equal elements, as Verilator keeps them: little-endian words, the
// lowest bits first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sterna::rtl {

static_assert(std::endian::native == std::endian::little);

template <typename Port>
std::byte* bytes_of(Port& port) {
  return reinterpret_cast<std::byte*>(&port);
}
template <typename Port>
const std::byte* bytes_of(const Port& port) {
  return reinterpret_cast<const std::byte*>(&port);
}

// Element `index` of a vector whose elements have `bits` bits: whole bytes, or a vector of at most
// 64 bits in all.
template <std::size_t bits, typename Port>
std::uint64_t slice(const Port& port, unsigned index) {
  std::uint64_t value = 0;
  if constexpr (bits % 8 == 0) {
    std::memcpy(&value, bytes_of(port) + index * (bits / 8), bits / 8);
    return value;
  } else {
    static_assert(sizeof(Port) <= sizeof(value));
    std::memcpy(&value, &port, sizeof(Port));
    return value >> (bits * index) & ((std::uint64_t{1} << bits) - 1);
  }
}

template <std::size_t bits, typename Port>
void set_slice(Port& port, unsigned index, std::uint64_t value) {
  static_assert(bits % 8 != 0 && sizeof(Port) <= sizeof(value));
  const std::uint64_t ones = ((std::uint64_t{1} << bits) - 1) << (bits * index);
  std::uint64_t all = 0;
  std::memcpy(&all, &port, sizeof(Port));
  all = (all & ~ones) | (value << (bits * index) & ones);
  std::memcpy(&port, &all, sizeof(Port));
}

}  // namespace sterna::rtl
