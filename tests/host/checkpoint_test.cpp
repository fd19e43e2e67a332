// SPDX-License-Identifier: Apache-2.0
// Hugging Face folders: what is taken, what is refused and how it is named.
#include "host/model/checkpoint.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>

#include "host/model/quantise.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna::model {
namespace {

ModelConfig small_model() {
  ModelConfig model;
  model.vocab_size = 11;
  model.hidden_size = 7;
  model.layers.resize(2);
  model.intermediate_size = 9;
  return model;
}

Json small_config() { return to_json(small_model()); }

std::string config_error(const Json& json) {
  return error_of([&] { parse_model_config(json, "config.json"); });
}

TEST(Config, FillsInUpstreamsDefaults) {
  const Json json = {{"vocab_size", 32000},
                     {"hidden_size", 1024},
                     {"num_hidden_layers", 24},
                     {"intermediate_size", nullptr},
                     {"bos_token_id", nullptr}};
  const ModelConfig model = parse_model_config(json, "config.json");
  EXPECT_EQ(model.intermediate_size, 2816u);
  EXPECT_EQ(model.bos_token_id, std::nullopt) << "null is none";
  EXPECT_EQ(model.eos_token_ids, std::vector<std::uint32_t>{2}) << "upstream's";
  EXPECT_DOUBLE_EQ(model.rms_norm_eps, 1e-6);
}

TEST(Config, TakesOneEndAListOrNone) {
  const auto ends = [](const Json& value) {
    Json json = small_config();
    json["eos_token_id"] = value;
    const ModelConfig model = parse_model_config(json, "config.json");
    // What a .sterna file keeps says the same.
    EXPECT_EQ(parse_model_config(to_json(model), "").eos_token_ids, model.eos_token_ids);
    return model;
  };
  EXPECT_TRUE(ends(3).ends(3));
  EXPECT_FALSE(ends(3).ends(2));
  EXPECT_TRUE(ends({2, 3}).ends(2));
  EXPECT_TRUE(ends({2, 3}).ends(3));
  EXPECT_FALSE(ends({2, 3}).ends(4));
  EXPECT_FALSE(ends(nullptr).ends(2));
  EXPECT_FALSE(ends(Json::array()).ends(2));
  EXPECT_EQ(to_json(ends(3))["eos_token_id"], 3) << "as older programs read it";
  EXPECT_EQ(ends({3, 2, 3, 2}).eos_token_ids, (std::vector<std::uint32_t>{3, 2})) << "each once";
  Json two = small_config();
  for (const char* key : {"bos_token_id", "eos_token_id"}) two.erase(key);
  two["vocab_size"] = 2;
  EXPECT_EQ(parse_model_config(two, "").bos_token_id, 1u);
  EXPECT_TRUE(parse_model_config(two, "").eos_token_ids.empty()) << "there is no token 2";
  Json json = small_config();
  json.erase("bos_token_id");
  EXPECT_EQ(parse_model_config(json, "").bos_token_id, 1u);
}

TEST(Config, DerivesTheIntermediateSizesOfTheReleases) {
  for (const auto& [d, i] : {std::pair{1024, 2816}, {2048, 5632}, {2560, 6912}, {320, 1024}}) {
    Json json = small_config();
    json["hidden_size"] = d;
    json.erase("intermediate_size");
    EXPECT_EQ(parse_model_config(json, "").intermediate_size, static_cast<std::uint32_t>(i));
  }
}

TEST(Config, ReadsTreesInSomeOrAllLayers) {
  Json json = small_config();
  json["fff"] = {{"trees", 4}, {"depth", 0}, {"activation", "gelu"}, {"layers", {1}}};
  ModelConfig model = parse_model_config(json, "config.json");
  EXPECT_EQ(model.layers[0].channel_mixer, ChannelMixer::kGlu);
  EXPECT_EQ(model.layers[1].channel_mixer, ChannelMixer::kFff);
  EXPECT_EQ(model.fff.shape, (TreeShape{4, 0}));
  EXPECT_EQ(model.fff.activation, Activation::kGelu);
  EXPECT_EQ(to_json(parse_model_config(to_json(model), "")), to_json(model)) << "as in a file";
  json["fff"].erase("layers");
  json["fff"]["master_leaf_size"] = 9;
  json["intermediate_size"] = 0;  // no layer has it
  model = parse_model_config(json, "config.json");
  for (const LayerSpec& layer : model.layers) {
    EXPECT_EQ(layer.channel_mixer, ChannelMixer::kFffGlu);
  }
  json["fff"]["layers"] = {0};
  expect_error(config_error(json), "intermediate_size is 0");
  json["fff"]["layers"] = Json::array();
  json["intermediate_size"] = 9;
  EXPECT_FALSE(parse_model_config(json, "").has_trees());
}

TEST(Config, RefusesTreesThatAreNone) {
  const Json good = {{"trees", 2}, {"depth", 3}, {"activation", "none"}};
  const std::tuple<const char*, Json, const char*> refused[] = {
      {"trees", 0, "config.json: fff: trees is 0, outside 1..64"},
      {"trees", 65, "config.json: fff: trees is 65, outside 1..64"},
      {"trees", "2", "trees"},
      {"trees", -1, "trees"},
      {"depth", 16, "config.json: fff: depth is 16, outside 0..15"},
      {"depth", 1.5, "depth"},
      {"activation", "tanh", "activation is 'tanh', none of none, relu, silu, gelu"},
      {"activation", 3, "activation"},
      {"master_leaf_size", 8193, "master_leaf_size is 8193, outside 0..8192"},
      {"master_leaf_size", "x", "master_leaf_size"},
      {"layers", 1, "layers is no list of layers"},
      {"layers", {2}, "layers has 2, no layer of 2"},
      {"layers", {-1}, "layers has -1, no layer of 2"},
      {"layers", {"0"}, "layers has \"0\", no layer of 2"},
      {"layers", Json::array({Json::array()}), "layers has array, no layer of 2"},
      {"layers", {1, 1}, "layers has 1 twice"},
  };
  for (const auto& [key, value, message] : refused) {
    Json json = small_config();
    json["fff"] = good;
    json["fff"][key] = value;
    expect_error(config_error(json), message);
  }
  for (const char* key : {"trees", "depth", "activation"}) {
    Json json = small_config();
    json["fff"] = good;
    json["fff"].erase(key);
    expect_error(config_error(json), key);
  }
  Json json = small_config();
  json["fff"] = 3;
  expect_error(config_error(json), "config.json: fff: is no object");
}

TEST(Config, RefusesWhatSternaDoesNotImplement) {
  const std::pair<const char*, Json> refused[] = {{"model_type", "llama"},
                                                  {"num_heads", 2},
                                                  {"expand_ratio", 2},
                                                  {"use_short_conv", true},
                                                  {"hidden_act", "gelu"},
                                                  {"use_lower_bound", false},
                                                  {"tie_word_embeddings", true},
                                                  {"vocab_size", 0},
                                                  {"hidden_size", 8193},
                                                  {"hidden_size", -1},
                                                  {"hidden_size", "7"},
                                                  {"num_hidden_layers", 0},
                                                  {"num_hidden_layers", 1ull << 40},
                                                  {"intermediate_size", 0},
                                                  {"intermediate_size", 1e9},
                                                  {"rms_norm_eps", 0},
                                                  {"rms_norm_eps", 0.5},
                                                  {"rms_norm_eps", "small"},
                                                  {"bos_token_id", -1},
                                                  {"bos_token_id", {1}},
                                                  {"eos_token_id", "2"},
                                                  {"eos_token_id", 2.0},
                                                  {"eos_token_id", {2, nullptr}},
                                                  {"eos_token_id", {{2}}},
                                                  {"eos_token_id", 1ull << 40},
                                                  {"eos_token_id", small_model().vocab_size},
                                                  {"eos_token_id", {2, -1}},
                                                  {"bos_token_id", small_model().vocab_size},
                                                  {"bos_token_id", 1.5},
                                                  {"bos_token_id", "1"},
                                                  {"expand_ratio", nullptr}};
  for (const auto& [key, value] : refused) {
    Json json = small_config();
    json[key] = value;
    expect_error(config_error(json), key);
  }
  Json json = small_config();
  json["hidden_act"] = "silu";
  json["num_heads"] = 1;
  json["conv_size"] = 4;
  EXPECT_EQ(config_error(json), "");
}

class CheckpointFolder : public testing::Test {
 protected:
  void write(unsigned shards = 1, Dtype dtype = Dtype::kBF16) {
    write_random_checkpoint(folder_ / "model", {small_model(), dtype, shards, 5});
  }
  std::string open_error() {
    return error_of([&] { Checkpoint checkpoint(folder_ / "model"); });
  }
  // Replaces the first `from` in a file of the folder by `to` of the same length.
  void patch(const std::string& name, const std::string& from, const std::string& to) {
    const auto path = folder_ / "model" / name;
    std::string text = read_text_file(path);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    ASSERT_EQ(from.size(), to.size());
    write_file_atomically(path, text.replace(at, from.size(), to));
  }

