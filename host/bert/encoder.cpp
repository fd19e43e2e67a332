// SPDX-License-Identifier: Apache-2.0
#include "host/bert/encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "support/error.h"

namespace sterna::bert {
namespace {

// What PyTorch writes beside the parameters, and what follows from the configuration.
bool is_derived(std::string_view name) {
  return name.ends_with(".norm_factor") || name.ends_with(".pos_embedding.pe");
}

Dense make_dense(const model::Tensors& tensors, const std::string& name) {
  const model::FloatTensor& tensor = tensors.at(name);
  return {tensor.rows(), tensor.cols(), tensor.values()};
}

// sin on even places, cos on odd ones, with wavelengths from 2 pi to 10000 * 2 pi; computed as the
// model's authors do, in single precision.
std::vector<float> sinusoids(std::size_t tokens, std::size_t width, float scale) {
  std::vector<float> table(tokens * width);
  for (std::size_t i = 0; i < width; i += 2) {
    const float step = static_cast<float>(-std::log(10000.0) / static_cast<double>(width));
    const float frequency = std::exp(static_cast<float>(i) * step);
    for (std::size_t t = 0; t < tokens; ++t) {
      const float angle = static_cast<float>(t) * frequency;
      table[t * width + i] = scale * std::sin(angle);
      table[t * width + i + 1] = scale * std::cos(angle);
    }
  }
  return table;
}

void add(std::span<float> to, std::span<const float> from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

}  // namespace

Encoder::Encoder(const std::filesystem::path& folder, unsigned threads)
    : config_(read_config(folder)), threads_(threads) {
  const std::vector<model::SafetensorsFile> files = model::open_weight_files(folder);
  const bool decoder = std::any_of(files.begin(), files.end(), [](const auto& file) {
    return file.find("decoder.weight") != nullptr;
  });
  const model::Tensors tensors =
      model::take_tensors(files, tensor_shapes(config_, decoder), folder, is_derived);
  embedding_ = tensors.at("encoder.embedding.word_embedding.weight").values();
  const float scale = tensors.at("encoder.embedding.pos_embedding.scale_factor").values()[0];
  positions_ = sinusoids(config_.max_tokens, config_.width, scale);
  embedding_norm_ = make_norm(tensors, "encoder.embedding.norm");
  final_norm_ = make_norm(tensors, "encoder.final_norm");
  for (std::size_t i = 0; i < config_.layers; ++i) layers_.push_back(make_layer(tensors, i));
  decoder_ =
      make_dense(tensors, decoder ? "decoder.weight" : "encoder.embedding.word_embedding.weight");
}

LayerNorm Encoder::make_norm(const model::Tensors& tensors, const std::string& name) const {
  return {tensors.at(name + ".weight").values(), tensors.at(name + ".bias").values(),
          config_.norm_eps};
}

Encoder::Layer Encoder::make_layer(const model::Tensors& tensors, std::size_t index) const {
  const std::string name = fmt::format("encoder.layers.{}.", index);
  Layer layer;
  layer.norm1 = make_norm(tensors, name + "norm1");
  layer.norm2 = make_norm(tensors, name + "norm2");
  layer.query_key_value = make_dense(tensors, name + "attn.self_attention.query_key_value.weight");
  layer.dense = make_dense(tensors, name + "attn.dense.weight");
  if (config_.fast) {
    layer.fff.emplace(
        config_.fff_shape(), config_.activation, tensors.at(name + "ffn.linear_in.weight").values(),
        tensors.at(name + "ffn.linear_in.bias").values(),
        tensors.at(name + "ffn.linear_out.weight").values(), fff::OutputLayout::kOutputsByNodes);
  } else {
    layer.dense_in = make_dense(tensors, name + "ffn.dense_in.weight");
    layer.dense_out = make_dense(tensors, name + "ffn.dense_out.weight");
  }
  return layer;
}

std::vector<float> Encoder::embed(std::span<const std::uint32_t> tokens) const {
  if (tokens.empty() || tokens.size() > config_.max_tokens) {
    throw Error("{} tokens, and the model takes 1 to {}", tokens.size(), config_.max_tokens);
  }
  const std::size_t width = config_.width;
  std::vector<float> hidden(tokens.size() * width);
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (tokens[t] >= config_.vocab) {
      throw Error("token {} is beyond the vocabulary of {}", tokens[t], config_.vocab);
    }
    for (std::size_t i = 0; i < width; ++i) {
      hidden[t * width + i] = embedding_[tokens[t] * width + i] + positions_[t * width + i];
    }
  }
  embedding_norm_.forward(tokens.size(), hidden.data(), hidden.data());
  return hidden;
}

void Encoder::layer(std::size_t index, std::span<float> hidden,
                    std::span<std::uint32_t> leaves) const {
  const Layer& layer = layers_.at(index);
  const std::size_t width = config_.width, n = hidden.size() / width;
  std::vector<float> x(n * width), qkv(3 * n * width), y(n * width);
  use_threads(threads_);

  layer.norm1.forward(n, hidden.data(), x.data());
  layer.query_key_value.forward(n, x.data(), qkv.data());
  attend(n, config_.heads, config_.head_width(), qkv.data(), x.data());
  layer.dense.forward(n, x.data(), y.data());
  add(hidden, y);

  layer.norm2.forward(n, hidden.data(), x.data());
  feed_forward(layer, n, x.data(), y.data(), leaves);
  add(hidden, y);
}

void Encoder::feed_forward(const Layer& layer, std::size_t n, const float* x, float* y,
                           std::span<std::uint32_t> leaves) const {
  const std::size_t count = n * config_.width;
  if (layer.fff) {
    layer.fff->forward({x, count}, {y, count}, leaves, threads_);
    return;
  }
  std::vector<float> neurons((n * config_.neurons + fff::kRowAlign - 1) / fff::kRowAlign *
                             fff::kRowAlign);
  layer.dense_in.forward(n, x, neurons.data());
  fff::chosen_float_kernels().activate(config_.activation, neurons.data(), neurons.size());
  layer.dense_out.forward(n, neurons.data(), y);
}

void Encoder::final_norm(std::span<float> hidden) const {
  final_norm_.forward(hidden.size() / config_.width, hidden.data(), hidden.data());
}

std::vector<float> Encoder::encode(std::span<const std::uint32_t> tokens) const {
  std::vector<float> hidden = embed(tokens);
  for (std::size_t i = 0; i < config_.layers; ++i) layer(i, hidden);
  final_norm(hidden);
  return hidden;
}

std::vector<float> Encoder::scores(std::span<const float> vector) const {
  std::vector<float> scores(config_.vocab);
  use_threads(threads_);
  decoder_.forward(1, vector.data(), scores.data());
  return scores;
}

}  // namespace sterna::bert
