// SPDX-License-Identifier: Apache-2.0
#include "host/model/config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "isa/generated/isa.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::model {
namespace {

// A key that has only one value that we implement.
void require(const Json& json, const std::string& key, const Json& only, const std::string& where) {
  const auto it = json.find(key);
  if (it != json.end() && *it != only) {
    throw Error("{}: {} is {}, and Sterna supports only {}", where, key,
                it->is_structured() ? it->type_name() : printable(it->dump(-1, ' ', true)),
                only.dump());
  }
}

bool absent(const Json& json, const std::string& key) {
  const auto it = json.find(key);
  return it == json.end() || it->is_null();
}

std::uint32_t size(const Json& json, const std::string& key, std::uint32_t most,
                   const std::string& where) {
  const std::uint64_t value = json_uint(json, key, where);
  if (value < 1 || value > most) {
    throw Error("{}: {} is {}, outside 1..{}", where, key, value, most);
  }
  return static_cast<std::uint32_t>(value);
}

double number(const Json& json, const std::string& key, double otherwise,
              const std::string& where) {
  if (absent(json, key)) return otherwise;
  if (!json[key].is_number()) throw Error("{}: {} is not a number", where, key);
  return json[key].get<double>();
}

std::uint32_t token_id(const Json& value, const std::string& key, std::uint32_t vocab_size,
                       const std::string& where) {
  if (!value.is_number_integer() || value < 0 || value >= vocab_size) {
    throw Error("{}: {} is {}, no token id in a vocabulary of {}", where, key,
                value.is_structured() ? value.type_name() : printable(value.dump(-1, ' ', true)),
                vocab_size);
  }
  return value.get<std::uint32_t>();
}

// One id, a list of them, or null for none; each once.
std::vector<std::uint32_t> token_ids(const Json& value, const std::string& key,
                                     std::uint32_t vocab_size, const std::string& where) {
  if (value.is_null()) return {};
  if (!value.is_array()) return {token_id(value, key, vocab_size, where)};
  std::vector<std::uint32_t> ids;
  for (const Json& entry : value) {
    const std::uint32_t id = token_id(entry, key, vocab_size, where);
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

std::uint32_t intermediate_size(const Json& json, std::uint32_t hidden, const std::string& where) {
  if (!absent(json, "intermediate_size")) {
    const std::uint64_t value = json_uint(json, "intermediate_size", where);
    if (value > kMaxVectorLength) {
      throw Error("{}: intermediate_size is {}, outside 1..{}", where, value, kMaxVectorLength);
    }
    return static_cast<std::uint32_t>(value);
  }
  const double ratio = number(json, "hidden_ratio", 4, where);
  const double raw = std::trunc(hidden * ratio * 2 / 3);
  if (!(raw >= 1 && raw <= kMaxVectorLength)) {
    throw Error("{}: hidden_ratio {} gives an intermediate size outside 1..{}", where, ratio,
                kMaxVectorLength);
  }
  return 256 * ((static_cast<std::uint32_t>(raw) + 255) / 256);
}

constexpr std::array<std::string_view, 4> kActivations = {"none", "relu", "silu", "gelu"};

Activation activation(const Json& fff, const std::string& where) {
  const std::string word = json_string(fff, "activation", where);
  const auto it = std::find(kActivations.begin(), kActivations.end(), word);
  if (it == kActivations.end()) {
    throw Error("{}: activation is '{}', none of none, relu, silu, gelu", where,
                printable(word, 40));
  }
  return static_cast<Activation>(it - kActivations.begin());
}

std::uint32_t in_range(const Json& fff, const char* key, std::uint64_t least, std::uint64_t most,
                       const std::string& where) {
  const std::uint64_t value = json_uint(fff, key, where);
  if (value < least || value > most) {
    throw Error("{}: {} is {}, outside {}..{}", where, key, value, least, most);
  }
  return static_cast<std::uint32_t>(value);
}

// The key "fff": trees in place of the GLU, or beside one, in all layers or in those of a list.
void read_fff(const Json& json, ModelConfig& config, const std::string& config_where) {
  if (absent(json, "fff")) return;
  const Json& fff = json["fff"];
  const std::string where = config_where + ": fff";
  if (!fff.is_object()) throw Error("{}: is no object", where);
  config.fff.shape.trees = in_range(fff, "trees", 1, kMaxTrees, where);
  config.fff.shape.depth = in_range(fff, "depth", 0, kMaxTreeDepth, where);
  config.fff.activation = activation(fff, where);
  if (!absent(fff, "master_leaf_size")) {
    config.fff.master_leaf_size = in_range(fff, "master_leaf_size", 0, kMaxVectorLength, where);
  }
  const ChannelMixer kind =
      config.fff.master_leaf_size == 0 ? ChannelMixer::kFff : ChannelMixer::kFffGlu;
  if (absent(fff, "layers")) {
    for (LayerSpec& layer : config.layers) layer.channel_mixer = kind;
    return;
  }
  const Json& list = fff["layers"];
  if (!list.is_array()) throw Error("{}: layers is no list of layers", where);
  for (const Json& entry : list) {
    if (!entry.is_number_integer() || entry < 0 || entry >= config.layer_count()) {
      throw Error("{}: layers has {}, no layer of {}", where,
                  entry.is_structured() ? entry.type_name() : printable(entry.dump(-1, ' ', true)),
                  config.layer_count());
    }
    LayerSpec& layer = config.layers[entry.get<std::uint32_t>()];
    if (layer.channel_mixer == kind) {
      throw Error("{}: layers has {} twice", where, entry.get<std::uint32_t>());
    }
    layer.channel_mixer = kind;
  }
}

Json fff_json(const ModelConfig& config) {
  Json layers = Json::array();
  for (std::uint32_t n = 0; n < config.layer_count(); ++n) {
    if (config.layers[n].channel_mixer != ChannelMixer::kGlu) layers.push_back(n);
  }
  if (layers.empty()) return {};
  return {{"trees", config.fff.shape.trees},
          {"depth", config.fff.shape.depth},
          {"activation", name(config.fff.activation)},
          {"master_leaf_size", config.fff.master_leaf_size},
          {"layers", std::move(layers)}};
}

}  // namespace

std::string_view name(Activation activation) {
  return kActivations[static_cast<std::size_t>(activation)];
}

ModelConfig parse_model_config(const Json& json, const std::string& where) {
  require(json, "model_type", "hgrn_bit", where);
  require(json, "num_heads", 1, where);
  require(json, "expand_ratio", 1, where);
  require(json, "use_short_conv", false, where);
  require(json, "use_lower_bound", true, where);
  require(json, "tie_word_embeddings", false, where);
  if (const auto act = json.find("hidden_act"); act != json.end() && *act != "silu") {
    require(json, "hidden_act", "swish", where);  // two names of one function
  }

  ModelConfig config;
  config.vocab_size = size(json, "vocab_size", kMaxVocab, where);
  config.hidden_size = size(json, "hidden_size", kMaxVectorLength, where);
  config.layers.resize(size(json, "num_hidden_layers", kMaxLayers, where));
  config.intermediate_size = intermediate_size(json, config.hidden_size, where);
  read_fff(json, config, where);
  const auto glu = [](const LayerSpec& l) { return l.channel_mixer == ChannelMixer::kGlu; };
  if (config.intermediate_size == 0 &&
      std::any_of(config.layers.begin(), config.layers.end(), glu)) {
    throw Error("{}: intermediate_size is 0, outside 1..{}", where, kMaxVectorLength);
  }
  config.rms_norm_eps = number(json, "rms_norm_eps", 1e-6, where);
  if (!(config.rms_norm_eps > 0 && config.rms_norm_eps < 0x1p-9)) {
    throw Error("{}: rms_norm_eps is {}, not between 0 and {}", where, config.rms_norm_eps, 0x1p-9);
  }
  if (config.vocab_size > 1) config.bos_token_id = 1;
  if (config.vocab_size > 2) config.eos_token_ids = {2};
  apply_generation_config(json, where, config);
  return config;
}

void apply_generation_config(const Json& json, const std::string& where, ModelConfig& config) {
  if (const auto bos = json.find("bos_token_id"); bos != json.end()) {
    config.bos_token_id.reset();
    if (!bos->is_null()) config.bos_token_id = token_id(*bos, bos.key(), config.vocab_size, where);
  }
  if (const auto eos = json.find("eos_token_id"); eos != json.end()) {
    config.eos_token_ids = token_ids(*eos, eos.key(), config.vocab_size, where);
  }
}

Json to_json(const ModelConfig& config) {
  // One id is written as such, so that older programs read the file.
  const std::vector<std::uint32_t>& ends = config.eos_token_ids;
  Json json = {{"model_type", "hgrn_bit"},
               {"vocab_size", config.vocab_size},
               {"hidden_size", config.hidden_size},
               {"num_hidden_layers", config.layer_count()},
               {"intermediate_size", config.intermediate_size},
               {"rms_norm_eps", config.rms_norm_eps},
               {"bos_token_id", config.bos_token_id ? Json(*config.bos_token_id) : Json()},
               {"eos_token_id", ends.size() == 1 ? Json(ends[0]) : Json(ends)}};
  if (Json fff = fff_json(config); !fff.is_null()) json["fff"] = std::move(fff);
  return json;
}

}  // namespace sterna::model
