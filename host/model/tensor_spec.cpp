// SPDX-License-Identifier: Apache-2.0
#include "host/model/tensor_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "host/model/mixer.h"

namespace sterna::model {

std::string layer_tensor(std::uint32_t layer, std::string_view rest) {
  return fmt::format("model.layers.{}.{}", layer, rest);
}

void TensorList::add(std::string_view name, std::vector<std::uint64_t> shape, TensorRole role,
                     std::uint32_t parts) {
  tensors_.push_back({layer_ ? layer_tensor(*layer_, name) : std::string(name), std::move(shape),
                      role, layer_, parts});
}

void TensorList::norm(std::string_view name, std::uint32_t length) {
  add(fmt::format("{}.weight", name), {length}, TensorRole::kNorm);
}

void TensorList::bit_linear(std::string_view name, std::uint32_t rows, std::uint32_t cols,
                            std::uint32_t parts) {
  add(fmt::format("{}.norm.weight", name), {cols}, TensorRole::kBitLinearNorm);
  add(fmt::format("{}.weight", name), {rows, cols}, TensorRole::kMatrix, parts);
}

void TensorList::trees(std::string_view name, std::uint32_t rows, const TreeShape& shape,
                       std::uint32_t cols) {
  const std::uint64_t nodes = std::uint64_t{shape.trees} * shape.nodes();
  add(fmt::format("{}.linear_in.weight", name), {nodes, cols}, TensorRole::kTreeIn);
  add(fmt::format("{}.linear_in.bias", name), {nodes}, TensorRole::kNodeBias);
  add(fmt::format("{}.linear_out.weight", name), {rows, nodes}, TensorRole::kTreeOut);
}

std::vector<TensorSpec> model_tensors(const ModelConfig& config) {
  const std::uint32_t d = config.hidden_size;
  std::vector<TensorSpec> tensors;
  TensorList model(tensors);
  model.add(kEmbeddingTensor, {config.vocab_size, d}, TensorRole::kEmbedding);
  model.add(kLowerBoundsTensor, {config.layer_count(), d}, TensorRole::kLowerBounds);
  for (std::uint32_t n = 0; n < config.layer_count(); ++n) {
    TensorList layer(tensors, n);
    mixer(config.layers[n].token_mixer).tensors(config, layer);
    mixer(config.layers[n].channel_mixer).tensors(config, layer);
  }
  model.norm(kFinalNorm, d);
  model.bit_linear(kHead, config.vocab_size, d);
  return tensors;
}

std::uint32_t longest_vector(const ModelConfig& config) {
  std::uint32_t longest = config.hidden_size;
  for (const TensorSpec& spec : model_tensors(config)) {
    if (!spec.ternary()) continue;
    if (spec.role == TensorRole::kTreeOut) {  // its columns are all nodes, of which a path has few
      const auto rows = static_cast<std::uint32_t>(spec.shape[0]);
      longest = std::max({longest, rows, config.fff.shape.elements()});
      continue;
    }
    longest = std::max(longest, spec.length());
    if (spec.layer && spec.role == TensorRole::kMatrix) {
      longest = std::max(longest, static_cast<std::uint32_t>(spec.shape[0] / spec.parts));
    }
  }
  return longest;
}

}  // namespace sterna::model
