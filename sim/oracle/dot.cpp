// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/dot.h"

#include "support/multiversion.h"

namespace sterna::oracle {

STERNA_MULTIVERSION
std::int32_t dot(const std::int8_t* a, const std::int8_t* b, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::int16_t{a[i]} * std::int16_t{b[i]};
  return sum;
}

}  // namespace sterna::oracle
