// SPDX-License-Identifier: Apache-2.0
// The model in floating point: the published equations, followed literally, as an oracle that the
// fixed-point machine is measured against. It shares no arithmetic with golden.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sterna {

// A BitLinear layer: RMS normalisation, int8 activations, ternary weights.
struct BitLinearWeights {
  std::size_t rows = 0;              // outputs
  std::size_t cols = 0;              // inputs
  std::vector<std::int8_t> ternary;  // [rows, cols] row by row: -1, 0, 1
  float mean = 1;                    // max(mean |W|, 1e-5): what a 1 in `ternary` stands for
  std::vector<float> norm;           // [cols]
};

struct FloatModelWeights {
  struct Layer {
    std::vector<float> attn_norm;  // [d]
    BitLinearWeights i_proj, f_proj, g_proj, o_proj;
    std::vector<float> g_norm;    // [d]
    std::vector<float> mlp_norm;  // [d]
    BitLinearWeights gate_proj;   // [2 I, d]: gate, then up
    BitLinearWeights down_proj;   // [d, I]
  };
  std::size_t vocab = 0;
  std::size_t hidden = 0;
  double norm_eps = 1e-6;           // of attn_norm, mlp_norm, g_norm and norm
  double bit_linear_eps = 1e-6;     // of the norm inside every BitLinear
  std::vector<float> embeddings;    // [vocab, d]
  std::vector<float> lower_bounds;  // [layers, d], before the softmax over layers
  std::vector<Layer> layers;
  std::vector<float> norm;  // [d]
  BitLinearWeights lm_head;
};

// One sequence. Real is float for the oracle proper; double tells rounding from a wrong equation in
// tests.
template <typename Real>
class BasicFloatModel {
 public:
  // Throws Error when a tensor's size does not fit the others.
  explicit BasicFloatModel(FloatModelWeights weights);

  std::size_t vocab() const { return weights_.vocab; }

  // Consumes one token and gives the logits of the next, [vocab], valid until the next call. Throws
  // Error when the token is not below vocab.
  std::span<const Real> step(std::uint32_t token);

  // Back to the beginning of a sequence.
  void reset();

 private:
  using Vector = std::vector<Real>;

  static void rms_norm(std::span<const Real> x, std::span<const float> weight, double eps,
                       Vector& out);
  void bit_linear(std::span<const Real> x, const BitLinearWeights& layer, Vector& out);
  void mix_tokens(const FloatModelWeights::Layer& layer, std::size_t index);
  void mix_channels(const FloatModelWeights::Layer& layer);

  FloatModelWeights weights_;
  std::vector<Vector> bounds_;  // [layers][d], in 0..1
  std::vector<Vector> state_;   // [layers][d]
  // Scratch, kept so that a step allocates nothing.
  Vector h_, x_, y_, i_, f_, g_, o_, gate_, down_, logits_;
  std::vector<std::int8_t> q_;
};

using FloatModel = BasicFloatModel<float>;
extern template class BasicFloatModel<float>;
extern template class BasicFloatModel<double>;

}  // namespace sterna
