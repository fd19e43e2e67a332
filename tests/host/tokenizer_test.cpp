// SPDX-License-Identifier: Apache-2.0
// Text to tokens and back, with a SentencePiece model that is trained here.
#include "host/model/tokenizer.h"

#include <sentencepiece_trainer.h>

#include "host/model/compiler.h"
#include "host/model/folder_tokenizer.h"
#include "host/model/sentencepiece_tokenizer.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna::model {
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
std::string trained_model(const std::string& options = "") {
  Lines lines;
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(
      fmt::format("--model_type=bpe --vocab_size={} --byte_fallback=true --minloglevel=2 "
                  "--hard_vocab_limit=false --character_coverage=1.0 "
                  "--normalization_rule_name=identity {}",
                  kPieces, options),
      &lines, &model);
  if (!status.ok()) throw Error("training: {}", status.ToString());
  return model;
}

ModelConfig model_of(std::uint32_t vocab) {
  ModelConfig model;
  model.vocab_size = vocab;
  model.hidden_size = 8;
  model.layers.resize(1);
  model.intermediate_size = 8;
  return model;
}

std::string decoded(const Tokenizer& tokenizer, std::span<const std::uint32_t> tokens) {
  std::string text;
  TextStream stream(tokenizer);
  for (const std::uint32_t token : tokens) text += stream.add(token);
  return text;
}

TEST(Tokenizer, SentencePieceRoundTrips) {
  const std::string model = trained_model();
  const auto bytes = std::as_bytes(std::span(model));
  const SentencePieceTokenizer tokenizer(bytes, kPieces, {{1}, {}}, "t");
  for (const std::string text :
       {"the tern", "to be or not", "Zebra \xC3\xA9\xE2\x82\xAC!", "a\nb"}) {
    const auto tokens = tokenizer.encode(text);
    ASSERT_FALSE(tokens.empty());
    EXPECT_EQ(tokens[0], 1u) << "BOS";
    EXPECT_EQ(decoded(tokenizer, tokens), text);
  }
  EXPECT_LT(tokenizer.encode("the tern").size(), 6u) << "words, not letters";
  EXPECT_EQ(tokenizer.decode(2, false), "");
  EXPECT_EQ(tokenizer.decode(kPieces + 5, false), "");

  const SentencePieceTokenizer framed(bytes, kPieces, {{}, {2}}, "t");
  EXPECT_NE(framed.encode("the tern").front(), 1u);
  EXPECT_EQ(framed.encode("the tern").back(), 2u);
}

