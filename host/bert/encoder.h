// SPDX-License-Identifier: Apache-2.0
// UltraFastBERT (arXiv 2311.10770) on the CPU, in single precision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "host/bert/arithmetic.h"
#include "host/bert/config.h"
#include "host/fff/float_layer.h"

namespace sterna::bert {

class Encoder {
 public:
  // Reads config.json and the weights of a Hugging Face folder. Throws Error, naming file, key or
  // tensor, for a folder that is none of these. threads: how many may work at a call.
  explicit Encoder(const std::filesystem::path& folder, unsigned threads = 1);

  const Config& config() const { return config_; }

  // The vectors [n, width] of n tokens, 1..max_tokens, behind the last norm. Throws Error for a
  // token beyond the vocabulary, and for too many or none.
  std::vector<float> encode(std::span<const std::uint32_t> tokens) const;

  // The parts of encode(), for those who look between them. hidden: [n, width].
  std::vector<float> embed(std::span<const std::uint32_t> tokens) const;
  // Layer `index`, in place. leaves: empty, or [n, trees], as FloatLayer's.
  void layer(std::size_t index, std::span<float> hidden,
             std::span<std::uint32_t> leaves = {}) const;
  void final_norm(std::span<float> hidden) const;

  // The scores [vocab] of a token's vector (behind the last norm): logits of masked-token
  // prediction.
  std::vector<float> scores(std::span<const float> vector) const;

 private:
  struct Layer {
    LayerNorm norm1, norm2;
    Dense query_key_value, dense;
    std::optional<fff::FloatLayer> fff;
    Dense dense_in, dense_out;  // without fff
  };

  Layer make_layer(const model::Tensors& tensors, std::size_t index) const;
  LayerNorm make_norm(const model::Tensors& tensors, const std::string& name) const;
  void feed_forward(const Layer& layer, std::size_t n, const float* x, float* y,
                    std::span<std::uint32_t> leaves) const;

  Config config_;
  unsigned threads_;
  std::vector<float> embedding_;  // [vocab, width]
  std::vector<float> positions_;  // [max_tokens, width], scaled
  LayerNorm embedding_norm_, final_norm_;
  std::vector<Layer> layers_;
  Dense decoder_;
};

}  // namespace sterna::bert
