// SPDX-License-Identifier: Apache-2.0
// The shape of an UltraFastBERT: a "crammed" BERT (arXiv 2212.14034) whose feed-forward layers are
// Fast Feedforward, or dense ones for comparison.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "host/fff/shape.h"
#include "host/model/weight_files.h"
#include "support/json.h"

namespace sterna::bert {

struct Config {
  std::size_t layers = 0;
  std::size_t width = 0;
  std::size_t heads = 0;
  std::size_t vocab = 0;
  std::size_t max_tokens = 0;
  float norm_eps = 0;
  bool fast = false;      // feed-forward layers are FFF
  std::size_t trees = 0;  // of an FFF layer
  unsigned depth = 0;
  std::size_t neurons = 0;  // of a dense layer
  fff::Activation activation = fff::Activation::kGelu;

  std::size_t head_width() const { return width / heads; }
  fff::Shape fff_shape() const { return {width, width, trees, depth}; }
};

// The folder's config.json. Throws Error, naming file and key, for what is damaged, out of range or
// another architecture: what is not implemented is refused, not guessed.
Config read_config(const std::filesystem::path& folder);
// The same of what the file holds; errors begin with `where`.
Config parse_config(const Json& json, const std::string& where);

// The tensors of such a model. `decoder`: the output weights are among them; without, they are the
// embedding's.
model::TensorShapes tensor_shapes(const Config& config, bool decoder);

}  // namespace sterna::bert