TEST(Tokenizer, SentencePieceRefusesWhatDoesNotFit) {
  const std::string model = trained_model();
  expect_error(error_of([&] {
                 SentencePieceTokenizer(std::as_bytes(std::span(model)), 100, {},
                                        "tokenizer.model");
               }),
               "pieces for a vocabulary of 100");
  const std::string junk = "not a model";
  expect_error(error_of([&] {
                 SentencePieceTokenizer(std::as_bytes(std::span(junk)), kPieces, {},
                                        "tokenizer.model");
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
  EXPECT_EQ(pieces.header().frame.before, std::vector<std::uint32_t>{1})
      << "the tokenizer's; config.json has none";
  EXPECT_EQ(decoded(*make_tokenizer(pieces), make_tokenizer(pieces)->encode("the sea")), "the sea");
  expect_error(error_of([&] { compiled(100); }), "tokenizer.model");
}

// What stands around a prompt, from the folder's own files.
class Frame : public testing::Test {
 protected:
  Frame() { std::filesystem::create_directories(folder_ / "m"); }
  PromptFrame frame(const Json& config, std::optional<std::uint32_t> bos = 1) {
    write_file_atomically(folder_ / "m/tokenizer_config.json", config.dump());
    ModelConfig model = model_of(kPieces);
    model.bos_token_id = bos;
    return read_folder_tokenizer(folder_ / "m", model).frame;
  }
  void tokenizer(const std::string& options = "") {
    write_file_atomically(folder_ / "m/tokenizer.model", trained_model(options));
  }
  using Ids = std::vector<std::uint32_t>;
  TestFolder folder_;
};

TEST_F(Frame, BosStandsWhereTheTokenizerHasOne) {
  tokenizer();
  EXPECT_EQ(frame(Json::object()).before, Ids{1});
  EXPECT_EQ(frame(Json::object()).behind, Ids{});
  for (const auto bos : {std::optional<std::uint32_t>(), std::optional(0u), std::optional(2u)}) {
    EXPECT_EQ(frame(Json::object(), bos).before, Ids{1}) << "config.json has no say";
  }
  EXPECT_EQ(frame({{"add_bos_token", true}}, std::nullopt).before, Ids{1});
  EXPECT_EQ(frame({{"add_bos_token", false}}).before, Ids{});
  EXPECT_EQ(frame({{"add_bos_token", nullptr}}).before, Ids{1});
  EXPECT_EQ(frame({{"bos_token", nullptr}}).before, Ids{});
  EXPECT_EQ(frame({{"bos_token", "</s>"}}).before, Ids{2});
  EXPECT_EQ(frame({{"bos_token", {{"content", "</s>"}}}}).before, Ids{2});
  tokenizer("--bos_id=-1 --eos_id=1");
  EXPECT_EQ(frame(Json::object()).before, Ids{}) << "the tokenizer has none";
  EXPECT_EQ(frame({{"add_eos_token", true}}).behind, Ids{1});
}

TEST_F(Frame, EosEndsAPromptOnlyWhenAsked) {
  tokenizer();
  EXPECT_EQ(frame({{"add_eos_token", true}}).behind, Ids{2});
  EXPECT_EQ(frame({{"add_eos_token", true}, {"eos_token", "<s>"}}).behind, Ids{1});
  EXPECT_EQ(frame({{"add_eos_token", false}}).behind, Ids{});
}

TEST_F(Frame, TokensAddedBehindTheTokenizersOwnAreRead) {
  tokenizer();
  ModelConfig model = model_of(kPieces + 8);
  const auto read = [&](const char* added) {
    write_file_atomically(folder_ / "m/tokenizer_config.json",
                          fmt::format("{{\"added_tokens_decoder\": {}}}", added));
    return read_folder_tokenizer(folder_ / "m", model).serialised;
  };
  const auto own = SentencePieceTokenizer(read("{}"), 400, {}, "t");
  std::uint32_t pieces = 0;  // the trainer may have found fewer than it was asked for
  while (pieces < 400 && (pieces < 259 || !own.decode(pieces, false).empty())) ++pieces;
  const auto two = fmt::format(
      R"({{"1": {{"content": "<s>", "special": true}}, "{}": {{"content": "<pad>", "special": true}},
         "{}": {{"content": "the sea"}}}})",
      pieces, pieces + 1);
  const auto bytes = read(two.c_str());
  const SentencePieceTokenizer tokenizer(bytes, pieces + 2, {}, "t");
  EXPECT_EQ(tokenizer.encode("the sea<pad></s>", true), (Ids{pieces + 1, pieces, 2}));
  EXPECT_EQ(tokenizer.encode("the sea<pad>"), own.encode("the sea<pad>"))
      << "text without --special";
  EXPECT_EQ(tokenizer.decode(pieces, false), "");
  EXPECT_EQ(tokenizer.decode(pieces + 1, false), "the sea");
  model.vocab_size = pieces;
  EXPECT_EQ(read(two.c_str()), read("{}")) << "the model has no such tokens";
  model.vocab_size = pieces + 8;
  const auto gap = fmt::format(R"({{"{}": {{"content": "<pad>"}}}})", pieces + 3);
  expect_error(error_of([&] { read(gap.c_str()); }),
               fmt::format("no added token has id {}", pieces));
  expect_error(error_of([&] { read(R"({"x": {"content": "y"}})"); }), "x: no token id");
  expect_error(error_of([&] { read(R"({"900": 5})"); }), "900: not an object");
  for (const char* rule : {"lstrip", "rstrip", "single_word"}) {
    const auto token = fmt::format(R"({{"1": {{"content": "<s>", "{}": true}}}})", rule);
    expect_error(error_of([&] { read(token.c_str()); }),
                 fmt::format("tokenizer_config.json: added_tokens_decoder: 1: {} is not supported "
                             "with tokenizer.model",
                             rule));
  }
}

