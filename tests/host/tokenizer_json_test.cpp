// SPDX-License-Identifier: Apache-2.0
// tokenizer.json: the ids and texts that PyPI's tokenizers finds (tokenizers/make_vectors.py), and
// what is refused.
#include "host/model/tokenizer_json.h"

#include <functional>

#include "host/model/bpe_tokenizer.h"
#include "host/model/compiler.h"
#include "host/model/folder_tokenizer.h"
#include "support/files.h"
#include "support/json.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna::model {
namespace {

constexpr std::uint32_t kVocab = 500;
using Ids = std::vector<std::uint32_t>;

std::string file(const std::string& name) {
  return read_text_file(std::filesystem::path(STERNA_TOKENIZERS) / name);
}

BpeTokenizer tokenizer_of(const std::string& json) {
  TokenizerJson description = parse_tokenizer_json(json, kVocab, "tokenizer.json");
  PromptFrame frame = description.frame;
  return {std::move(description), std::move(frame)};
}

std::string decoded(const Tokenizer& tokenizer, const Ids& tokens) {
  std::string text;
  TextStream stream(tokenizer);
  for (const std::uint32_t token : tokens) text += stream.add(token);
  return text;
}

TEST(TokenizerJson, FindsWhatTokenizersFinds) {
  const Json vectors = parse_json_object(file("vectors.json"), "vectors.json");
  for (const auto& [name, cases] : vectors.items()) {
    const BpeTokenizer tokenizer = tokenizer_of(file(name + ".json"));
    EXPECT_GT(cases.size(), 50u);
    for (const Json& c : cases) {
      const auto text = c["text"].get<std::string>();
      const auto special = c["special"].get<Ids>();
      EXPECT_EQ(tokenizer.encode(text, true), special) << name << ": " << c["text"];
      EXPECT_EQ(tokenizer.encode(text), c["plain"].get<Ids>()) << name << ": " << c["text"];
      EXPECT_EQ(decoded(tokenizer, special), c["decoded"].get<std::string>())
          << name << ": " << c["text"];
    }
  }
}

TEST(TokenizerJson, KeepsBytesThatAreNoCharacters) {
  const BpeTokenizer tokenizer = tokenizer_of(file("llama.json"));
  for (const std::string text : {"\xFF", "a\xC3", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC0\x80"}) {
    EXPECT_EQ(decoded(tokenizer, tokenizer.encode(text)), text);
  }
  EXPECT_EQ(tokenizer.decode(kVocab - 1, true), "") << "no piece has this id";
}

TEST(TokenizerJson, TurnsAreReadAsOneText) {
  for (const char* name : {"llama.json", "mistral.json", "old.json"}) {
    const BpeTokenizer tokenizer(parse_tokenizer_json(file(name), kVocab, name), {});
    std::string said = "the tern";
    Ids tokens = tokenizer.encode(said);
    for (const std::string turn : {"\nthe sea", " and\n", "to be", "\n  or \xC3\xA9 not"}) {
      const Ids more = tokenizer.encode_more(said, turn);
      tokens.insert(tokens.end(), more.begin(), more.end());
      said += turn;
      EXPECT_EQ(tokens, tokenizer.encode(said)) << name << ": " << said;
    }
  }
}

// The smallest description, for whoever wants to spoil it.
Json small() {
  return parse_json_object(R"({
    "added_tokens": [{"id": 3, "content": "<s>", "special": true}],
    "normalizer": null,
    "pre_tokenizer": {"type": "Metaspace", "replacement": "_"},
    "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}],
      "special_tokens": {"<s>": {"ids": [3]}}},
    "decoder": {"type": "Metaspace", "replacement": "_"},
    "model": {"type": "BPE", "vocab": {"_": 0, "a": 1, "_a": 2}, "merges": ["_ a"]}})",
                           "small");
}

std::string refusal(const std::function<void(Json&)>& spoil) {
  Json json = small();
  spoil(json);
  return error_of([&] { parse_tokenizer_json(json.dump(), 10, "tokenizer.json"); });
}

