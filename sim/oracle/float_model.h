// SPDX-License-Identifier: Apache-2.0
// The model in floating point: the published equations, followed literally, as an oracle that the
// fixed-point machine is measured against. It shares no arithmetic with golden.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "host/engine/engine.h"

namespace sterna::oracle {

// A BitLinear layer: RMS normalisation, int8 activations, ternary weights.
struct BitLinearWeights {
  std::size_t rows = 0;              // outputs
  std::size_t cols = 0;              // inputs
  std::vector<std::int8_t> ternary;  // [rows, cols] row by row: -1, 0, 1
  float mean = 1;                    // max(mean |W|, 1e-5): what a 1 in `ternary` stands for
  std::vector<float> norm;           // [cols]
};

// Of the token mixer HGRN.
struct HgrnWeights {
  std::vector<float> attn_norm;  // [d]
  BitLinearWeights i_proj, f_proj, g_proj, o_proj;
  std::vector<float> g_norm;  // [d]
};

// Of the channel mixer GLU.
struct GluWeights {
  std::vector<float> mlp_norm;  // [d]
  BitLinearWeights gate_proj;   // [2 I, d]: gate, then up
  BitLinearWeights down_proj;   // [d, I]
};

// The trees of an FFF layer, and the GLU beside them.
struct FffWeights {
  enum class Activation { kNone, kRelu, kSilu, kGelu };
  std::size_t trees = 1, depth = 0;
  Activation activation = Activation::kNone;
  std::vector<float> mlp_norm;            // [d]
  BitLinearWeights linear_in;             // [nodes, d]; neither has a norm
  std::vector<float> bias;                // [nodes]
  BitLinearWeights linear_out;            // [d, nodes]
  std::optional<GluWeights> master_leaf;  // whose mlp_norm is empty: it sees the same x
};

struct FloatModelWeights {
  // A kind of mixer is an alternative here, a mix() and a check(), and a case in load.cpp.
  struct Layer {
    std::variant<HgrnWeights> token_mixer;
    std::variant<GluWeights, FffWeights> channel_mixer;
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

// Real is float for the oracle proper; double tells rounding from a wrong equation in tests.
template <typename Real>
class BasicFloatModel final : public engine::Engine {
 public:
  // Throws Error when a tensor's size does not fit the others.
  explicit BasicFloatModel(FloatModelWeights weights, unsigned sequences = 1);

  std::string name() const override { return "float"; }
  std::uint32_t vocabulary() const override { return static_cast<std::uint32_t>(weights_.vocab); }
  unsigned sequences() const override { return static_cast<unsigned>(states_.size()); }
  unsigned columns_per_pass() const override { return 1; }
  void step(std::span<const engine::Column> columns) override;
  std::span<const double> logits(std::size_t column) override { return logits_.at(column); }
  std::span<const engine::Candidate> top(std::size_t column) override;
  void reset(unsigned sequence) override;
  engine::StepFigures figures() override { return {logits_.size(), {}}; }

 private:
  using Vector = std::vector<Real>;
  using State = std::vector<Vector>;  // [layers][d]

  static void rms_norm(std::span<const Real> x, std::span<const float> weight, double eps,
                       Vector& out);
  void bit_linear(std::span<const Real> x, const BitLinearWeights& layer, Vector& out);
  void read(std::uint32_t token, State& state);
  void mix(const HgrnWeights& layer, const Vector& bound, Vector& state);
  void mix(const GluWeights& layer);
  void mix(const FffWeights& layer);
  // q_ = x as int8; gives what they are to be divided by.
  Real quantise(std::span<const Real> x);
  // out = BL_down(SiLU(gate) * up) of x_.
  void glu(const GluWeights& layer, Vector& out);
  std::vector<double> head();

  FloatModelWeights weights_;
  std::vector<Vector> bounds_;               // [layers][d], in 0..1
  std::vector<State> states_;                // of the sequences
  std::vector<std::vector<double>> logits_;  // of the last step's columns; empty: not wanted
  std::vector<engine::Candidate> top_;
  // Scratch, kept so that a column allocates little.
  Vector h_, x_, y_, i_, f_, g_, o_, gate_, out_, values_;
  std::vector<std::int8_t> q_;
};

using FloatModel = BasicFloatModel<float>;
extern template class BasicFloatModel<float>;
extern template class BasicFloatModel<double>;

}  // namespace sterna::oracle
