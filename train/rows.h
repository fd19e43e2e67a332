// SPDX-License-Identifier: Apache-2.0
// What the fused layers of fast.cpp and trees.h share: types, and a row's quantisation.
#pragma once
#include <torch/extension.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace sterna_train {

using torch::Tensor;
using half = uint16_t;  // the bits of a bfloat16

const auto kFloat = torch::kFloat32;
const auto kHalf = torch::kBFloat16;

inline float widen(half x) {
  const uint32_t bits = uint32_t(x) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

inline half narrow(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  return half((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

inline float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

inline float* floats(const Tensor& t) { return t.data_ptr<float>(); }
inline int8_t* bytes(const Tensor& t) { return t.data_ptr<int8_t>(); }
inline half* halves(const Tensor& t) { return reinterpret_cast<half*>(t.data_ptr<at::BFloat16>()); }

// y = z weight, quantised: the integers go to q, the scale is returned.
inline float quantize(const float* z, const float* weight, int64_t d, int8_t* q) {
  float top = 0;
  for (int64_t k = 0; k < d; ++k) top = std::max(top, std::abs(z[k] * weight[k]));
  const float scale = 127 / std::max(top, 1e-5f);
  for (int64_t k = 0; k < d; ++k) q[k] = int8_t(std::nearbyint(z[k] * weight[k] * scale));
  return scale;
}

// The gain |W| of a ternary matrix of `count` weights: a weight is worth -mean, 0 or mean.
inline float mean_of(const float* w, int64_t count) {
  double total = 0;
  for (int64_t begin = 0; begin < count; begin += 256) {
    float sum = 0;
    for (int64_t k = begin; k < std::min(count, begin + 256); ++k) sum += std::abs(w[k]);
    total += sum;
  }
  return std::max(float(total / count), 1e-5f);
}

inline int8_t trit(float w, float scale) {
  return int8_t(std::min(1.f, std::max(-1.f, std::nearbyint(w * scale))));
}

}  // namespace sterna_train