TEST(TokenizerJson, RefusesWhatItCannotUse) {
  EXPECT_EQ(refusal([](Json&) {}), "");
  const auto text = [](const char* value) { return Json::parse(value); };
  const struct {
    const char* message;
    std::function<void(Json&)> spoil;
  } cases[] = {
      {"model: Unigram is not supported, only BPE",
       [](Json& j) { j["model"]["type"] = "Unigram"; }},
      {"model: WordPiece is not", [](Json& j) { j["model"]["type"] = "WordPiece"; }},
      {"\"model\" is missing", [](Json& j) { j.erase("model"); }},
      {"model: not an object", [](Json& j) { j["model"] = 5; }},
      {"\"type\" is not a string", [](Json& j) { j["model"]["type"] = 5; }},
      {"vocab is no object", [](Json& j) { j["model"]["vocab"] = Json::array(); }},
      {"vocab: id 1 is", [](Json& j) { j["model"]["vocab"]["b"] = 1; }},
      {"vocab: b: 10 is no id", [](Json& j) { j["model"]["vocab"]["b"] = 10; }},
      {"vocab: b: -1 is no id", [](Json& j) { j["model"]["vocab"]["b"] = -1; }},
      {"vocab: b: 1.5 is no id", [](Json& j) { j["model"]["vocab"]["b"] = 1.5; }},
      {"vocab: b: array is no id", [](Json& j) { j["model"]["vocab"]["b"] = Json::array(); }},
      {"merges is no array", [](Json& j) { j["model"]["merges"] = "_ a"; }},
      {"merges[1]: x is no piece", [](Json& j) { j["model"]["merges"].push_back("_ x"); }},
      {"merges[1]: aa is no piece", [](Json& j) { j["model"]["merges"].push_back("a a"); }},
      {"merges[1]: not two pieces", [](Json& j) { j["model"]["merges"].push_back("a"); }},
      {"merges[1]: not two pieces", [](Json& j) { j["model"]["merges"].push_back("a a a"); }},
      {"merges[1]: not two pieces",
       [=](Json& j) { j["model"]["merges"].push_back(text("[1,2]")); }},
      {"unk_token <u> is no piece", [](Json& j) { j["model"]["unk_token"] = "<u>"; }},
      {"byte_fallback is neither", [](Json& j) { j["model"]["byte_fallback"] = 1; }},
      {"dropout is not supported", [](Json& j) { j["model"]["dropout"] = 0.1; }},
      {"end_of_word_suffix is not", [](Json& j) { j["model"]["end_of_word_suffix"] = "</w>"; }},
      {"normalizer: NFKC is not supported",
       [=](Json& j) { j["normalizer"] = text(R"({"type":"NFKC"})"); }},
      {"normalizer[0]: Lowercase",
       [=](Json& j) {
         j["normalizer"] = text(R"({"type":"Sequence","normalizers":[{"type":"Lowercase"}]})");
       }},
      {"the pattern of Replace is no String",
       [=](Json& j) {
         j["normalizer"] = text(R"({"type":"Replace","pattern":{"Regex":" +"},"content":"_"})");
       }},
      {"the pattern of Replace is empty",
       [=](Json& j) {
         j["normalizer"] = text(R"({"type":"Replace","pattern":{"String":""},"content":"_"})");
       }},
      {"normalizer: \"type\" is missing", [](Json& j) { j["normalizer"] = Json::object(); }},
      {"pre_tokenizer: ByteLevel is not supported, only Metaspace",
       [](Json& j) { j["pre_tokenizer"]["type"] = "ByteLevel"; }},
      {"pre_tokenizer: Split is not supported",
       [=](Json& j) {
         j["pre_tokenizer"] = text(
             R"({"type":"Split","pattern":{"Regex":"\\s+"},"behavior":"Isolated","invert":false})");
       }},
      {"pre_tokenizer[1]: Digits is not supported",
       [=](Json& j) {
         j["pre_tokenizer"] = text(
             R"({"type":"Sequence","pretokenizers":[{"type":"Metaspace","replacement":"_"},{"type":"Digits"}]})");
       }},
      {"normalizer: Strip is not supported",
       [=](Json& j) { j["normalizer"] = text(R"({"type":"Strip","strip_left":true})"); }},
      {"normalizer: Precompiled is not",
       [=](Json& j) {
         j["normalizer"] = text(R"({"type":"Precompiled","precompiled_charsmap":""})");
       }},
      {"decoder: ByteLevel is not", [](Json& j) { j["decoder"]["type"] = "ByteLevel"; }},
      {"decoder: the pattern of Replace is no String",
       [=](Json& j) {
         j["decoder"] = text(R"({"type":"Replace","pattern":{"Regex":"_"},"content":" "})");
       }},
      {"post_processor[0]: ByteLevel is not",
       [=](Json& j) {
         j["post_processor"] = text(R"({"type":"Sequence","processors":[{"type":"ByteLevel"}]})");
       }},
      {"continuing_subword_prefix is not",
       [](Json& j) { j["model"]["continuing_subword_prefix"] = "##"; }},
      {"replacement is not one character",
       [](Json& j) { j["pre_tokenizer"]["replacement"] = "ab"; }},
      {"prepend_scheme last", [](Json& j) { j["pre_tokenizer"]["prepend_scheme"] = "last"; }},
      {"decoder: there is none", [](Json& j) { j.erase("decoder"); }},
      {"decoder: WordPiece is not", [](Json& j) { j["decoder"]["type"] = "WordPiece"; }},
      {"decoder[1]: Strip is supported with",
       [=](Json& j) {
         j["decoder"] = text(
             R"({"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Strip","content":" ","start":2,"stop":0}]})");
       }},
      {"post_processor: RobertaProcessing",
       [](Json& j) { j["post_processor"]["type"] = "RobertaProcessing"; }},
      {"single is without the text", [](Json& j) { j["post_processor"]["single"].erase(1); }},
      {"single has the text twice",
       [](Json& j) { j["post_processor"]["single"][0] = j["post_processor"]["single"][1]; }},
      {"single has a part of no kind", [](Json& j) { j["post_processor"]["single"][0] = 1; }},
      {"\"<s>\" is missing",
       [](Json& j) { j["post_processor"]["special_tokens"] = Json::object(); }},
      {"special_tokens: <s>: 77 is no id",
       [](Json& j) { j["post_processor"]["special_tokens"]["<s>"]["ids"][0] = 77; }},
      {"added_tokens is no array", [](Json& j) { j["added_tokens"] = 5; }},
      {"added_tokens[0]: id 1 is", [](Json& j) { j["added_tokens"][0]["id"] = 1; }},
      {"added_tokens[0]: 10 is no id", [](Json& j) { j["added_tokens"][0]["id"] = 10; }},
      {"added_tokens[0]: a has the ids 1 and 3",
       [](Json& j) { j["added_tokens"][0]["content"] = "a"; }},
      {"added_tokens[0]: a token without text",
       [](Json& j) { j["added_tokens"][0]["content"] = ""; }},
      {"added_tokens[0]: single_word", [](Json& j) { j["added_tokens"][0]["single_word"] = true; }},
      {"not an object", [](Json& j) { j["added_tokens"][0] = 3; }},
  };
  for (const auto& c : cases) {
    const std::string message = refusal(c.spoil);
    expect_error(message, c.message);
    EXPECT_TRUE(message.starts_with("tokenizer.json: ")) << message;
  }
}

