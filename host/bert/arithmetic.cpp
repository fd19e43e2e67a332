// SPDX-License-Identifier: Apache-2.0
#include "host/bert/arithmetic.h"

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "support/error.h"
#include "support/multiversion.h"

namespace sterna::bert {
namespace {

// c[m, n] = alpha a[m, k] b, where b is [k, n], or [n, k] when `transposed`; rows begin ld apart.
struct Product {
  std::size_t m, n, k;
  float alpha;
  const float* a;
  std::size_t lda;
  const float* b;
  std::size_t ldb;
  bool transposed;
  float* c;
  std::size_t ldc;
};

void multiply(const Product& p) {
  const auto size = [](std::size_t value) { return static_cast<dnnl_dim_t>(value); };
  const dnnl_status_t status =
      dnnl_sgemm('N', p.transposed ? 'T' : 'N', size(p.m), size(p.n), size(p.k), p.alpha, p.a,
                 size(p.lda), p.b, size(p.ldb), 0.0f, p.c, size(p.ldc));
  if (status != dnnl_success) {
    throw Error("oneDNN: no product of {} x {} by {} (status {})", p.m, p.k, p.n,
                static_cast<int>(status));
  }
}

// Sums go side by side in so many accumulators, which the compiler makes vectors of.
constexpr std::size_t kSums = 32;

template <typename Term>
[[gnu::always_inline]] inline float sum(std::size_t count, Term&& term) {
  std::array<float, kSums> sums = {};
  std::size_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (std::size_t s = 0; s < kSums; ++s) sums[s] += term(i + s);
  }
  for (std::size_t s = 0; i < count; ++i, ++s) sums[s] += term(i);
  for (std::size_t half = kSums / 2; half > 0; half /= 2) {
    for (std::size_t s = 0; s < half; ++s) sums[s] += sums[s + half];
  }
  return sums[0];
}

// e^x for x <= 0, to 1e-7 of it; below -87 that of -87.
[[gnu::always_inline]] inline float exponential(float x) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: added and taken away, leaves an integer
  x = std::max(x, -87.0f);
  const float n = (x * 1.44269504f + kRound) - kRound;
  const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;  // ln 2 in two parts
  float p = 1.0f / 5040;
  for (const float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) {
    p = p * r + c;
  }
  return p * std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
}

STERNA_MULTIVERSION
void normalise_row(std::size_t width, const float* x, float* y, const float* weight,
                   const float* bias, float eps) {
  const float count = static_cast<float>(width);
  const float mean = sum(width, [&](std::size_t i) { return x[i]; }) / count;
  const float variance =
      sum(width, [&](std::size_t i) { return (x[i] - mean) * (x[i] - mean); }) / count;
  const float factor = 1.0f / std::sqrt(variance + eps);
  for (std::size_t i = 0; i < width; ++i) y[i] = (x[i] - mean) * factor * weight[i] + bias[i];
}

STERNA_MULTIVERSION
void softmax_row(std::size_t width, float* row) {
  const float most = *std::max_element(row, row + width);
  for (std::size_t i = 0; i < width; ++i) row[i] = exponential(row[i] - most);
  const float factor = 1.0f / sum(width, [&](std::size_t i) { return row[i]; });
  for (std::size_t i = 0; i < width; ++i) row[i] *= factor;
}

}  // namespace

void Dense::forward(std::size_t n, const float* x, float* y) const {
  multiply({n, outputs, inputs, 1.0f, x, inputs, weights.data(), inputs, true, y, outputs});
}

void LayerNorm::forward(std::size_t n, const float* x, float* y) const {
  const std::size_t width = weight.size();
  for (std::size_t i = 0; i < n; ++i) {
    normalise_row(width, x + i * width, y + i * width, weight.data(), bias.data(), eps);
  }
}

void softmax(std::size_t n, std::size_t width, float* rows) {
  for (std::size_t i = 0; i < n; ++i) softmax_row(width, rows + i * width);
}

void attend(std::size_t n, std::size_t heads, std::size_t head_width, const float* qkv,
            float* out) {
  const std::size_t token = 3 * heads * head_width, width = heads * head_width;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head_width));
  std::vector<float> weights(n * n);
  for (std::size_t h = 0; h < heads; ++h) {
    const float* query = qkv + h * 3 * head_width;
    const float *key = query + head_width, *value = key + head_width;
    multiply({n, n, head_width, scale, query, token, key, token, true, weights.data(), n});
    softmax(n, n, weights.data());
    multiply({n, head_width, n, 1.0f, weights.data(), n, value, token, false, out + h * head_width,
              width});
  }
}

void use_threads(unsigned threads) { omp_set_num_threads(static_cast<int>(threads)); }

}  // namespace sterna::bert
