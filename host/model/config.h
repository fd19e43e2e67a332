// SPDX-License-Identifier: Apache-2.0
// The shape of a MatMul-free model (Hugging Face model type hgrn_bit): its sizes, and its layers
// one by one. Which tensors follow from it: tensor_spec.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isa/trees.h"
#include "support/json.h"

namespace sterna::model {

// The halves of a layer, each of which adds to the residual stream (mixer.h). The token mixer
// carries information from position to position, the channel mixer works within one.
enum class TokenMixer { kHgrn };
enum class ChannelMixer { kGlu, kFff, kFffGlu };

// Of the nodes of an FFF layer.
enum class Activation { kNone, kRelu, kSilu, kGelu };
std::string_view name(Activation activation);  // "none", "relu", ...

// The trees of all FFF layers, and the GLU beside them.
struct FffConfig {
  TreeShape shape;
  Activation activation = Activation::kNone;
  std::uint32_t master_leaf_size = 0;  // of the GLU; 0: there is none
};

struct LayerSpec {
  TokenMixer token_mixer = TokenMixer::kHgrn;
  ChannelMixer channel_mixer = ChannelMixer::kGlu;
};

struct ModelConfig {
  std::uint32_t vocab_size = 0;
  std::uint32_t hidden_size = 0;        // d
  std::vector<LayerSpec> layers;        // L of them, in the order in which a token passes them
  std::uint32_t intermediate_size = 0;  // I
  FffConfig fff;                        // of the layers that have trees
  double rms_norm_eps = 1e-6;           // of attn_norm, mlp_norm, g_norm and model.norm
  std::optional<std::uint32_t> bos_token_id;  // starts a text; nothing: the model has none
  std::vector<std::uint32_t> eos_token_ids;   // each of them ends a text; may be empty

  // Has any layer trees?
  bool has_trees() const {
    return std::any_of(layers.begin(), layers.end(), [](const LayerSpec& layer) {
      return layer.channel_mixer != ChannelMixer::kGlu;
    });
  }
  std::uint32_t layer_count() const { return static_cast<std::uint32_t>(layers.size()); }
  // Does this token end a text? The one rule for every kind of tokenizer.
  bool ends(std::uint32_t token) const {
    return std::find(eos_token_ids.begin(), eos_token_ids.end(), token) != eos_token_ids.end();
  }
};

// The norm inside every BitLinear has an epsilon of its own, which no configuration changes.
inline constexpr double kBitLinearEps = 1e-6;

// Limits of what the machine can hold: a register of the longest vector, 32-bit line offsets.
inline constexpr std::uint32_t kMaxLayers = 1024;
inline constexpr std::uint32_t kMaxVocab = 1u << 20;

// Reads the keys of config.json; what a key leaves out has upstream's default (a null or absent
// intermediate_size: 256 * ceil(int(d * hidden_ratio * 2/3) / 256)). Throws Error, naming the key,
// for an option that Sterna does not implement and for sizes out of range. Without a key bos is 1
// and eos 2, as upstream's; null is none, and eos may be a list.
ModelConfig parse_model_config(const Json& json, const std::string& where);
// generation_config.json: its bos_token_id and eos_token_id, where it has them, stand above
// config.json's. Throws Error, naming the key, for what is no token id.
void apply_generation_config(const Json& json, const std::string& where, ModelConfig& config);
Json to_json(const ModelConfig& config);

}  // namespace sterna::model
