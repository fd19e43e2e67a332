// SPDX-License-Identifier: Apache-2.0
#include "host/bert/config.h"

#include <gtest/gtest.h>

#include <functional>

#include "host/bert/encoder.h"
#include "support/error.h"
#include "support/files.h"
#include "support/json.h"
#include "tests/host/test_folder.h"

namespace sterna::bert {
namespace {

Json published() {
  return Json::parse(R"({"model_type": "crammedBERT", "arch": {
    "num_transformer_layers": 16, "hidden_size": 768, "intermed_type": "fff", "intermed_size": 1,
    "intermed_depth": 11, "norm": "LayerNorm", "norm_eps": 1e-12, "norm_scheme": "pre",
    "nonlin": "GELU", "tie_weights": true, "decoder_bias": false, "skip_head_transform": true,
    "use_bias": false, "final_norm": true,
    "embedding": {"vocab_size": 32768, "pos_embedding": "scaled-sinusoidal", "max_seq_length": 128,
                  "embedding_dim": 768, "normalization": true},
    "attention": {"type": "self-attention", "causal_attention": false, "num_attention_heads": 12,
                  "skip_output_projection": false, "qkv_bias": false, "rotary_embedding": false,
                  "sequence_op": "torch-softmax"}}})");
}

Config read(const Json& json) {
  const model::TestFolder folder;
  write_file_atomically(folder / "config.json", json.dump());
  return read_config(folder / "");
}

// Behind "FOLDER/config.json: ".
std::string refusal(const std::function<void(Json&)>& change) {
  Json json = published();
  change(json["arch"]);
  try {
    read(json);
  } catch (const Error& error) {
    const std::string text = error.what();
    return text.substr(text.find("config.json") + 13);
  }
  return "none";
}

TEST(BertConfig, ReadsThePublishedForm) {
  const Config config = read(published());
  EXPECT_EQ(config.layers, 16u);
  EXPECT_EQ(config.head_width(), 64u);
  EXPECT_TRUE(config.fast);
  EXPECT_EQ(config.fff_shape().nodes(), 4095u);
  EXPECT_EQ(config.max_tokens, 128u);
  EXPECT_FLOAT_EQ(config.norm_eps, 1e-12f);
  const model::TensorShapes shapes = tensor_shapes(config, false);
  EXPECT_EQ(shapes.size(), 2u + 2u + 16u * 9u + 2u);
  EXPECT_EQ(shapes.at("encoder.layers.15.ffn.linear_out.weight"),
            (std::vector<std::uint64_t>{768, 4095}));
}

// As OmegaConf writes what YAML takes for a text.
TEST(BertConfig, TakesNumbersInQuotes) {
  Json json = published();
  json["arch"]["norm_eps"] = "1e-12";
  EXPECT_FLOAT_EQ(read(json).norm_eps, 1e-12f);
}

TEST(BertConfig, WithoutATypeIsDense) {
  Json json = published();
  json["arch"].erase("intermed_type");
  json["arch"]["intermed_size"] = 3072;
  EXPECT_FALSE(read(json).fast);
  EXPECT_EQ(read(json).neurons, 3072u);
}

TEST(BertConfig, RefusesWhatIsAnotherModel) {
  EXPECT_EQ(refusal([](Json&) {}), "none");
  EXPECT_EQ(refusal([](Json& a) { a["intermed_depth"] = 21; }),
            "arch: intermed_depth is 21, outside 0..20");
  EXPECT_EQ(refusal([](Json& a) { a["intermed_type"] = "moe"; }),
            "arch: intermed_type is moe, and Sterna supports only fff and ff");
  EXPECT_EQ(refusal([](Json& a) { a["attention"]["rotary_embedding"] = true; }),
            "arch: attention: rotary_embedding is true, and Sterna supports only false");
  EXPECT_EQ(refusal([](Json& a) { a["attention"]["num_attention_heads"] = 7; }),
            "arch: hidden_size 768 is no multiple of num_attention_heads 7");
  EXPECT_EQ(refusal([](Json& a) { a["nonlin"] = "GLU_tanh"; }),
            "arch: nonlin is GLU_tanh, and Sterna supports only GELU, ReLU and SiLU");
  EXPECT_EQ(refusal([](Json& a) { a["embedding"]["embedding_dim"] = 128; }),
            "arch: embedding: embedding_dim is 128, and Sterna supports only 768");
  EXPECT_EQ(refusal([](Json& a) { a["norm_eps"] = "small"; }), "arch: norm_eps is no number");
  EXPECT_EQ(refusal([](Json& a) { a["norm_eps"] = Json::array(); }), "arch: norm_eps is no number");
  EXPECT_EQ(refusal([](Json& a) { a["attention"] = 3; }), "arch: attention is no object");
  EXPECT_EQ(refusal([](Json& a) { a.erase("hidden_size"); }), "arch: \"hidden_size\" is missing");
}

TEST(BertConfig, WeightsMustBeThere) {
  const model::TestFolder folder;
  write_file_atomically(folder / "config.json", published().dump());
  EXPECT_EQ(
      model::error_of([&] { const Encoder encoder(folder / ""); }),
      (folder / "").string() + ": neither model.safetensors nor model.safetensors.index.json");
}

}  // namespace
}  // namespace sterna::bert
