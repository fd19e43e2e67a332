// SPDX-License-Identifier: Apache-2.0
// Compiled models on golden: against the float oracle, and against each other where the result must
// not change.
#include "host/model/compiler.h"

#include <algorithm>
#include <cmath>

#include "host/backends/engines.h"
#include "host/model/checkpoint.h"
#include "host/model/quantise.h"
#include "host/model/scaling.h"
#include "host/model/tensor_spec.h"
#include "isa/instruction.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna::model {
namespace {

const std::vector<std::uint32_t> kTokens = {1, 5, 7, 0, 5, 9, 2};

ModelConfig model_of(std::uint32_t d, std::uint32_t i, std::uint32_t layers, std::uint32_t v) {
  ModelConfig model;
  model.hidden_size = d;
  model.intermediate_size = i;
  model.layers.resize(layers);
  model.vocab_size = v;
  return model;
}

using Rows = std::vector<std::vector<double>>;

Rows logits_of(const SternaFile& file, const std::string& backend = "golden") {
  const auto engine = backends::make_engine(file, {backend});
  Rows rows;
  for (const std::uint32_t token : kTokens) {
    const auto logits = engine::predict(*engine, token);
    rows.emplace_back(logits.begin(), logits.end());
  }
  return rows;
}

class Compile : public testing::Test {
 protected:
  std::filesystem::path checkpoint(const RandomCheckpoint& options) {
    const auto path = folder_ / fmt::format("checkpoint{}", count_++);
    write_random_checkpoint(path, options);
    return path;
  }
  SternaFile compiled(const std::filesystem::path& checkpoint, const CompileOptions& options = {}) {
    const auto path = folder_ / fmt::format("{}.sterna", count_++);
    compile_model(checkpoint, path, options);
    return SternaFile(path);
  }

