// SPDX-License-Identifier: Apache-2.0
// What an encoder computes besides its feed-forward layers, in single precision; matrices are
// row-major. Products are oneDNN's.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sterna::bert {

// y[n, outputs] = x[n, inputs] times the transpose of weights[outputs, inputs].
struct Dense {
  std::size_t outputs = 0, inputs = 0;
  std::vector<float> weights;

  void forward(std::size_t n, const float* x, float* y) const;
};

struct LayerNorm {
  std::vector<float> weight, bias;
  float eps = 0;

  // y [n, width] from x; they may be the same.
  void forward(std::size_t n, const float* x, float* y) const;
};

// Attention of n tokens to one another. qkv: [n, heads, 3, head_width], query, key and value of a
// head behind one another; out: [n, heads, head_width].
void attend(std::size_t n, std::size_t heads, std::size_t head_width, const float* qkv, float* out);

// In place, each row of [n, width]: e^x over the sum of the row's.
void softmax(std::size_t n, std::size_t width, float* rows);

// For all products from now on.
void use_threads(unsigned threads);

}  // namespace sterna::bert
