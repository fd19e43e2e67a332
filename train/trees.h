// SPDX-License-Identifier: Apache-2.0
// A layer of Fast Feedforward trees: what model.py's FastFeedforward says, but only the nodes that
// matter are computed: those on the path, and backwards also those on the path on the other side of
// every decision.
//
// Names: N rows (tokens), d inputs and outputs, K trees of depth D, levels D + 1, M = 2^(D+1) - 1
// nodes a tree.
#pragma once
#include <immintrin.h>

#include <numeric>
#include <vector>

#include "rows.h"

namespace sterna_train {

enum Activation { kNone, kRelu, kSilu, kGelu };

struct ValueAndSlope {
  float value, slope;
};

inline ValueAndSlope activate(Activation kind, float x) {
  switch (kind) {
    case kRelu:
      return {std::max(x, 0.f), float(x > 0)};
    case kSilu: {
      const float s = 1 / (1 + std::exp(-x));
      return {x * s, s * (1 + x * (1 - s))};
    }
    case kGelu: {
      const float phi = 0.5f * std::erfc(-x * float(M_SQRT1_2));
      return {x * phi, phi + x * std::exp(-x * x / 2) * 0.3989422804f};
    }
    default:
      return {x, 1};
  }
}

// Rows of trits, one a node.
struct NodeRows {
  int64_t d;
  float mean;
  std::vector<int8_t> trits;
  std::vector<int32_t> sums;  // of each row

  NodeRows() = default;
  explicit NodeRows(const Tensor& weight)
      : d(weight.size(1)), trits(weight.numel()), sums(weight.size(0)) {
    const float* w = floats(weight);
    mean = mean_of(w, weight.numel());
    const float scale = 1 / mean;
    for (size_t k = 0; k < trits.size(); ++k) trits[k] = trit(w[k], scale);
    for (size_t node = 0; node < sums.size(); ++node)
      sums[node] = std::accumulate(row(node), row(node) + d, 0);
  }

  const int8_t* row(int64_t node) const { return trits.data() + node * d; }

  // `q` holds int8 + 128: the instruction wants one side unsigned.
  int dot(const uint8_t* q, int64_t node) const {
    const int8_t* w = row(node);
    __m512i sum = _mm512_setzero_si512();
    for (int64_t k = 0; k < d; k += 64)
      sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(q + k), _mm512_loadu_si512(w + k));
    return _mm512_reduce_add_epi32(sum) - 128 * sums[node];
  }

  float dot(const float* g, int64_t node) const {
    const int8_t* w = row(node);
    float sum = 0;
    for (int64_t k = 0; k < d; ++k) sum += g[k] * w[k];
    return sum;
  }

  void add(float factor, int64_t node, float* out) const {
    const int8_t* w = row(node);
    for (int64_t k = 0; k < d; ++k) out[k] += factor * w[k];
  }
};

struct Trees : torch::CustomClassHolder {
  Tensor x, bias;
  Tensor logits, leaf;  // on the paths [N, K, D + 1]; the paths' leaves [N, K]
  std::vector<uint8_t> q;
  std::vector<int8_t> values;
  std::vector<float> scale, value_scale;
  NodeRows in, out;  // `out` is transposed: a node's outputs are a row
  int64_t n, d, trees, levels, nodes;
  Activation activation;
  float temperature;

  Tensor forward(Tensor rows, Tensor weight_in, Tensor bias_in, Tensor weight_out, int64_t k,
                 int64_t depth, int64_t kind, double slope) {
    x = rows, bias = bias_in, n = x.size(0), d = x.size(1), trees = k, levels = depth + 1;
    nodes = (int64_t(2) << depth) - 1, activation = Activation(kind), temperature = float(slope);
    in = NodeRows(weight_in);
    out = NodeRows(weight_out.t().contiguous());
    logits = torch::empty({n, trees, levels}, torch::kFloat);
    leaf = torch::empty({n, trees}, torch::kInt64);
    biases = floats(bias), path_logits = floats(logits), leaves = leaf.data_ptr<int64_t>();
    q.resize(n * d), scale.resize(n), values.resize(n * trees * levels), value_scale.resize(n);
    const int64_t used = trees * levels;
    const std::vector<float> ones(std::max(d, used), 1.f);
    std::vector<int8_t> signed_q(d);
    for (int64_t row = 0; row < n; ++row) {
      scale[row] = quantize(floats(x) + row * d, ones.data(), d, signed_q.data());
      for (int64_t k = 0; k < d; ++k) q[row * d + k] = uint8_t(signed_q[k]) ^ 0x80;
    }
    // Tree by tree: one tree's rows fit into a cache.
    for (int64_t tree = 0; tree < trees; ++tree)
      for (int64_t row = 0; row < n; ++row)
        leaves[row * trees + tree] = walk(row, tree, path_logits + place(row, tree));
    std::vector<float> v(used);
    for (int64_t row = 0; row < n; ++row) {
      for (int64_t k = 0; k < used; ++k)
        v[k] = activate(activation, path_logits[row * used + k]).value;
      value_scale[row] = quantize(v.data(), ones.data(), used, values.data() + row * used);
    }
    Tensor y = torch::zeros({n, d}, torch::kFloat);
    float* sums = floats(y);
    for (int64_t tree = 0; tree < trees; ++tree)
      for (int64_t row = 0; row < n; ++row)
        for (int64_t level = 0; level < levels; ++level)
          out.add(values[place(row, tree) + level] * (out.mean / value_scale[row]),
                  on_path(row, tree, level), sums + row * d);
    return y;
  }

