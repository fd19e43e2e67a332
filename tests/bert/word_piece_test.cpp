// SPDX-License-Identifier: Apache-2.0
#include "host/bert/word_piece.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "support/error.h"

namespace sterna::bert {
namespace {

constexpr const char* kFolder = STERNA_BERT_TOKENIZER;

std::string read(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(kFolder) + "/" + name).rdbuf();
  return text.str();
}

// What a damaged or other tokenizer says.
std::string error_of(const std::function<void(Json&)>& change) {
  Json json = Json::parse(read("tokenizer.json"));
  change(json);
  try {
    WordPiece(json.dump(), 300, "t.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(WordPiece, GivesTheIdsOfThePublishedLibrary) {
  const Json file = Json::parse(read("vectors.json"));
  const WordPiece tokenizer(read("tokenizer.json"), file["vocab_size"].get<std::uint32_t>(),
                            "t.json");
  std::size_t count = 0;
  for (const Json& vector : file["vectors"]) {
    EXPECT_EQ(tokenizer.encode(vector["text"].get<std::string>()),
              vector["ids"].get<std::vector<std::uint32_t>>())
        << vector["text"];
    ++count;
  }
  EXPECT_GT(count, 150u);
}

TEST(WordPiece, TakesBytesThatAreNoUtf8ForNothing) {
  const WordPiece tokenizer(read("tokenizer.json"), 300, "t.json");
  EXPECT_EQ(tokenizer.encode("the\xff tern\xc3"), tokenizer.encode("the tern"));
}

// Whatever the tokenizer says of how long words may be.
TEST(WordPiece, ALongWordTakesNoLongerThanItsPieces) {
  Json json = Json::parse(read("tokenizer.json"));
  json["model"]["max_input_chars_per_word"] = 1u << 30;
  const WordPiece tokenizer(json.dump(), 300, "t.json");
  const std::size_t frame = tokenizer.encode("").size();
  EXPECT_EQ(tokenizer.encode(std::string(1'000'000, 'a')).size() - frame, 1'000'000u);
}

TEST(WordPiece, KnowsItsMask) {
  const WordPiece tokenizer(read("tokenizer.json"), 300, "t.json");
  ASSERT_TRUE(tokenizer.mask());
  EXPECT_EQ(tokenizer.piece(*tokenizer.mask()), "<mask>");
}

TEST(WordPiece, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(error_of([](Json&) {}), "none");
  EXPECT_EQ(error_of([](Json& j) { j["model"]["type"] = "BPE"; }),
            "t.json: model: BPE is not supported, only WordPiece");
  EXPECT_EQ(error_of([](Json& j) { j["model"]["unk_token"] = "?!"; }),
            "t.json: model: unk_token ?! is no piece of the vocabulary");
  EXPECT_EQ(error_of([](Json& j) { j["model"]["vocab"]["the"] = 300; }),
            "t.json: model: vocab: the: 300 is no id in a vocabulary of 300");
  EXPECT_EQ(error_of([](Json& j) { j["model"]["vocab"]["twice"] = 6; }),
            "t.json: model: vocab: twice: id 6 is that of <mask>, too");
  EXPECT_EQ(error_of([](Json& j) { j["pre_tokenizer"]["type"] = "BertPreTokenizer"; }),
            "t.json: pre_tokenizer: BertPreTokenizer is not supported, only Whitespace");
  EXPECT_EQ(error_of([](Json& j) { j["normalizer"]["normalizers"][2]["type"] = "NFKC"; }),
            "t.json: normalizer[2]: NFKC is not supported, only NFD, Lowercase, StripAccents and "
            "Replace");
  EXPECT_EQ(error_of([](Json& j) { j["normalizer"]["normalizers"].erase(6); }),
            "t.json: normalizer: without a Replace of [^\\x00-\\x7F]+ by nothing");
  EXPECT_EQ(error_of([](Json& j) { j["added_tokens"][6]["normalized"] = true; }),
            "t.json: added_tokens: <mask>: normalized is not supported");
  EXPECT_EQ(error_of([](Json& j) { j.erase("model"); }), "t.json: \"model\" is missing");
}

// Whatever part of the file is missing or of another type, there is one line or a tokenizer.
TEST(WordPiece, SurvivesDamage) {
  const Json whole = Json::parse(read("tokenizer.json")).flatten();
  for (const auto& [pointer, value] : whole.items()) {
    if (pointer.find("/vocab/") != std::string::npos && pointer.back() != 'e') continue;
    for (const Json& other : {Json(nullptr), Json(-1), Json("x"), Json(1e300), Json(true)}) {
      Json damaged = whole;
      damaged[pointer] = other;
      try {
        WordPiece(damaged.unflatten().dump(), 300, "t.json").encode("the <mask> sea");
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::StartsWith("t.json")) << pointer;
      }
    }
  }
}

}  // namespace
}  // namespace sterna::bert
