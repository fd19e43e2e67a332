// SPDX-License-Identifier: Apache-2.0
#include "host/model/tokenizer.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "host/model/bpe_tokenizer.h"
#include "host/model/sentencepiece_tokenizer.h"
#include "support/error.h"
#include "support/lines.h"

namespace sterna::model {
namespace {

class ByteTokenizer : public Tokenizer {
 public:
  using Tokenizer::Tokenizer;

  std::string decode(std::uint32_t token, bool) const override {
    return std::string(1, static_cast<char>(token));
  }

 private:
  std::vector<std::uint32_t> encode_text(std::string_view text, bool special) const override {
    if (special) throw Error("a model whose tokens are bytes has no special tokens to read");
    std::vector<std::uint32_t> ids;
    for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
    return ids;
  }
};

class IdTokenizer : public Tokenizer {
 public:
  using Tokenizer::Tokenizer;

  std::string decode(std::uint32_t token, bool first) const override {
    return (first ? "" : " ") + std::to_string(token);
  }

 private:
  std::vector<std::uint32_t> encode_text(std::string_view, bool) const override {
    throw Error("this model has no tokenizer: it takes token ids alone, no text");
  }
};

}  // namespace

std::vector<std::uint32_t> Tokenizer::encode(std::string_view text, bool special) const {
  std::vector<std::uint32_t> ids = frame_.before;
  for (const std::uint32_t id : encode_text(text, special)) ids.push_back(id);
  ids.insert(ids.end(), frame_.behind.begin(), frame_.behind.end());
  return ids;
}

std::vector<std::uint32_t> Tokenizer::encode_more(std::string_view before, std::string_view text,
                                                  bool special) const {
  for (const std::string_view context : {before, std::string_view("\n")}) {
    const std::vector<std::uint32_t> head = encode_text(context, special);
    const std::vector<std::uint32_t> all =
        encode_text(std::string(context) + std::string(text), special);
    if (all.size() >= head.size() && std::equal(head.begin(), head.end(), all.begin())) {
      return {all.begin() + static_cast<std::ptrdiff_t>(head.size()), all.end()};
    }
  }
  return encode_text(text, special);
}

std::unique_ptr<Tokenizer> make_tokenizer(const SternaFile& file) {
  const SternaHeader& header = file.header();
  switch (header.tokenizer) {
    case TokenizerKind::kBytes:
      return std::make_unique<ByteTokenizer>(header.frame);
    case TokenizerKind::kSentencePiece:
      return std::make_unique<SentencePieceTokenizer>(file.section("tokenizer"),
                                                      header.model.vocab_size, header.frame,
                                                      file.path() + ": tokenizer");
    case TokenizerKind::kBpe:
      return std::make_unique<BpeTokenizer>(
          parse_tokenizer_json(as_text(file.section("tokenizer")), header.model.vocab_size,
                               file.path() + ": tokenizer"),
          header.frame);
    default:
      return std::make_unique<IdTokenizer>(header.frame);
  }
}

}  // namespace sterna::model