  TestFolder folder_;
};

TEST_F(CheckpointFolder, GivesTheSameFloatsFromEveryTypeAndFromShards) {
  write();
  const Checkpoint reference(folder_ / "model");
  for (const Dtype dtype : {Dtype::kF32, Dtype::kF16, Dtype::kBF16}) {
    for (const unsigned shards : {1u, 3u}) {
      const auto path = folder_ / fmt::format("{}_{}", dtype_name(dtype), shards);
      write_random_checkpoint(path, {small_model(), dtype, shards, 5});
      const Checkpoint checkpoint(path);
      for (const TensorSpec& spec : model_tensors(small_model())) {
        EXPECT_EQ(checkpoint.tensor(spec.name).values(), reference.tensor(spec.name).values())
            << spec.name;
      }
    }
  }
}

TEST_F(CheckpointFolder, GenerationConfigStandsAboveConfig) {
  write();
  const auto with = [&](std::string_view text) {
    write_file_atomically(folder_ / "model/generation_config.json", text);
    return Checkpoint(folder_ / "model").config();
  };
  EXPECT_EQ(with(R"({"eos_token_id": [5, 7]})").eos_token_ids, (std::vector<std::uint32_t>{5, 7}));
  EXPECT_EQ(with(R"({"bos_token_id": 4})").bos_token_id, 4u);
  EXPECT_EQ(with("{}").eos_token_ids, small_model().eos_token_ids);
  EXPECT_TRUE(with(R"({"eos_token_id": null})").eos_token_ids.empty());
  expect_error(error_of([&] { with(R"({"eos_token_id": -1})"); }),
               "generation_config.json: eos_token_id is -1, no token id in a vocabulary of");
  expect_error(error_of([&] { with("{"); }), "generation_config.json");
}

TEST_F(CheckpointFolder, NamesWhatIsMissing) {
  expect_error(open_error(), "not a folder");
  write();
  std::filesystem::remove(folder_ / "model" / "model.safetensors");
  expect_error(open_error(), "neither model.safetensors nor model.safetensors.index.json");
  std::filesystem::remove(folder_ / "model" / "config.json");
  expect_error(open_error(), "config.json: cannot open");
}

TEST_F(CheckpointFolder, TellsHowToConvertPyTorchsFiles) {
  for (const char* name :
       {"pytorch_model.bin", "pytorch_model-00001-of-00002.bin", "model-00001.bin"}) {
    write();
    std::filesystem::remove(folder_ / "model/model.safetensors");
    write_file_atomically(folder_ / "model" / name, std::string_view("PK"));
    expect_error(open_error(), std::string(name) + ": weights in PyTorch's format");
    expect_error(open_error(), "s.save_file({k: v.contiguous() for");
    std::filesystem::remove(folder_ / "model" / name);
  }
}

TEST_F(CheckpointFolder, RefusesTensorsThatDoNotFit) {
  write();
  patch("model.safetensors", "lm_head.norm", "lm_head.Norm");
  expect_error(open_error(), "tensor lm_head.Norm.weight is no part of this model");
  write();
  patch("model.safetensors", "\"shape\":[11,7]", "\"shape\":[7,11]");
  expect_error(open_error(), "has shape [7, 11], the configuration calls for [11, 7]");
  write();
  patch("model.safetensors", "\"BF16\"", "\"I16\" ");
  expect_error(open_error(), "I16, not F32, F16 or BF16");
  write();
  patch("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
  expect_error(open_error(), "[2, 7], the configuration calls for [3, 7]");
  patch("config.json", "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 1");
  expect_error(open_error(), "is no part of this model");
}

TEST_F(CheckpointFolder, RefusesAnIndexThatDoesNotFitItsShards) {
  const std::string index = "model.safetensors.index.json";
  const auto patch_value = [&](const std::string& value) {
    write(2);
    Json json = parse_json_object(read_text_file(folder_ / "model" / index), "");
    json["weight_map"]["lm_head.weight"] = value;
    write_file_atomically(folder_ / "model" / index, json.dump());
    return open_error();
  };
  for (const char* name : {"../model.safetensors", "/etc/passwd", "..", ""}) {
    expect_error(patch_value(name), "has no plain file name");
  }
  expect_error(patch_value("model-00001-of-00002.safetensors"),
               "tensor lm_head.weight is not in model-00001-of-00002.safetensors");
  expect_error(patch_value("other.safetensors"), "tensor lm_head.weight is not in the index");
  write(2);
  std::filesystem::remove(folder_ / "model" / "model-00002-of-00002.safetensors");
  expect_error(open_error(), "model-00002-of-00002.safetensors: cannot open");
  write_file_atomically(folder_ / "model" / index, std::string_view("{}"));
  expect_error(open_error(), "\"weight_map\" is missing");
}

TEST(Tensor, NamesTheFirstValueThatIsNotFinite) {
  std::vector<float> values(12, 0.5f);
  FloatTensor tensor{"w", Dtype::kF32, {3, 4}, std::as_bytes(std::span(values))};
  EXPECT_FLOAT_EQ(mean_magnitude(tensor), 0.5f);
  values[6] = std::numeric_limits<float>::quiet_NaN();
  expect_error(error_of([&] { mean_magnitude(tensor); }), "tensor w: element [1, 2] is nan");
  values[6] = -std::numeric_limits<float>::infinity();
  expect_error(error_of([&] { tensor.values(); }), "tensor w: element [1, 2] is -inf");
  tensor.shape = {12};
  expect_error(error_of([&] { tensor.values(); }), "tensor w: element [6] is -inf");
}

TEST(Tensor, ConvertsEveryHalf) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const std::uint32_t exponent = (bits >> 10) & 31, fraction = bits & 0x3FF;
    const float value = half_to_float(static_cast<std::uint16_t>(bits));
    const double sign = bits & 0x8000 ? -1 : 1;
    if (exponent == 31) {
      EXPECT_EQ(std::isinf(value), fraction == 0) << bits;
      EXPECT_EQ(std::isnan(value), fraction != 0) << bits;
    } else {
      const double expected = exponent == 0 ? std::ldexp(fraction, -24)
                                            : std::ldexp(1024 + fraction, int(exponent) - 25);
      ASSERT_EQ(static_cast<double>(value), sign * expected) << bits;
    }
  }
}

}  // namespace
}  // namespace sterna::model
