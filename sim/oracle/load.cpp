// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/load.h"

#include <algorithm>
#include <string>
#include <utility>

#include "host/model/quantise.h"

namespace sterna {
namespace {

// `vector(name)` gives a tensor's values, `matrix(name)` a quantised matrix.
template <typename ReadVector, typename ReadMatrix>
FloatModelWeights load(const ModelConfig& config, ReadVector vector, ReadMatrix matrix) {
  const auto bit_linear = [&](const std::string& name) {
    TernaryMatrix m = matrix(name + ".weight");
    return BitLinearWeights{.rows = m.rows,
                            .cols = m.cols,
                            .ternary = std::move(m.trits),
                            .mean = std::max(m.mean, 1e-5f),
                            .norm = vector(name + ".norm.weight")};
  };
  FloatModelWeights weights{.vocab = config.vocab_size,
                            .hidden = config.hidden_size,
                            .norm_eps = config.rms_norm_eps,
                            .bit_linear_eps = kBitLinearEps,
                            .embeddings = vector("model.embeddings.weight"),
                            .lower_bounds = vector("model.lower_bounds"),
                            .layers = {},
                            .norm = vector("model.norm.weight"),
                            .lm_head = bit_linear("lm_head")};
  for (std::uint32_t n = 0; n < config.layers; ++n) {
    weights.layers.push_back({.attn_norm = vector(layer_tensor(n, "attn_norm.weight")),
                              .i_proj = bit_linear(layer_tensor(n, "attn.i_proj")),
                              .f_proj = bit_linear(layer_tensor(n, "attn.f_proj")),
                              .g_proj = bit_linear(layer_tensor(n, "attn.g_proj")),
                              .o_proj = bit_linear(layer_tensor(n, "attn.o_proj")),
                              .g_norm = vector(layer_tensor(n, "attn.g_norm.weight")),
                              .mlp_norm = vector(layer_tensor(n, "mlp_norm.weight")),
                              .gate_proj = bit_linear(layer_tensor(n, "mlp.gate_proj")),
                              .down_proj = bit_linear(layer_tensor(n, "mlp.down_proj"))});
  }
  return weights;
}

}  // namespace

FloatModelWeights load_float_model(const Checkpoint& checkpoint) {
  return load(
      checkpoint.config(),
      [&](const std::string& name) { return checkpoint.tensor(name).values(); },
      [&](const std::string& name) { return quantise(checkpoint.tensor(name)); });
}

FloatModelWeights load_float_model(const SternaFile& file) {
  return load(
      file.header().model, [&](const std::string& name) { return file.reference(name).values(); },
      [&](const std::string& name) { return file.matrix(name); });
}

}  // namespace sterna
