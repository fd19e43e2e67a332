// SPDX-License-Identifier: Apache-2.0
#include "host/model/config.h"

#include <algorithm>
#include <cmath>

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
    return size(json, "intermediate_size", kMaxVectorLength, where);
  }
  const double ratio = number(json, "hidden_ratio", 4, where);
  const double raw = std::trunc(hidden * ratio * 2 / 3);
  if (!(raw >= 1 && raw <= kMaxVectorLength)) {
    throw Error("{}: hidden_ratio {} gives an intermediate size outside 1..{}", where, ratio,
                kMaxVectorLength);
  }
  return 256 * ((static_cast<std::uint32_t>(raw) + 255) / 256);
}

}  // namespace

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
  config.rms_norm_eps = number(json, "rms_norm_eps", 1e-6, where);
  if (!(config.rms_norm_eps > 0 && config.rms_norm_eps < 0x1p-9)) {
    throw Error("{}: rms_norm_eps is {}, outside 0..{}", where, config.rms_norm_eps, 0x1p-9);
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
  return {{"model_type", "hgrn_bit"},
          {"vocab_size", config.vocab_size},
          {"hidden_size", config.hidden_size},
          {"num_hidden_layers", config.layer_count()},
          {"intermediate_size", config.intermediate_size},
          {"rms_norm_eps", config.rms_norm_eps},
          {"bos_token_id", config.bos_token_id ? Json(*config.bos_token_id) : Json()},
          {"eos_token_id", ends.size() == 1 ? Json(ends[0]) : Json(ends)}};
}

}  // namespace sterna::model
