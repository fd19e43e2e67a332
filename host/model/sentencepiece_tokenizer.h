// SPDX-License-Identifier: Apache-2.0
// The tokenizer of a serialised SentencePiece model (tokenizer.model).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/model/added_tokens.h"
#include "host/model/sentencepiece_model.h"
#include "host/model/tokenizer.h"

namespace sterna::model {

class SentencePieceTokenizer final : public Tokenizer {
 public:
  // Throws Error, starting with `where`, when the bytes are no SentencePiece model or have more
  // pieces than the vocabulary.
  SentencePieceTokenizer(std::span<const std::byte> serialised, std::uint32_t vocab_size,
                         PromptFrame frame, const std::string& where);

  std::string decode(std::uint32_t token, bool first) const override;

 private:
  std::vector<std::uint32_t> encode_text(std::string_view text, bool special) const override;

  std::unique_ptr<SentencePieceModel> pieces_;
  AddedTokens special_;
};

// As the constructor of SentencePieceTokenizer reads it; throws like that.
std::unique_ptr<SentencePieceModel> load_sentencepiece_model(std::span<const std::byte> serialised,
                                                             std::uint32_t vocab_size,
                                                             const std::string& where);

}  // namespace sterna::model
