#include "sim/oracle/dot.h"

// The loader picks the widest version that the processor has.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define STERNA_MULTIVERSION \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define STERNA_MULTIVERSION
#endif

namespace sterna {

STERNA_MULTIVERSION
std::int32_t dot(const std::int8_t* a, const std::int8_t* b, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::int16_t{a[i]} * std::int16_t{b[i]};
  return sum;
}

}  // namespace sterna
