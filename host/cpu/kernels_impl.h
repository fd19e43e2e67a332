// SPDX-License-Identifier: Apache-2.0
// Kernels for one instruction set: included by one file for each, which is compiled with its flags.
// So that no code of theirs is linked into the rest of a program, nothing here has linkage, and
// what is called of others is inlined (STERNA_KERNEL).
#pragma once

// The intrinsics of GCC 12 begin with what is undefined.
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "host/cpu/kernels.h"
#include "host/cpu/product_impl.h"
#include "host/cpu/table_product_impl.h"
#include "host/plan/elements.h"
#include "isa/numerics.h"
#include "isa/symmetric_vectors.h"

// All calls inside are inlined.
#define STERNA_KERNEL [[gnu::flatten]]

// Before a loop no iteration of which depends on another, whatever its pointers are. Clang finds
// out as the loop begins.
#if defined(__clang__)
#define STERNA_NO_ALIAS
#else
#define STERNA_NO_ALIAS _Pragma("GCC ivdep")
#endif

namespace sterna::cpu {
namespace {

namespace elements = plan::elements;
using numerics::fix;

// d may be one of the sources, element for element. The function takes numerics' flag first, which
// nothing raises here.
template <typename Function, typename... Sources>
inline void map(std::size_t n, fix* d, Function function, const Sources*... sources) {
  bool* const no_flag = nullptr;
  STERNA_NO_ALIAS
  for (std::size_t i = 0; i < n; ++i) d[i] = function(no_flag, sources[i]...);
}

// The same of a function that may raise it; did it?
template <typename Function, typename... Sources>
inline bool map_clamped(std::size_t n, fix* d, Function function, const Sources*... sources) {
  std::int64_t clamped = 0;
  STERNA_NO_ALIAS
  for (std::size_t i = 0; i < n; ++i) d[i] = function(&clamped, sources[i]...);
  return clamped != 0;
}

STERNA_KERNEL bool add(std::size_t n, fix* d, const fix* a, const fix* b) {
  return map_clamped(n, d, elements::Add{}, a, b);
}
STERNA_KERNEL bool sub(std::size_t n, fix* d, const fix* a, const fix* b) {
  return map_clamped(n, d, elements::Sub{}, a, b);
}
STERNA_KERNEL bool mul(std::size_t n, fix* d, const fix* a, const fix* b) {
  return map_clamped(n, d, elements::Mul{}, a, b);
}
STERNA_KERNEL bool div(std::size_t n, fix* d, const fix* a, const fix* b) {
  return map_clamped(n, d, elements::Div{}, a, b);
}
STERNA_KERNEL bool exp(std::size_t n, fix* d, const fix* a) {
  return map_clamped(n, d, elements::Exp{numerics::kExp2Table}, a);
}
STERNA_KERNEL void sigmoid(std::size_t n, fix* d, const fix* a, int power) {
  const std::size_t done = numerics::sigmoid_vectors(n, d, a, power);
  map(n - done, d + done, elements::Sigmoid{power, numerics::kSigmoidTable}, a + done);
}
STERNA_KERNEL void silu(std::size_t n, fix* d, const fix* a, int power) {
  const std::size_t done = numerics::silu_vectors(n, d, a, power);
  map(n - done, d + done, elements::Silu{power, numerics::kSigmoidTable}, a + done);
}
STERNA_KERNEL void relu(std::size_t n, fix* d, const fix* a, int /*power*/) {
  map(n, d, elements::Relu{}, a);
}
STERNA_KERNEL void gelu(std::size_t n, fix* d, const fix* a, int power) {
  const std::size_t done = numerics::gelu_vectors(n, d, a, power);
  map(n - done, d + done, elements::Gelu{power, numerics::kPhiTable}, a + done);
}
STERNA_KERNEL bool gate(std::size_t n, fix* d, const fix* f, const fix* a, const fix* b) {
  return map_clamped(n, d, elements::Gate{}, f, a, b);
}

STERNA_KERNEL std::uint64_t sum_of_squares(std::size_t n, const fix* a) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += numerics::square(a[i]);
  return sum;
}
STERNA_KERNEL std::uint32_t largest(std::size_t n, const fix* a) {
  std::uint32_t most = 1;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t each = numerics::magnitude(a[i]);
    most = each > most ? each : most;
  }
  return most;
}
STERNA_KERNEL bool scale(std::size_t n, fix* d, const fix* a, numerics::Factor factor,
                         const fix* weight) {
  return map_clamped(n, d, elements::Scale(factor), a, weight);
}
STERNA_KERNEL void quantise(std::size_t n, std::int8_t* q, const fix* a, numerics::Factor factor) {
  const elements::Quantise each(factor);
  STERNA_NO_ALIAS
  for (std::size_t i = 0; i < n; ++i) q[i] = each(a[i]);
}

