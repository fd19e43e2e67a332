// SPDX-License-Identifier: Apache-2.0
// How layers are described, and what mixers may leave to one another.
#include <map>

#include "host/model/block_emitter.h"
#include "host/model/mixer.h"
#include "host/model/tensor_spec.h"
#include "tests/host/test_folder.h"

namespace sterna::model {
namespace {

ModelConfig two_layers() {
  ModelConfig model;
  model.hidden_size = 16;
  model.intermediate_size = 24;
  model.layers.resize(2);
  model.vocab_size = 20;
  return model;
}

TEST(Layers, GiveEveryTensorARole) {
  std::map<TensorRole, int> roles;
  const std::vector<TensorSpec> tensors = model_tensors(two_layers());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const TensorSpec& spec = tensors[i];
    ++roles[spec.role];
    EXPECT_EQ(spec.layer.has_value(), spec.name.starts_with("model.layers.")) << spec.name;
    if (spec.layer) {
      EXPECT_TRUE(spec.name.starts_with(layer_tensor(*spec.layer, ""))) << spec.name;
    }
    EXPECT_EQ(spec.parts, spec.name.ends_with("gate_proj.weight") ? 2u : 1u) << spec.name;
    // A BitLinear's norm is as long as its matrix is wide.
    if (!spec.ternary()) continue;
    EXPECT_EQ(tensors[i - 1].role, TensorRole::kBitLinearNorm) << spec.name;
    EXPECT_EQ(tensors[i - 1].length(), spec.length()) << spec.name;
  }
  EXPECT_EQ(roles[TensorRole::kEmbedding], 1);
  EXPECT_EQ(roles[TensorRole::kLowerBounds], 1);
  EXPECT_EQ(roles[TensorRole::kMatrix], 2 * 6 + 1);
  EXPECT_EQ(roles[TensorRole::kBitLinearNorm], 2 * 6 + 1);
  EXPECT_EQ(roles[TensorRole::kNorm], 2 * 3 + 1);
}

TEST(Layers, OfTreesHaveTheirTensors) {
  ModelConfig model = two_layers();
  model.fff = {.shape = {3, 2}, .activation = Activation::kRelu, .master_leaf_size = 5};
  model.layers[0].channel_mixer = ChannelMixer::kFff;
  model.layers[1].channel_mixer = ChannelMixer::kFffGlu;
  std::map<std::string, std::vector<std::uint64_t>> shapes;
  for (const TensorSpec& spec : model_tensors(model)) shapes[spec.name] = spec.shape;
  const std::vector<std::uint64_t> in{21, 16}, out{16, 21}, bias{21}, gate{10, 16};
  EXPECT_EQ(shapes.at("model.layers.0.ffn.linear_in.weight"), in);
  EXPECT_EQ(shapes.at("model.layers.0.ffn.linear_in.bias"), bias);
  EXPECT_EQ(shapes.at("model.layers.1.ffn.linear_out.weight"), out);
  EXPECT_EQ(shapes.at("model.layers.1.mlp.gate_proj.weight"), gate);
  EXPECT_FALSE(shapes.contains("model.layers.0.mlp.gate_proj.weight"));
  EXPECT_EQ(longest_vector(model), 16u) << "not the number of nodes";
  model.fff.shape = {5, 2};
  EXPECT_EQ(longest_vector(model), 20u) << "four elements a tree";
  EXPECT_EQ(mixer(ChannelMixer::kFff).name(), "FFF");
  EXPECT_EQ(mixer(ChannelMixer::kFffGlu).name(), "FFF + GLU");
}

TEST(Layers, TheLongestVectorIsNotTheHeads) {
  ModelConfig model = two_layers();
  EXPECT_EQ(longest_vector(model), 24u);
  model.vocab_size = 1000;
  EXPECT_EQ(longest_vector(model), 24u);
  model.intermediate_size = 8;
  EXPECT_EQ(longest_vector(model), 16u);
}

TEST(Layers, AreNamedByTheirMixers) {
  EXPECT_EQ(mixer(TokenMixer::kHgrn).name(), "HGRN");
  EXPECT_EQ(mixer(ChannelMixer::kGlu).name(), "GLU");
}

class Block : public testing::Test {
 protected:
  Opcode opcode(std::size_t i) {
    return static_cast<Opcode>(block_.instructions().program().at(i).get(Field::kOp));
  }
  std::uint32_t field(std::size_t i, Field field) {
    return block_.instructions().program().at(i).get(field);
  }

  const Layout layout_{two_layers(), 32};
  const WeightScales scales_{};
  const Scaling scaling_ = no_scaling(two_layers());
  BlockEmitter block_{layout_, scales_, scaling_};
};

TEST_F(Block, FinishesWhatAMixerDoesNot) {
  block_.want_next({"model.layers.1.attn_norm.weight", "model.norm.weight"});
  block_.leave_state(1);
  block_.load_next();
  block_.finish_block();
  ASSERT_EQ(block_.instructions().program().size(), 3u);
  EXPECT_EQ(opcode(0), Opcode::kLdv);
  EXPECT_EQ(field(0, Field::kVd), kEntryRegisters[0].number);
  EXPECT_EQ(opcode(1), Opcode::kSv);
  EXPECT_EQ(field(1, Field::kVa), kState.number);
  EXPECT_EQ(field(1, Field::kSeg), layout_.state(1).segment);
  EXPECT_EQ(opcode(2), Opcode::kLdv);
  EXPECT_EQ(field(2, Field::kVd), kEntryRegisters[1].number);

  block_.load_next();
  block_.store_state();
  block_.finish_block();
  EXPECT_EQ(block_.instructions().program().size(), 3u) << "nothing twice";
}

TEST_F(Block, HasARegisterForEveryEntryWeight) {
  expect_error(error_of([&] {
                 block_.want_next({"a", "b", "c", "d"});
               }),
               "4 entry weights, but registers for 3");
}

}  // namespace
}  // namespace sterna::model
