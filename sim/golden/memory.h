// SPDX-License-Identifier: Apache-2.0
// The byte memory that a simulated program runs against.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sterna::golden {

// `bytes()` bytes from address 0 on, all zero at first. Pages come into being when they are
// touched, so that the capacity of a real board costs nothing. An access that is not wholly inside
// is what hardware answers with a bus error.
class Memory {
 public:
  // Throws Error when the system has no address space for it.
  explicit Memory(std::uint64_t bytes);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  std::uint64_t bytes() const { return bytes_; }

  bool contains(std::uint64_t address, std::uint64_t bytes) const {
    return address <= bytes_ && bytes <= bytes_ - address;
  }

  // The bytes at `address`, or null when [address, address + bytes) is not inside.
  std::byte* at(std::uint64_t address, std::uint64_t bytes) {
    return contains(address, bytes) ? data_ + address : nullptr;
  }
  const std::byte* at(std::uint64_t address, std::uint64_t bytes) const {
    return contains(address, bytes) ? data_ + address : nullptr;
  }

 private:
  std::uint64_t bytes_ = 0;
  std::byte* data_ = nullptr;
};

}  // namespace sterna::golden
