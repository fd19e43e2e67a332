// SPDX-License-Identifier: Apache-2.0
// Where a branch leaves the residual stream and comes back to it, a row at a time: norms, the
// inputs of the BitLinears that share them, dropout, and the gradients through all of it.
//
// Names: N rows (tokens), d hidden size.
#pragma once
#include <cmath>
#include <vector>

#include "products.h"
#include "rows.h"

namespace sterna_train {

// z = x / rms(x); returns 1 / rms(x).
inline float normalize(const float* x, int64_t d, float eps, float* z) {
  float sum = 0;
  for (int64_t k = 0; k < d; ++k) sum += x[k] * x[k];
  const float r = 1 / std::sqrt(sum / d + eps);
  for (int64_t k = 0; k < d; ++k) z[k] = x[k] * r;
  return r;
}

// The gradient through z = x / rms(x), in place.
inline void normalize_backward(float* g, const float* z, float r, int64_t d) {
  float sum = 0;
  for (int64_t k = 0; k < d; ++k) sum += g[k] * z[k];
  sum /= d;
  for (int64_t k = 0; k < d; ++k) g[k] = r * (g[k] - z[k] * sum);
}

// The gradient that reaches z = x / rms(x) through y = z weight of one BitLinear, added to gz.
inline void bitlinear_backward(const half* product, float scale, const float* z,
                               const float* weight, int64_t d, float* grad_weight, float* gz) {
  for (int64_t k = 0; k < d; ++k) {
    const float gy = widen(product[k]) * scale;
    grad_weight[k] += gy * z[k];
    gz[k] += gy * weight[k];
  }
}

inline float kept(uint8_t noise, int threshold) {
  return noise >= threshold ? 256.f / (256 - threshold) : 0.f;
}

// Residual sum, norm, and the inputs of the BitLinears that share it. `h` becomes the sum.
struct Entry {
  Tensor h, outer, inner;        // the rows, and both norms' 1 / rms
  std::vector<Tensor> q, scale;  // one pair a BitLinear

  Entry(Tensor rows, const Tensor& norm, std::vector<Tensor> weights, float eps) : h(rows) {
    const int64_t n = h.size(0), d = h.size(1);
    outer = torch::empty(n, kFloat);
    inner = torch::empty(n, kFloat);
    for (size_t m = 0; m < weights.size(); ++m) {
      q.push_back(torch::empty({n, d}, torch::kInt8));
      scale.push_back(torch::empty(n, kFloat));
    }
    std::vector<float> z(d);
    for (int64_t row = 0; row < n; ++row) {
      floats(outer)[row] = normalize(floats(h) + row * d, d, eps, z.data());
      const float* w = floats(norm);
      for (int64_t k = 0; k < d; ++k) z[k] *= w[k];
      floats(inner)[row] = normalize(z.data(), d, eps, z.data());
      for (size_t m = 0; m < weights.size(); ++m)
        floats(scale[m])[row] = quantize(z.data(), floats(weights[m]), d, bytes(q[m]) + row * d);
    }
  }
  Entry() = default;

  // Adds to grad [N,d] what comes back from the BitLinears; `products` are their g W. Returns the
  // gradients of the norm and of the BitLinears' norms.
  std::vector<Tensor> backward(const Tensor& norm, const std::vector<Tensor>& weights,
                               const std::vector<float>& means, const std::vector<Tensor>& products,
                               Tensor& grad) const {
    const int64_t n = h.size(0), d = h.size(1);
    std::vector<Tensor> out;
    for (size_t m = 0; m <= weights.size(); ++m) out.push_back(torch::zeros(d, kFloat));
    std::vector<float> z(d), x(d), g(d);
    const float* w = floats(norm);
    float* grad_norm = floats(out[0]);
    for (int64_t row = 0; row < n; ++row) {
      const float r1 = floats(outer)[row], r2 = floats(inner)[row];
      const float* hr = floats(h) + row * d;
      float* gr = floats(grad) + row * d;
      for (int64_t k = 0; k < d; ++k) {
        x[k] = hr[k] * r1;
        z[k] = x[k] * w[k] * r2;
        g[k] = 0;
      }
      for (size_t m = 0; m < weights.size(); ++m)
        bitlinear_backward(halves(products[m]) + row * d, floats(scale[m])[row] * means[m],
                           z.data(), floats(weights[m]), d, floats(out[m + 1]), g.data());
      normalize_backward(g.data(), z.data(), r2, d);
      for (int64_t k = 0; k < d; ++k) {
        grad_norm[k] += g[k] * x[k];
        g[k] *= w[k];
      }
      normalize_backward(g.data(), x.data(), r1, d);
      for (int64_t k = 0; k < d; ++k) gr[k] += g[k];
    }
    return out;
  }
};

// h + dropout(product / (scale s_w))
inline Tensor add_residual(const Tensor& h, const Tensor& product, const Tensor& scale, float mean,
                           const Tensor& noise, int threshold) {
  const int64_t n = h.size(0), d = h.size(1);
  Tensor out = torch::empty_like(h);
  for (int64_t row = 0; row < n; ++row) {
    const float c = mean / floats(scale)[row];
    const half* p = halves(product) + row * d;
    const uint8_t* u = noise.data_ptr<uint8_t>() + row * d;
    const float* x = floats(h) + row * d;
    float* y = floats(out) + row * d;
    for (int64_t k = 0; k < d; ++k) y[k] = x[k] + widen(p[k]) * c * kept(u[k], threshold);
  }
  return out;
}

// The gradient that enters the branch's last BitLinear, over its activation scale.
inline Tensor residual_backward(const Tensor& grad, const Tensor& scale, const Tensor& noise,
                                int threshold) {
  const int64_t n = grad.size(0), d = grad.size(1);
  Tensor out = torch::empty({n, d}, kHalf);
  for (int64_t row = 0; row < n; ++row) {
    const float c = 1 / floats(scale)[row];
    const uint8_t* u = noise.data_ptr<uint8_t>() + row * d;
    const float* g = floats(grad) + row * d;
    half* y = halves(out) + row * d;
    for (int64_t k = 0; k < d; ++k) y[k] = narrow(g[k] * c * kept(u[k], threshold));
  }
  return out;
}

}  // namespace sterna_train