TEST_F(Frame, RefusesWhatNamesNoToken) {
  tokenizer();
  const auto error = [&](const Json& config) { return error_of([&] { frame(config); }); };
  expect_error(error({{"add_bos_token", "yes"}}),
               "tokenizer_config.json: add_bos_token is neither");
  expect_error(error({{"bos_token", 1}}), "bos_token is no token");
  expect_error(error({{"add_eos_token", true}, {"eos_token", "<end>"}}),
               "eos_token <end> is no token of the tokenizer");
  expect_error(error({{"add_bos_token", true}, {"bos_token", nullptr}}),
               "tokenizer_config.json: add_bos_token is true, and there is no bos_token");
  tokenizer("--bos_id=-1 --eos_id=1");
  expect_error(error({{"add_bos_token", true}}),
               "add_bos_token is true, and there is no bos_token");
  tokenizer("--eos_id=-1");
  expect_error(error({{"add_eos_token", true}}),
               "add_eos_token is true, and there is no eos_token");
}

TEST(Tokenizer, ShowsNoMarkOfABeginningBehindBos) {
  const std::string model = trained_model();
  const SentencePieceTokenizer tokenizer(std::as_bytes(std::span(model)), kPieces, {}, "t");
  const auto the = tokenizer.encode("the").at(0);
  const std::vector<std::uint32_t> tokens = {1, the, the, 1, the};
  EXPECT_EQ(decoded(tokenizer, tokens), "the the the");

  const std::string plain =
      trained_model("--add_dummy_prefix=false --remove_extra_whitespaces=false");
  const SentencePieceTokenizer exact(std::as_bytes(std::span(plain)), kPieces, {{1}, {}}, "t");
  EXPECT_EQ(decoded(exact, exact.encode(" the tern")), " the tern")
      << "this blank is the text's own";
}

// What is said line by line is read as the whole text is: no turn begins with a blank of its own.
void expect_turns_are_one_text(const Tokenizer& tokenizer) {
  const std::vector<std::string> turns = {"the tern", " flies over\n",           "the sea",
                                          "\nto be",  "\n  or \xC3\xA9 not\n\n", "the question"};
  std::string said = turns[0];
  std::vector<std::uint32_t> tokens = tokenizer.encode(said);
  for (std::size_t i = 1; i < turns.size(); ++i) {
    const auto more = tokenizer.encode_more(said, turns[i]);
    tokens.insert(tokens.end(), more.begin(), more.end());
    said += turns[i];
    EXPECT_EQ(tokens, tokenizer.encode(said)) << said;
    EXPECT_EQ(tokenizer.encode_more(said.substr(said.rfind('\n', said.size() - 2) + 1), "\nand"),
              tokenizer.encode_more(said, "\nand"))
        << "the last line is enough";
  }
  EXPECT_EQ(decoded(tokenizer, tokens), said);
}

TEST(Tokenizer, TurnsAreReadAsOneText) {
  const std::string model = trained_model("--remove_extra_whitespaces=false");
  const SentencePieceTokenizer pieces(std::as_bytes(std::span(model)), kPieces, {{1}, {}}, "t");
  expect_turns_are_one_text(pieces);
  const auto the = pieces.encode("x\nthe sea");
  EXPECT_EQ(pieces.encode_more("x\n", "the sea").size(), the.size() - pieces.encode("x\n").size());
  // A piece over the border: what is new is read as at a line's begin.
  EXPECT_EQ(pieces.encode_more("the ter", "n"), pieces.encode_more("\n", "n"));
  EXPECT_EQ(pieces.encode_more("x", "<s>\n", true).front(), 1u);
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
}  // namespace sterna::model
