// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/load.h"

#include <algorithm>
#include <string>
#include <utility>

#include "host/model/quantise.h"
#include "host/model/tensor_spec.h"
#include "support/error.h"

namespace sterna::oracle {
namespace {

// Reads one mixer's weights, or the model's: `vector(name)` gives a tensor's values, `matrix(name)`
// a quantised matrix.
template <typename ReadVector, typename ReadMatrix>
class Loader {
 public:
  Loader(const model::ModelConfig& config, ReadVector vector, ReadMatrix matrix)
      : config_(config), vector_(vector), matrix_(matrix) {}

  FloatModelWeights load() {
    FloatModelWeights weights{.vocab = config_.vocab_size,
                              .hidden = config_.hidden_size,
                              .norm_eps = config_.rms_norm_eps,
                              .bit_linear_eps = model::kBitLinearEps,
                              .embeddings = vector_(model::kEmbeddingTensor),
                              .lower_bounds = vector_(model::kLowerBoundsTensor),
                              .layers = {},
                              .norm = norm(model::kFinalNorm),
                              .lm_head = bit_linear(model::kHead)};
    for (std::uint32_t n = 0; n < config_.layer_count(); ++n) {
      weights.layers.push_back({token_mixer(config_.layers[n].token_mixer, n),
                                channel_mixer(config_.layers[n].channel_mixer, n)});
    }
    return weights;
  }

 private:
  std::variant<HgrnWeights> token_mixer(model::TokenMixer kind, std::uint32_t n) {
    switch (kind) {
      case model::TokenMixer::kHgrn:
        return HgrnWeights{.attn_norm = norm(model::layer_tensor(n, "attn_norm")),
                           .i_proj = bit_linear(model::layer_tensor(n, "attn.i_proj")),
                           .f_proj = bit_linear(model::layer_tensor(n, "attn.f_proj")),
                           .g_proj = bit_linear(model::layer_tensor(n, "attn.g_proj")),
                           .o_proj = bit_linear(model::layer_tensor(n, "attn.o_proj")),
                           .g_norm = norm(model::layer_tensor(n, "attn.g_norm"))};
    }
    throw Error("float model: unknown token mixer");
  }

  std::variant<GluWeights, FffWeights> channel_mixer(model::ChannelMixer kind, std::uint32_t n) {
    std::vector<float> mlp_norm = norm(model::layer_tensor(n, "mlp_norm"));
    switch (kind) {
      case model::ChannelMixer::kGlu:
        return glu(n, std::move(mlp_norm));
      case model::ChannelMixer::kFff:
      case model::ChannelMixer::kFffGlu: {
        FffWeights weights{
            .trees = config_.fff.shape.trees,
            .depth = config_.fff.shape.depth,
            .activation = static_cast<FffWeights::Activation>(config_.fff.activation),
            .mlp_norm = std::move(mlp_norm),
            .linear_in = plain(model::layer_tensor(n, "ffn.linear_in")),
            .bias = vector_(model::layer_tensor(n, "ffn.linear_in.bias")),
            .linear_out = plain(model::layer_tensor(n, "ffn.linear_out")),
            .master_leaf = {}};
        if (kind == model::ChannelMixer::kFffGlu) weights.master_leaf = glu(n, {});
        return weights;
      }
    }
    throw Error("float model: unknown channel mixer");
  }

  GluWeights glu(std::uint32_t n, std::vector<float> mlp_norm) {
    return {.mlp_norm = std::move(mlp_norm),
            .gate_proj = bit_linear(model::layer_tensor(n, "mlp.gate_proj")),
            .down_proj = bit_linear(model::layer_tensor(n, "mlp.down_proj"))};
  }

  std::vector<float> norm(const std::string& name) { return vector_(name + ".weight"); }

  BitLinearWeights bit_linear(const std::string& name) {
    BitLinearWeights weights = plain(name);
    weights.norm = norm(name + ".norm");
    return weights;
  }

  BitLinearWeights plain(const std::string& name) {
    model::TernaryMatrix m = matrix_(name + ".weight");
    return {.rows = m.rows,
            .cols = m.cols,
            .ternary = std::move(m.trits),
            .mean = std::max(m.mean, 1e-5f),
            .norm = {}};
  }

  const model::ModelConfig& config_;
  ReadVector vector_;
  ReadMatrix matrix_;
};

}  // namespace

FloatModelWeights load_float_model(const model::Checkpoint& checkpoint) {
  return Loader(
             checkpoint.config(),
             [&](const std::string& name) { return checkpoint.tensor(name).values(); },
             [&](const std::string& name) { return model::quantise(checkpoint.tensor(name)); })
      .load();
}

FloatModelWeights load_float_model(const model::SternaFile& file) {
  return Loader(
             file.header().model,
             [&](const std::string& name) { return file.reference(name).values(); },
             [&](const std::string& name) { return file.matrix(name); })
      .load();
}

}  // namespace sterna::oracle
