// SPDX-License-Identifier: Apache-2.0
// Roots and quotients of whole numbers by way of double: exact, and in a fraction of the time that
// a GPU takes for 64 bits.
#pragma once

#include <cmath>
#include <cstdint>

#include "isa/host_device.h"

namespace sterna::cuda {

// floor(sqrt(x)) of x < 2^52: double holds both, and rounding does not reach the next number.
struct DoubleRoot {
  STERNA_HOST_DEVICE std::uint32_t operator()(std::uint64_t x) const {
    return static_cast<std::uint32_t>(std::sqrt(static_cast<double>(x)));
  }
};

// floor(n / d) of n < 2^63 where it is below 2^33: double is off by one at most, which the rest
// tells.
struct DoubleQuotient {
  STERNA_HOST_DEVICE std::uint64_t operator()(std::uint64_t n, std::uint32_t d) const {
    const auto near = static_cast<std::uint64_t>(static_cast<double>(n) / static_cast<double>(d));
    const auto rest = static_cast<std::int64_t>(n - near * d);
    return rest < 0 ? near - 1 : rest >= std::int64_t{d} ? near + 1 : near;
  }
};

}  // namespace sterna::cuda