STERNA_KERNEL std::int32_t sum(std::size_t n, const std::int8_t* x) {
  std::int32_t all = 0;
  for (std::size_t i = 0; i < n; ++i) all += x[i];
  return all;
}

STERNA_KERNEL std::int32_t packed_row(const std::uint8_t* group, unsigned row, const std::int8_t* x,
                                      std::size_t n) {
  constexpr std::uint16_t kPowers[] = {1, 3, 9, 27, 81};
  const std::uint16_t power = kPowers[row];
  std::int32_t all = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto rest = static_cast<std::uint8_t>(group[i] * power);
    const auto digit = static_cast<std::int16_t>((rest * 3) >> 8);
    all += (digit - 1) * x[i];
  }
  return all;
}

STERNA_KERNEL void add_record(std::size_t n, std::int32_t* sums, const std::uint8_t* record,
                              const std::int8_t* q) {
  constexpr std::size_t kOutputs = 16, kNodes = 4;
  for (std::size_t first = 0; first < n; first += kOutputs) {
    for (std::size_t node = 0; node < kNodes; ++node, record += sizeof(std::int32_t)) {
      std::int32_t word;
      __builtin_memcpy(&word, record, sizeof word);
#if defined(__AVX2__)
      typedef std::int32_t Outputs __attribute__((vector_size(4 * kOutputs)));
      constexpr Outputs kShifts = {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30};
      Outputs all;
      __builtin_memcpy(&all, sums + first, sizeof all);
      const Outputs bits = (word - Outputs{}) >> kShifts;
      all += (bits & 1) * (1 - (bits & 2)) * q[node];  // isa/trees.h, unpack_output
      __builtin_memcpy(sums + first, &all, sizeof all);
#else
      for (std::size_t i = 0; i < kOutputs; ++i) {
        const std::int32_t bits = word >> 2 * i;
        sums[first + i] += (bits & 1) * (1 - (bits & 2)) * q[node];
      }
#endif
    }
  }
}

STERNA_KERNEL bool rescale(std::size_t n, fix* d, const std::int32_t* sums,
                           std::uint32_t multiplier) {
  return map_clamped(n, d, elements::Rescale{multiplier}, sums);
}

// Kernels::product_many, and from how many vectors on it is faster.
struct ManyProduct {
  std::size_t least = kNeverMany;
  decltype(Kernels::product_many) product = nullptr;
};

template <typename Sum, std::size_t kMost>
constexpr Kernels make_kernels(std::string_view name, ManyProduct many = {}) {
  return {.name = name,
          .add = add,
          .sub = sub,
          .mul = mul,
          .div = div,
          .sigmoid = sigmoid,
          .silu = silu,
          .relu = relu,
          .gelu = gelu,
          .exp = exp,
          .gate = gate,
          .sum_of_squares = sum_of_squares,
          .largest = largest,
          .scale = scale,
          .quantise = quantise,
          .sum = sum,
          .tile_columns = kMost,
          .product = product<Sum, kMost>,
          .least_many = many.least,
          .product_many = many.product,
          .packed_row = packed_row,
          .add_record = add_record,
          .rescale = rescale};
}

}  // namespace
}  // namespace sterna::cpu
