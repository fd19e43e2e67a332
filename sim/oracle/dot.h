// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace sterna::oracle {

// Sum of a[i] * b[i] over n int8 values, exact for n up to 2^17.
std::int32_t dot(const std::int8_t* a, const std::int8_t* b, std::size_t n);

}  // namespace sterna::oracle
