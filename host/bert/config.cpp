// SPDX-License-Identifier: Apache-2.0
#include "host/bert/config.h"

#include <fmt/format.h>

#include <string>

#include "support/error.h"
#include "support/files.h"

namespace sterna::bert {
namespace {

// One object of the configuration; `where` names it.
class Section {
 public:
  Section(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json_.is_object()) throw Error("{} is no object", where_);
  }

  Section section(const std::string& key) const {
    return {json_field(json_, key, where_), where_ + ": " + key};
  }
  std::size_t size(const std::string& key, std::size_t least, std::size_t most) const {
    const std::uint64_t value = json_uint(json_, key, where_);
    if (value < least || value > most) {
      throw Error("{}: {} is {}, outside {}..{}", where_, key, value, least, most);
    }
    return value;
  }
  double number(const std::string& key, double least, double most) const {
    const Json& value = json_field(json_, key, where_);
    // OmegaConf leaves "1e-12", which YAML takes for a text, as it is.
    double number = -1;
    try {
      number = value.is_string() ? std::stod(value.get<std::string>()) : value.get<double>();
    } catch (const std::exception&) {
      throw Error("{}: {} is no number", where_, key);
    }
    if (!(number >= least && number <= most)) {
      throw Error("{}: {} is {}, outside {}..{}", where_, key, number, least, most);
    }
    return number;
  }
  std::string text(const std::string& key) const { return json_string(json_, key, where_); }
  bool has(const std::string& key) const { return json_.contains(key); }

  // A key that has one value which we implement; absent, it has that one.
  void require(const std::string& key, const Json& only) const {
    const auto it = json_.find(key);
    if (it != json_.end() && *it != only) {
      throw Error("{}: {} is {}, and Sterna supports only {}", where_, key,
                  it->is_structured() ? it->type_name() : printable(it->dump(-1, ' ', true)),
                  only.dump());
    }
  }
  [[noreturn]] void refuse(const std::string& key, const std::string& value,
                           const char* known) const {
    throw Error("{}: {} is {}, and Sterna supports only {}", where_, key, printable(value), known);
  }

 private:
  const Json& json_;
  std::string where_;
};

fff::Activation activation(const Section& arch) {
  const std::string name = arch.text("nonlin");
  if (name == "GELU") return fff::Activation::kGelu;
  if (name == "ReLU") return fff::Activation::kRelu;
  if (name == "SiLU") return fff::Activation::kSilu;
  arch.refuse("nonlin", name, "GELU, ReLU and SiLU");
}

void feed_forward(const Section& arch, Config& config) {
  const std::string type = arch.has("intermed_type") ? arch.text("intermed_type") : "ff";
  config.activation = activation(arch);
  if (type == "fff") {
    config.fast = true;
    config.trees = arch.size("intermed_size", 1, 1 << 16);
    config.depth = static_cast<unsigned>(arch.size("intermed_depth", 0, fff::kMaxDepth));
  } else if (type == "ff") {
    config.neurons = arch.size("intermed_size", 1, 1 << 20);
  } else {
    arch.refuse("intermed_type", type, "fff and ff");
  }
}

}  // namespace

Config read_config(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) throw Error("{}: not a folder", folder.string());
  const std::string path = folder / "config.json";
  return parse_config(parse_json_object(read_text_file(path, kMaxJsonBytes), path), path);
}

Config parse_config(const Json& json, const std::string& where) {
  const Section top(json, where);
  if (const std::string type = top.text("model_type"); type != "crammedBERT") {
    top.refuse("model_type", type, "crammedBERT");
  }
  const Section arch = top.section("arch");
  arch.require("norm", "LayerNorm");
  arch.require("norm_scheme", "pre");
  arch.require("use_bias", false);
  arch.require("decoder_bias", false);
  arch.require("skip_head_transform", true);
  arch.require("final_norm", true);
  arch.require("tie_weights", true);
  arch.require("ffn_layer_frequency", 1);
  const Section embedding = arch.section("embedding");
  embedding.require("pos_embedding", "scaled-sinusoidal");
  embedding.require("normalization", true);
  const Section attention = arch.section("attention");
  attention.require("type", "self-attention");
  attention.require("causal_attention", false);
  attention.require("skip_output_projection", false);
  attention.require("qkv_bias", false);
  attention.require("rotary_embedding", false);
  attention.require("sequence_op", "torch-softmax");

  Config config;
  config.layers = arch.size("num_transformer_layers", 1, 1024);
  config.width = arch.size("hidden_size", 1, 1 << 16);
  embedding.require("embedding_dim", config.width);
  config.heads = attention.size("num_attention_heads", 1, config.width);
  if (config.width % config.heads != 0) {
    throw Error("{}: arch: hidden_size {} is no multiple of num_attention_heads {}", where,
                config.width, config.heads);
  }
  if (config.width % 2 != 0) {
    throw Error("{}: arch: hidden_size {} is odd: no sinusoids of that width", where, config.width);
  }
  config.vocab = embedding.size("vocab_size", 1, 1 << 24);
  config.max_tokens = embedding.size("max_seq_length", 1, 1 << 20);
  config.norm_eps = static_cast<float>(arch.number("norm_eps", 0, 1));
  feed_forward(arch, config);
  return config;
}

model::TensorShapes tensor_shapes(const Config& config, bool decoder) {
  const std::uint64_t d = config.width;
  model::TensorShapes shapes;
  const auto norm = [&](const std::string& name) {
    shapes[name + ".weight"] = shapes[name + ".bias"] = {d};
  };
  shapes["encoder.embedding.word_embedding.weight"] = {config.vocab, d};
  shapes["encoder.embedding.pos_embedding.scale_factor"] = {1};
  norm("encoder.embedding.norm");
  for (std::size_t i = 0; i < config.layers; ++i) {
    const std::string layer = fmt::format("encoder.layers.{}.", i);
    norm(layer + "norm1");
    norm(layer + "norm2");
    shapes[layer + "attn.self_attention.query_key_value.weight"] = {3 * d, d};
    shapes[layer + "attn.dense.weight"] = {d, d};
    if (config.fast) {
      const std::uint64_t nodes = config.fff_shape().nodes();
      shapes[layer + "ffn.linear_in.weight"] = {nodes, d};
      shapes[layer + "ffn.linear_in.bias"] = {nodes};
      shapes[layer + "ffn.linear_out.weight"] = {d, nodes};
    } else {
      shapes[layer + "ffn.dense_in.weight"] = {config.neurons, d};
      shapes[layer + "ffn.dense_out.weight"] = {d, config.neurons};
    }
  }
  norm("encoder.final_norm");
  if (decoder) shapes["decoder.weight"] = {config.vocab, d};
  return shapes;
}

}  // namespace sterna::bert
