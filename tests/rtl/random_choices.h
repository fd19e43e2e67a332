// SPDX-License-Identifier: Apache-2.0
// The random choices behind a program: where its instructions' values, lengths and data come from.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <random>

#include "isa/instruction.h"
#include "isa/numerics.h"

namespace sterna::rtl {

class RandomChoices {
 public:
  RandomChoices(std::uint64_t seed, std::uint32_t typical_length)
      : random_(seed), typical_length_(typical_length) {}

  std::mt19937_64& engine() { return random_; }

  // low..high, both included.
  template <typename T>
  T pick(T low, T high) {
    return std::uniform_int_distribution<T>(low, high)(random_);
  }
  template <typename T, std::size_t N>
  T one_of(const std::array<T, N>& values) {
    return values[pick(std::size_t{0}, N - 1)];
  }
  bool chance(unsigned percent) { return pick(0u, 99u) < percent; }
  std::uint32_t any_word() { return static_cast<std::uint32_t>(random_()); }

  // Small and large numbers, the extremes, and the neighbourhood in which exp and sigmoid bend.
  std::int32_t fix_value() {
    constexpr numerics::fix kSigmoidEnd = 16 * numerics::kOne;
    switch (pick(0, 9)) {
      case 0:
        return one_of(std::array{0, 1, -1, std::numeric_limits<std::int32_t>::max(),
                                 std::numeric_limits<std::int32_t>::min(),
                                 std::numeric_limits<std::int32_t>::min() + 1, kSigmoidEnd,
                                 -kSigmoidEnd, numerics::kOne / 2, -numerics::kOne / 2});
      case 1:
        return static_cast<std::int32_t>(any_word());  // anything
      case 2:
        return (1 << pick(0, 30)) * (chance(50) ? 1 : -1);
      case 3:
      case 4:
        return pick(-kSigmoidEnd, kSigmoidEnd);  // where exp and sigmoid bend
      case 5:
        return pick(-64, 64);
      default:
        return pick(-2 * numerics::kOne, 2 * numerics::kOne);
    }
  }

  // 1..limit, mostly short, often at or beside the end of a line.
  std::uint32_t length(std::uint32_t limit) {
    const std::uint32_t typical = std::min(limit, typical_length_);
    const unsigned kind = pick(0u, 99u);
    if (kind < 60) return pick(1u, typical);
    if (kind < 90) {
      const std::uint32_t edge = chance(50) ? kLineBytes / 4 : kLineBytes;
      const std::uint32_t n = edge * pick(1u, std::max(1u, 2 * typical / edge)) + pick(0u, 2u) - 1;
      return std::clamp(n, 1u, limit);
    }
    return kind < 95 ? limit : pick(1u, limit);
  }

 private:
  std::mt19937_64 random_;
  std::uint32_t typical_length_;
};

// An instruction with nothing but its opcode.
inline Instruction blank(Opcode op) {
  Instruction in;
  in.set(Field::kOp, static_cast<std::uint32_t>(op));
  return in;
}

}  // namespace sterna::rtl
