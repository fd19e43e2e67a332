// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/float_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/engine/candidates.h"
#include "sim/oracle/dot.h"
#include "support/error.h"

namespace sterna::oracle {

namespace {

void expect_size(const char* name, std::size_t size, std::size_t expected) {
  if (size != expected) throw Error("float model: {} has {} values, not {}", name, size, expected);
}

void check(const char* name, const BitLinearWeights& layer, std::size_t rows, std::size_t cols) {
  expect_size(name, layer.rows, rows);
  expect_size(name, layer.cols, cols);
  expect_size(name, layer.ternary.size(), rows * cols);
  expect_size(name, layer.norm.size(), cols);
}

void check(const HgrnWeights& w, std::size_t d) {
  expect_size("attn_norm", w.attn_norm.size(), d);
  expect_size("g_norm", w.g_norm.size(), d);
  check("i_proj", w.i_proj, d, d);
  check("f_proj", w.f_proj, d, d);
  check("g_proj", w.g_proj, d, d);
  check("o_proj", w.o_proj, d, d);
}

void check(const GluWeights& w, std::size_t d) {
  expect_size("mlp_norm", w.mlp_norm.size(), d);
  check("gate_proj", w.gate_proj, 2 * w.down_proj.cols, d);
  check("down_proj", w.down_proj, d, w.down_proj.cols);
}

void check_plain(const char* name, const BitLinearWeights& layer, std::size_t rows,
                 std::size_t cols) {
  expect_size(name, layer.rows, rows);
  expect_size(name, layer.cols, cols);
  expect_size(name, layer.ternary.size(), rows * cols);
}

void check(const FffWeights& w, std::size_t d) {
  const std::size_t nodes = w.trees * ((std::size_t{2} << w.depth) - 1);
  expect_size("mlp_norm", w.mlp_norm.size(), d);
  check_plain("linear_in", w.linear_in, nodes, d);
  expect_size("linear_in's bias", w.bias.size(), nodes);
  check_plain("linear_out", w.linear_out, d, nodes);
  if (!w.master_leaf) return;
  check("gate_proj", w.master_leaf->gate_proj, 2 * w.master_leaf->down_proj.cols, d);
  check("down_proj", w.master_leaf->down_proj, d, w.master_leaf->down_proj.cols);
}

void check(const FloatModelWeights& w) {
  const std::size_t d = w.hidden;
  if (d == 0 || w.vocab == 0 || w.layers.empty()) throw Error("float model: it is empty");
  expect_size("embeddings", w.embeddings.size(), w.vocab * d);
  expect_size("lower_bounds", w.lower_bounds.size(), w.layers.size() * d);
  expect_size("norm", w.norm.size(), d);
  check("lm_head", w.lm_head, w.vocab, d);
  for (const FloatModelWeights::Layer& layer : w.layers) {
    std::visit([&](const auto& mixer) { check(mixer, d); }, layer.token_mixer);
    std::visit([&](const auto& mixer) { check(mixer, d); }, layer.channel_mixer);
  }
}

// softmax over layers, summed up layer by layer, less the first row.
template <typename Real>
std::vector<std::vector<Real>> forget_bounds(const FloatModelWeights& w) {
  const std::size_t d = w.hidden, layers = w.layers.size();
  std::vector<std::vector<Real>> bounds(layers, std::vector<Real>(d));
  for (std::size_t c = 0; c < d; ++c) {
    double top = w.lower_bounds[c], total = 0, sum = 0;
    for (std::size_t l = 1; l < layers; ++l) top = std::max<double>(top, w.lower_bounds[l * d + c]);
    for (std::size_t l = 0; l < layers; ++l) total += std::exp(w.lower_bounds[l * d + c] - top);
    for (std::size_t l = 1; l < layers; ++l) {
      sum += std::exp(w.lower_bounds[l * d + c] - top) / total;
      bounds[l][c] = static_cast<Real>(sum);
    }
  }
  return bounds;
}

template <typename Real>
Real sigmoid(Real x) {
  return 1 / (1 + std::exp(-x));
}

template <typename Real>
Real silu(Real x) {
  return x * sigmoid(x);
}

template <typename Real>
Real activate(FffWeights::Activation activation, Real x) {
  switch (activation) {
    case FffWeights::Activation::kRelu:
      return std::max<Real>(x, 0);
    case FffWeights::Activation::kSilu:
      return silu(x);
    case FffWeights::Activation::kGelu:
      return x * std::erfc(-x / static_cast<Real>(std::sqrt(2.0))) / 2;
    default:
      return x;
  }
}

}  // namespace

template <typename Real>
BasicFloatModel<Real>::BasicFloatModel(FloatModelWeights weights, unsigned sequences)
    : weights_(std::move(weights)), states_(sequences) {
  check(weights_);
  bounds_ = forget_bounds<Real>(weights_);
  for (unsigned sequence = 0; sequence < sequences; ++sequence) reset(sequence);
}

template <typename Real>
void BasicFloatModel<Real>::reset(unsigned sequence) {
  states_.at(sequence).assign(weights_.layers.size(), Vector(weights_.hidden));
}

template <typename Real>
void BasicFloatModel<Real>::rms_norm(std::span<const Real> x, std::span<const float> weight,
                                     double eps, Vector& out) {
  double squares = 0;
  for (const Real value : x) squares += static_cast<double>(value) * static_cast<double>(value);
  const Real mean = static_cast<Real>(squares / static_cast<double>(x.size()));
  const Real r = 1 / std::sqrt(mean + static_cast<Real>(eps));
  out.resize(x.size());
  for (std::size_t c = 0; c < x.size(); ++c) out[c] = x[c] * r * static_cast<Real>(weight[c]);
}

template <typename Real>
Real BasicFloatModel<Real>::quantise(std::span<const Real> x) {
  Real top = 0;
  for (const Real value : x) top = std::max(top, std::abs(value));
  const Real scale = 127 / std::max(top, static_cast<Real>(1e-5f));
  q_.resize(x.size());
  for (std::size_t c = 0; c < x.size(); ++c) {
    // nearbyint rounds halves to even, as the training code does.
    q_[c] = static_cast<std::int8_t>(std::clamp<Real>(std::nearbyint(x[c] * scale), -128, 127));
  }
  return scale;
}

template <typename Real>
void BasicFloatModel<Real>::bit_linear(std::span<const Real> x, const BitLinearWeights& layer,
                                       Vector& out) {
  rms_norm(x, layer.norm, weights_.bit_linear_eps, y_);
  const Real divisor = quantise(y_) * (1 / static_cast<Real>(layer.mean));
  out.resize(layer.rows);
  for (std::size_t r = 0; r < layer.rows; ++r) {
    const std::int32_t sum = dot(&layer.ternary[r * layer.cols], q_.data(), layer.cols);
    out[r] = static_cast<Real>(sum) / divisor;
  }
}

// h += BL_o(RMSNorm(BL_g(x)) * SiLU(s)), with s the state after this token.
template <typename Real>
void BasicFloatModel<Real>::mix(const HgrnWeights& layer, const Vector& bound, Vector& state) {
  rms_norm(h_, layer.attn_norm, weights_.norm_eps, x_);
  bit_linear(x_, layer.i_proj, i_);
  bit_linear(x_, layer.f_proj, f_);
  bit_linear(x_, layer.g_proj, g_);
  rms_norm(g_, layer.g_norm, weights_.norm_eps, o_);
  for (std::size_t c = 0; c < h_.size(); ++c) {
    const Real forget = bound[c] + (1 - bound[c]) * sigmoid(f_[c]);
    state[c] = forget * state[c] + silu(i_[c]) * (1 - forget);
    o_[c] *= silu(state[c]);
  }
  bit_linear(o_, layer.o_proj, x_);
  for (std::size_t c = 0; c < h_.size(); ++c) h_[c] += x_[c];
}

// h += BL_down(SiLU(gate) * up).
template <typename Real>
void BasicFloatModel<Real>::mix(const GluWeights& layer) {
  rms_norm(h_, layer.mlp_norm, weights_.norm_eps, x_);
  glu(layer, x_);
  for (std::size_t c = 0; c < h_.size(); ++c) h_[c] += x_[c];
}

template <typename Real>
void BasicFloatModel<Real>::glu(const GluWeights& layer, Vector& out) {
  const std::size_t inner = layer.down_proj.cols;
  bit_linear(x_, layer.gate_proj, gate_);
  for (std::size_t c = 0; c < inner; ++c) gate_[c] = silu(gate_[c]) * gate_[inner + c];
  gate_.resize(inner);
  bit_linear(gate_, layer.down_proj, out);
}

// h += W2 values [+ GLU(x)]: the values of the nodes on each tree's path, 0 for all others.
template <typename Real>
void BasicFloatModel<Real>::mix(const FffWeights& layer) {
  rms_norm(h_, layer.mlp_norm, weights_.norm_eps, x_);
  const Real in_divisor = quantise(x_) * (1 / static_cast<Real>(layer.linear_in.mean));
  const std::size_t nodes = layer.bias.size(), of_tree = nodes / layer.trees, d = h_.size();
  values_.assign(nodes, 0);
  for (std::size_t first = 0; first < nodes; first += of_tree) {
    for (std::size_t n = 0; n < of_tree;) {
      const std::int32_t sum = dot(&layer.linear_in.ternary[(first + n) * d], q_.data(), d);
      const Real logit =
          static_cast<Real>(sum) / in_divisor + static_cast<Real>(layer.bias[first + n]);
      values_[first + n] = activate(layer.activation, logit);
      n = 2 * n + (logit > 0 ? 2 : 1);
    }
  }
  const Real divisor = quantise(values_) * (1 / static_cast<Real>(layer.linear_out.mean));
  out_.resize(d);
  for (std::size_t r = 0; r < d; ++r) {
    const std::int32_t sum = dot(&layer.linear_out.ternary[r * nodes], q_.data(), nodes);
    out_[r] = static_cast<Real>(sum) / divisor;
  }
  if (layer.master_leaf) {
    glu(*layer.master_leaf, x_);
    for (std::size_t r = 0; r < d; ++r) out_[r] += x_[r];
  }
  for (std::size_t r = 0; r < d; ++r) h_[r] += out_[r];
}

template <typename Real>
void BasicFloatModel<Real>::read(std::uint32_t token, State& state) {
  const float* row = &weights_.embeddings[token * weights_.hidden];
  h_.assign(row, row + weights_.hidden);
  for (std::size_t l = 0; l < weights_.layers.size(); ++l) {
    std::visit([&](const auto& mixer) { mix(mixer, bounds_[l], state[l]); },
               weights_.layers[l].token_mixer);
    std::visit([&](const auto& mixer) { mix(mixer); }, weights_.layers[l].channel_mixer);
  }
}

template <typename Real>
std::vector<double> BasicFloatModel<Real>::head() {
  rms_norm(h_, weights_.norm, weights_.norm_eps, x_);
  bit_linear(x_, weights_.lm_head, out_);
  return {out_.begin(), out_.end()};
}

template <typename Real>
void BasicFloatModel<Real>::step(std::span<const engine::Column> columns) {
  engine::check_columns(*this, columns);
  logits_.assign(columns.size(), {});
  for (std::size_t i = 0; i < columns.size(); ++i) {
    read(columns[i].token, states_[columns[i].sequence]);
    if (columns[i].head != engine::Head::kNone) logits_[i] = head();
  }
}

template <typename Real>
std::span<const engine::Candidate> BasicFloatModel<Real>::top(std::size_t column) {
  top_ = engine::top_candidates(logits_.at(column));
  return top_;
}

template class BasicFloatModel<float>;
template class BasicFloatModel<double>;

}  // namespace sterna::oracle