  TestFolder folder_;
  int count_ = 0;
};

// The smallest cosine, over the positions, between golden's logits and the float oracle's.
double worst_cosine(const SternaFile& file) {
  const Rows golden = logits_of(file), oracle = logits_of(file, "float");
  double worst = 1;
  for (std::size_t position = 0; position < kTokens.size(); ++position) {
    double dot = 0, a = 0, b = 0;
    for (std::size_t k = 0; k < golden[position].size(); ++k) {
      const double x = golden[position][k], y = oracle[position][k];
      dot += x * y, a += x * x, b += y * y;
    }
    worst = std::min(worst, dot / std::sqrt(a * b));
  }
  return worst;
}

TEST_F(Compile, FollowsTheFloatOracleAtOddSizes) {
  for (const ModelConfig& model : {model_of(320, 1024, 3, 1000), model_of(33, 50, 1, 17),
                                   model_of(100, 260, 4, 2500), model_of(16, 16, 2, 16)}) {
    const SternaFile file = compiled(checkpoint({model, Dtype::kBF16, 1, model.hidden_size}));
    EXPECT_GT(worst_cosine(file), 0.999) << "d " << model.hidden_size;
  }
}

Scaling scaling_of(const Checkpoint& tensors, std::optional<float> mean = std::nullopt) {
  const auto tensor = [&](const std::string& name) { return tensors.tensor(name); };
  return choose_scaling({tensors.config(), tensor, [&](const std::string& name) {
                           return mean ? *mean : mean_magnitude(tensors.tensor(name));
                         }});
}

ModelConfig with_trees(ModelConfig model, const FffConfig& fff, std::vector<unsigned> layers) {
  model.fff = fff;
  for (const unsigned layer : layers) {
    model.layers[layer].channel_mixer =
        fff.master_leaf_size == 0 ? ChannelMixer::kFff : ChannelMixer::kFffGlu;
  }
  return model;
}

// With trees in some or all layers, a GLU beside them or not, and every activation; small, large
// and plain weights.
TEST_F(Compile, FollowsTheFloatOracleOverTrees) {
  const struct {
    ModelConfig model;
    int power;
  } cases[] = {
      {with_trees(model_of(64, 96, 3, 100), {{4, 5}, Activation::kNone, 0}, {0, 1, 2}), 0},
      {with_trees(model_of(96, 64, 2, 100), {{2, 7}, Activation::kGelu, 32}, {1}), 0},
      {with_trees(model_of(33, 50, 2, 40), {{3, 2}, Activation::kSilu, 17}, {0, 1}), 3},
      {with_trees(model_of(128, 50, 1, 40), {{1, 8}, Activation::kRelu, 0}, {0}), -3},
      {with_trees(model_of(40, 50, 2, 40), {{16, 0}, Activation::kGelu, 0}, {0, 1}), 0},
  };
  for (const auto& [model, power] : cases) {
    const SternaFile file = compiled(checkpoint({model, Dtype::kF32, 1, model.hidden_size, power}));
    EXPECT_GT(worst_cosine(file), 0.999) << "d " << model.hidden_size;
  }
}

// Trees are striped in an order of their own.
TEST_F(Compile, TreesGiveTheSameOnAnyChannelsAndLanes) {
  const SternaFile file = compiled(
      checkpoint({with_trees(model_of(80, 96, 3, 100), {{3, 6}, Activation::kSilu, 24}, {0, 2}),
                  Dtype::kF32, 1, 3}));
  const Rows expected = logits_of(file);
  for (const std::uint32_t channels : {2u, 4u}) {
    backends::BackendOptions options;
    options.channels = channels;
    options.lanes = 3;
    const auto engine = backends::make_engine(file, options);
    for (std::size_t i = 0; i < kTokens.size(); ++i) {
      const auto logits = engine::predict(*engine, kTokens[i]);
      EXPECT_EQ(std::vector<double>(logits.begin(), logits.end()), expected[i]) << channels;
    }
  }
}

TEST_F(Compile, RefusesTreesThatTheVectorLengthDoesNotHold) {
  const auto folder = checkpoint(
      {with_trees(model_of(32, 32, 1, 40), {{64, 4}, Activation::kNone, 0}, {0}), Dtype::kF32});
  expect_error(error_of([&] { compiled(folder, {.vector_length = 256}); }),
               "the model has vectors of 512 elements, more than the vector length 256");
}

TEST_F(Compile, TreesAreWhatTheirTensorsSay) {
  const ModelConfig model =
      with_trees(model_of(20, 30, 1, 16), {{2, 5}, Activation::kNone, 0}, {0});
  const auto folder = checkpoint({model, Dtype::kF32});
  const SternaFile file = compiled(folder);
  EXPECT_EQ(file.header().requirements.fff, 2u);
  const Checkpoint floats(folder);
  for (const char* name :
       {"model.layers.0.ffn.linear_in.weight", "model.layers.0.ffn.linear_out.weight"}) {
    EXPECT_EQ(file.matrix(name).trits, quantise(floats.tensor(name)).trits) << name;
  }
}

// The RTL gives golden's logits; a device without the capability is refused before anything runs.
TEST_F(Compile, TreesRunOnTheRtlThatHasThem) {
  const SternaFile file = compiled(checkpoint(
      {with_trees(model_of(20, 30, 1, 16), {{2, 5}, Activation::kSilu, 8}, {0}), Dtype::kF32}));
  EXPECT_EQ(logits_of(file, "rtl"), logits_of(file));
  const backends::BackendOptions tiny{.name = "rtl", .configuration = "tiny"};
  expect_error(error_of([&] { backends::make_engine(file, tiny); }),
               "needs 2 trees in the capability FFF, rtl (tiny) has 0");
}

TEST_F(Compile, ScalesDownWhatWouldLeaveTheRange) {
  // Embeddings up to 32, and halves of the MLP that may reach 300.
  const auto folder = checkpoint({model_of(64, 192, 3, 40), Dtype::kF32, 1, 5, 4});
  const Scaling scaling = scaling_of(Checkpoint(folder));
  EXPECT_LE(scaling.residual, -2);
  for (std::uint32_t n = 0; n < 3; ++n) {
    const std::string gate = layer_tensor(n, "mlp.gate_proj");
    EXPECT_LE(scaling.product(gate, 0), -1);
    EXPECT_LE(scaling.product(gate, 1), -1);
    EXPECT_EQ(scaling.headroom(gate), 7u);  // up may be anything
  }
  EXPECT_GT(worst_cosine(compiled(folder)), 0.999);
}

TEST_F(Compile, ScalesUpWhatIsSmall) {
  const auto folder = checkpoint({model_of(64, 192, 3, 40), Dtype::kF32, 1, 5});
  const Scaling scaling = scaling_of(Checkpoint(folder), 1e-5f);
  for (std::uint32_t n = 0; n < 3; ++n) {
    EXPECT_EQ(scaling.product(layer_tensor(n, "attn.i_proj")), 7);  // as far as SILUP goes
    EXPECT_EQ(scaling.product(layer_tensor(n, "attn.g_proj")), 5);  // as far as eps does
    const std::string gate = layer_tensor(n, "mlp.gate_proj");
    EXPECT_EQ(scaling.product(gate, 0) + scaling.product(gate, 1), 5);
  }
  EXPECT_TRUE(scaling.may_saturate.empty());
}

TEST_F(Compile, GivesEmbeddingsThatAreTinyBesideTheSumsAPowerOfTheirOwn) {
  const auto folder = checkpoint({model_of(64, 192, 3, 40), Dtype::kF32, 1, 5});
  const Scaling usual = scaling_of(Checkpoint(folder));
  EXPECT_EQ(usual.embedding, usual.residual);
  const Scaling large = scaling_of(Checkpoint(folder), 16.0f);
  EXPECT_LT(large.residual, -5);
  EXPECT_EQ(large.embedding, 5);  // as far as eps goes
}

TEST_F(Compile, NamesWhatMaySaturate) {
  // A mean of 1000 makes logits of many thousands; they leave the machine as they are.
  const auto folder = checkpoint({model_of(64, 192, 1, 40), Dtype::kF32, 1, 5});
  const auto names = scaling_of(Checkpoint(folder), 1000.0f).may_saturate;
  EXPECT_NE(std::ranges::find(names, "lm_head"), names.end());
}

TEST_F(Compile, GivesTheSameLogitsWhateverTheVectorLength) {
  const auto folder = checkpoint({model_of(40, 64, 2, 300), Dtype::kF32, 1, 9});
  const SternaFile whole = compiled(folder);
  const auto expected = logits_of(whole);
  for (const std::uint32_t length : {64u, 80u, 208u, 304u}) {
    const SternaFile file = compiled(folder, {length, {}, {}});
    EXPECT_EQ(logits_of(file), expected) << length;
    EXPECT_LE(file.header().requirements.vector_length, length);
    for (const Instruction& instruction : file.program()) {
      EXPECT_LE(instruction.get(Field::kLen), length);
      EXPECT_LE(instruction.get(Field::kRows), length);
    }
  }
  expect_error(error_of([&] { compiled(folder, {48, {}, {}}); }), "vectors of 64 elements");
  expect_error(error_of([&] { compiled(folder, {100, {}, {}}); }), "not a multiple of 16");
  expect_error(error_of([&] {
                 compiled(folder, {16384, {}, {}});
               }),
               "not a multiple of 16 up to 8192");
}

TEST_F(Compile, GivesTheSameLogitsForEveryTypeAndForShards) {
  const ModelConfig model = model_of(48, 100, 2, 70);
  const auto expected = logits_of(compiled(checkpoint({model, Dtype::kF32, 1, 4})));
  for (const Dtype dtype : {Dtype::kF16, Dtype::kBF16}) {
    EXPECT_EQ(logits_of(compiled(checkpoint({model, dtype, 4, 4}))), expected);
  }
}

TEST_F(Compile, TheOracleIsTheSameFromCheckpointAndFile) {
  const auto folder = checkpoint({model_of(24, 40, 2, 50), Dtype::kBF16, 1, 6});
  const auto a = backends::make_engine(folder, {"float"}),
             b = backends::make_engine(compiled(folder), {"float"});
  for (const std::uint32_t token : kTokens) {
    const auto x = engine::predict(*a, token), y = engine::predict(*b, token);
    EXPECT_TRUE(std::ranges::equal(x, y));
  }
}

TEST_F(Compile, ProgramsPassTheLegalityRulesTheyDeclare) {
  const SternaFile file =
      compiled(checkpoint({model_of(40, 64, 3, 300), Dtype::kF32, 1, 2}), {64, {}, {}});
  const Requirements& needs = file.header().requirements;
  for (const Instruction& instruction : file.program()) {
    EXPECT_EQ(check(instruction, {needs.vector_length, needs.registers}), Status::kOk);
  }
}

TEST_F(Compile, NamesTheMatrixOfEveryInstructionThatReadsOne) {
  // The head is cut into five blocks.
  const SternaFile file =
      compiled(checkpoint({model_of(40, 64, 2, 300), Dtype::kF32, 1, 2}), {64, {}, {}});
  const std::vector<Instruction> program = file.program();
  std::size_t products = 0;
  for (const Instruction& in : program) {
    products += in.get(Field::kOp) == static_cast<std::uint32_t>(Opcode::kTmatmul) ? 1 : 0;
  }
  EXPECT_EQ(file.header().relocations.size(), products);
  EXPECT_EQ(products, 3 * 2 * 7 + 2 * 5u);
  for (const Relocation& r : file.header().relocations) {
    const PackedBlock& block = file.header().matrices.at(r.matrix).blocks.at(r.block);
    EXPECT_EQ(std::uint64_t{program[r.instruction].get(Field::kOff)} * kLineBytes, block.offset);
  }
}

TEST_F(Compile, LeavesNothingBehindWhenItFails) {
  const auto folder = checkpoint({model_of(24, 40, 2, 50), Dtype::kF32, 1, 6});
  // The last tensor's last value becomes NaN: most of the file is written by then.
  auto bytes = read_file(folder / "model.safetensors");
  for (std::size_t i = 1; i <= 4; ++i) bytes[bytes.size() - i] = std::byte{0xFF};
  write_file_atomically(folder / "model.safetensors", bytes);
  const auto output = folder / "out.sterna";
  expect_error(error_of([&] { compile_model(folder, output); }),
               "model.safetensors: tensor lm_head.weight: element [49, 23] is nan");
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++files;
  EXPECT_EQ(files, 2u) << "config.json and model.safetensors alone";
  expect_error(error_of([&] { compile_model(folder, folder / "no" / "out.sterna"); }),
               "cannot write");
}

TEST_F(Compile, EnginesForgetOnReset) {
  const SternaFile file = compiled(checkpoint({model_of(24, 40, 2, 50), Dtype::kF32, 1, 6}));
  for (const char* backend : {"golden", "float"}) {
    const auto engine = backends::make_engine(file, {backend});
    const auto copy = [&](std::uint32_t token) {
      const auto logits = engine::predict(*engine, token);
      return std::vector<double>(logits.begin(), logits.end());
    };
    const auto first = copy(3);
    const auto second = copy(3);
    EXPECT_NE(first, second) << "the state must matter";
    engine->reset(0);
    EXPECT_EQ(copy(3), first);
    EXPECT_EQ(copy(3), second);
    expect_error(error_of([&] { engine::predict(*engine, 50); }),
                 "token 50 is beyond the vocabulary of 50");
  }
}

TEST_F(Compile, EnginesSayWhatADeviceLacks) {
  const SternaFile file = compiled(checkpoint({model_of(24, 300, 2, 50), Dtype::kF32, 1, 6}));
  expect_error(error_of([&] {
                 backends::make_engine(file, {"rtl", "tiny"});  // vectors of 256
               }),
               "needs 304 elements in a vector register");
}

}  // namespace
}  // namespace sterna::model