  // Gradients of the input, weight_in, bias and weight_out; grad_logits is that of the logits on
  // the path.
  std::vector<Tensor> backward(Tensor grad, Tensor grad_logits) const {
    Tensor grad_x = torch::zeros_like(x), grad_bias = torch::zeros_like(bias);
    Tensor grad_in = torch::zeros({trees * nodes, d}, torch::kFloat);
    Tensor grad_out = torch::zeros({trees * nodes, d}, torch::kFloat);
    const float *g_y = floats(grad), *g_path = floats(grad_logits);
    float *g_x = floats(grad_x), *g_in = floats(grad_in), *g_out = floats(grad_out);
    float* g_bias = floats(grad_bias);
    std::vector<float> g_logits(levels), x(d);
    for (int64_t tree = 0; tree < trees; ++tree)
      for (int64_t row = 0; row < n; ++row) {
        const float* g = g_y + row * d;
        through_decisions(row, tree, g, g_logits.data());
        for (int64_t k = 0; k < d; ++k) x[k] = (int(q[row * d + k]) - 128) / scale[row];
        for (int64_t level = 0; level < levels; ++level) {
          const int64_t node = on_path(row, tree, level);
          const float here = g_logits[level] + g_path[place(row, tree) + level];
          const float value = values[place(row, tree) + level] / value_scale[row];
          float *in_row = g_in + node * d, *out_row = g_out + node * d;
          for (int64_t k = 0; k < d; ++k) in_row[k] += here * x[k];
          for (int64_t k = 0; k < d; ++k) out_row[k] += value * g[k];
          in.add(here * in.mean, node, g_x + row * d);
          g_bias[node] += here;
        }
      }
    return {grad_x, grad_in, grad_bias, grad_out.t().contiguous()};
  }

 private:
  // Into the tensors of the same names.
  const float* biases;
  float* path_logits;
  int64_t* leaves;

  int64_t place(int64_t row, int64_t tree) const { return (row * trees + tree) * levels; }
  int64_t on_path(int64_t row, int64_t tree, int64_t level) const {
    const int64_t in_heap = leaves[row * trees + tree] + (int64_t(1) << (levels - 1));
    return tree * nodes + (in_heap >> (levels - 1 - level)) - 1;
  }
  float logit(int64_t row, int64_t node) const {
    return in.dot(q.data() + row * d, node) * (in.mean / scale[row]) + biases[node];
  }

  // The logits passed from a tree's root down, and the leaf reached.
  int64_t walk(int64_t row, int64_t tree, float* passed) const {
    int64_t node = 0;
    while (node < nodes) {
      *passed = logit(row, tree * nodes + node);
      node = 2 * node + 1 + (*passed++ > 0);
    }
    return (node - 1) / 2 - nodes / 2;
  }

  // Loss by value times value, summed from `node` of a tree down its path.
  float worth(int64_t row, int64_t tree, int64_t node, const float* g) const {
    float sum = 0;
    while (node < nodes) {
      const float x = logit(row, tree * nodes + node);
      const float value = activate(activation, x).value;
      if (value != 0) sum += value * out.dot(g, tree * nodes + node);
      node = 2 * node + 1 + (x > 0);
    }
    return sum * out.mean;
  }

  // The gradients of the logits on the path: through their values and, from the bottom up, through
  // their decisions.
  void through_decisions(int64_t row, int64_t tree, const float* g, float* g_logits) const {
    const float* x = path_logits + place(row, tree);
    float below = 0;  // what the path below gives
    for (int64_t level = levels - 1; level >= 0; --level) {
      const int64_t node = on_path(row, tree, level);
      const auto [value, slope] = activate(activation, x[level]);
      const float g_value = out.dot(g, node) * out.mean;
      g_logits[level] = g_value * slope;
      if (level + 1 < levels) {
        const bool right = x[level] > 0;
        const float other = worth(row, tree, 2 * (node - tree * nodes) + (right ? 1 : 2), g);
        const float s = 1 / (1 + std::exp(-x[level] / temperature));
        g_logits[level] += (right ? below - other : other - below) * s * (1 - s) / temperature;
      }
      below += value * g_value;
    }
  }
};

}  // namespace sterna_train