TEST(TokenizerJson, EveryTruncationIsRefused) {
  const std::string text = file("mistral.json");
  for (std::size_t size = 0; size + 2 < text.size(); size += 31) {
    EXPECT_NE(error_of([&] { tokenizer_of(text.substr(0, size)); }), "") << size;
  }
}

// Any value in any place either makes a tokenizer, which then reads a text, or one line.
TEST(TokenizerJson, EveryValueMayBeWrong) {
  const Json flat = small().flatten();
  for (const auto& [path, old] : flat.items()) {
    for (const Json& value :
         {Json(), Json(true), Json(-1), Json(1e300), Json(~0ull), Json(""), Json("<s>"),
          Json("\xE2\x96\x81"), Json::array(), Json::object(), Json({"a", "b"})}) {
      Json json = small();
      json[Json::json_pointer(path)] = value;
      const std::string message =
          error_of([&] { tokenizer_of(json.dump()).encode("a <s> a", true); });
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  }
}

class JsonFolder : public testing::Test {
 protected:
  JsonFolder() {
    ModelConfig model;
    model.vocab_size = kVocab;
    model.hidden_size = 8;
    model.layers.resize(1);
    model.intermediate_size = 8;
    model.eos_token_ids = {2};
    write_random_checkpoint(folder_ / "m", {model, Dtype::kF32, 1, 1});
  }
  void write(const std::string& name, const std::string& text) {
    write_file_atomically(folder_ / ("m/" + name), text);
  }
  SternaFile compiled(bool bare_ids = false) {
    CompileOptions options;
    options.bare_ids = bare_ids;
    compile_model(folder_ / "m", folder_ / "m.sterna", options);
    return SternaFile(folder_ / "m.sterna");
  }
  TestFolder folder_;
};

TEST_F(JsonFolder, IsUsedWithoutTokenizerModel) {
  write("tokenizer.json", file("llama.json"));
  const SternaFile model = compiled();
  EXPECT_EQ(model.header().tokenizer, TokenizerKind::kBpe);
  const auto tokenizer = make_tokenizer(model);
  EXPECT_EQ(tokenizer->encode("the tern"), tokenizer_of(file("llama.json")).encode("the tern"));
  EXPECT_EQ(decoded(*tokenizer, tokenizer->encode("the tern")), "the tern");

  write("tokenizer_config.json", R"({"add_bos_token": false, "add_eos_token": true})");
  EXPECT_EQ(compiled().header().frame.before, Ids{}) << "stands above the template";
  EXPECT_EQ(compiled().header().frame.behind, Ids{2}) << "</s>";
  write("tokenizer_config.json", R"({"add_bos_token": true, "bos_token": "<tool>"})");
  EXPECT_EQ(compiled().header().frame.before,
            tokenizer_of(file("llama.json")).encode("<tool>", true).size() == 2
                ? Ids{tokenizer_of(file("llama.json")).encode("<tool>", true)[1]}
                : Ids{});
}

TEST_F(JsonFolder, WhatCannotBeUsedIsAnErrorAndNoneMakesBareIds) {
  const auto refused = [&](const std::string& part) {
    const std::string message = error_of([&] { compiled(); });
    expect_error(message, part);
    expect_error(message, "(--tokenizer none makes a model of bare ids)");
    EXPECT_EQ(compiled(true).header().tokenizer, TokenizerKind::kIds);
  };
  write("tokenizer.json", R"({"model": {"type": "Unigram"}})");
  refused("m/tokenizer.json: model: Unigram is not supported, only BPE");
  write("tokenizer.json", "{");
  refused("m/tokenizer.json: ");
  std::filesystem::remove(folder_ / "m/tokenizer.json");
  write("vocab.json", "{}");
  refused("m/vocab.json: of a tokenizer that is read from tokenizer.model or tokenizer.json only");
}

}  // namespace
}  // namespace sterna::model
