// Text to tokens and back, with a SentencePiece model that is trained here.
#include "host/model/tokenizer.h"

#include <sentencepiece_trainer.h>

#include "host/model/compiler.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna {
namespace {

constexpr std::uint32_t kPieces = 330;

class Lines : public sentencepiece::SentenceIterator {
 public:
  bool done() const override { return left_ == 0; }
  void Next() override { --left_; }
  const std::string& value() const override { return left_ % 2 == 0 ? even_ : odd_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  int left_ = 100;
  std::string even_ = "the tern flies over the sea and the ternary tern turns";
  std::string odd_ = "to be or not to be that is the question of the tern";
};

// A small model of Llama's kind: BPE, byte fallback, BOS 1, EOS 2.
std::string trained_model() {
  Lines lines;
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(
      fmt::format("--model_type=bpe --vocab_size={} --byte_fallback=true --minloglevel=2 "
                  "--hard_vocab_limit=false --character_coverage=1.0 "
                  "--normalization_rule_name=identity",
                  kPieces),
      &lines, &model);
  if (!status.ok()) throw Error("training: {}", status.ToString());
  return model;
}

ModelConfig model_of(std::uint32_t vocab) {
  ModelConfig model;
  model.vocab_size = vocab;
  model.hidden_size = 8;
  model.layers = 1;
  model.intermediate_size = 8;
  return model;
}

std::string decoded(const Tokenizer& tokenizer, std::span<const std::uint32_t> tokens) {
  std::string text;
  for (const std::uint32_t token : tokens) text += tokenizer.decode(token, text.empty());
  return text;
}

TEST(Tokenizer, SentencePieceRoundTrips) {
  const std::string model = trained_model();
  const auto bytes = std::as_bytes(std::span(model));
  const auto tokenizer = make_sentencepiece_tokenizer(bytes, model_of(kPieces), true, "t");
  for (const std::string text :
       {"the tern", "to be or not", "Zebra \xC3\xA9\xE2\x82\xAC!", "a\nb"}) {
    const auto tokens = tokenizer->encode(text);
    ASSERT_FALSE(tokens.empty());
    EXPECT_EQ(tokens[0], 1u) << "BOS";
    EXPECT_EQ(decoded(*tokenizer, tokens), text);
  }
  EXPECT_LT(tokenizer->encode("the tern").size(), 6u) << "words, not letters";
  EXPECT_TRUE(tokenizer->ends(2));
  EXPECT_FALSE(tokenizer->ends(3));
  EXPECT_EQ(tokenizer->decode(2, false), "");
  EXPECT_EQ(tokenizer->decode(kPieces + 5, false), "");

  const auto bare = make_sentencepiece_tokenizer(bytes, model_of(kPieces), false, "t");
  EXPECT_NE(bare->encode("the tern")[0], 1u);
}

TEST(Tokenizer, SentencePieceRefusesWhatDoesNotFit) {
  const std::string model = trained_model();
  expect_error(error_of([&] {
                 make_sentencepiece_tokenizer(std::as_bytes(std::span(model)), model_of(100), true,
                                              "tokenizer.model");
               }),
               "pieces for a vocabulary of 100");
  const std::string junk = "not a model";
  expect_error(error_of([&] {
                 make_sentencepiece_tokenizer(std::as_bytes(std::span(junk)), model_of(kPieces),
                                              true, "tokenizer.model");
               }),
               "tokenizer.model: not a SentencePiece model");
}

TEST(Tokenizer, TheCompilerTakesWhatTheFolderHas) {
  const TestFolder folder;
  const auto compiled = [&](std::uint32_t vocab) {
    write_random_checkpoint(folder / "m", {model_of(vocab), Dtype::kF32, 1, 1});
    compile_model(folder / "m", folder / "m.sterna");
    return SternaFile(folder / "m.sterna");
  };
  EXPECT_EQ(compiled(100).header().tokenizer, TokenizerKind::kIds);
  const SternaFile bytes = compiled(256);
  EXPECT_EQ(bytes.header().tokenizer, TokenizerKind::kBytes);
  const auto tokenizer = make_tokenizer(bytes);
  EXPECT_EQ(tokenizer->encode("\xFF\n"), (std::vector<std::uint32_t>{255, 10}));
  EXPECT_EQ(tokenizer->decode(255, true), "\xFF");

  const std::string model = trained_model();
  std::filesystem::create_directories(folder / "m");
  write_file_atomically(folder / "m/tokenizer.model", model);
  const SternaFile pieces = compiled(kPieces);
  EXPECT_EQ(pieces.header().tokenizer, TokenizerKind::kSentencePiece);
  EXPECT_TRUE(pieces.header().add_bos);
  EXPECT_EQ(decoded(*make_tokenizer(pieces), make_tokenizer(pieces)->encode("the sea")), "the sea");
  write_file_atomically(folder / "m/tokenizer_config.json",
                        std::string_view("{\"add_bos_token\": false}"));
  EXPECT_FALSE(compiled(kPieces).header().add_bos);
  expect_error(error_of([&] { compiled(100); }), "tokenizer.model");
}

TEST(Tokenizer, IdsHaveNoText) {
  const TestFolder folder;
  write_random_checkpoint(folder / "m", {model_of(100), Dtype::kF32, 1, 1});
  compile_model(folder / "m", folder / "m.sterna");
  const auto tokenizer = make_tokenizer(SternaFile(folder / "m.sterna"));
  expect_error(error_of([&] { tokenizer->encode("text"); }), "no tokenizer");
  EXPECT_EQ(decoded(*tokenizer, std::vector<std::uint32_t>{7, 8}), "7 8");
}

}  // namespace
}  // namespace sterna
