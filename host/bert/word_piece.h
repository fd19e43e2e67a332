// SPDX-License-Identifier: Apache-2.0
// The tokenizer of the crammed BERTs: WordPiece on what a text has of ASCII.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/model/added_tokens.h"
#include "host/model/sterna_file.h"
#include "host/model/tokenizer_parts.h"

namespace sterna::bert {

// What happens to a text before it is cut into words, in the order of the steps.
class Normalizer {
 public:
  enum class Step { kReplace, kCollapseBlanks, kDecompose, kLowercase, kStripAccents, kAscii };

  Normalizer() = default;
  // Of a tokenizer.json. Throws Error, starting with `where`, for steps that are not known, and
  // where none leaves ASCII alone: words are cut as that has them.
  Normalizer(const Json& json, const std::string& where);

  // The text, which is ASCII then.
  std::string apply(std::string_view text) const;

 private:
  std::vector<std::pair<Step, model::TextRule>> steps_;
};

class WordPiece {
 public:
  // Of a tokenizer.json's text. Throws Error, starting with `where` and naming the part, for what
  // is another kind of tokenizer, damaged or beyond the vocabulary.
  WordPiece(std::string_view json, std::uint32_t vocab_size, const std::string& where);

  // The ids of a text, with those that stand around every text. Special tokens ("<mask>") are read
  // as such.
  std::vector<std::uint32_t> encode(std::string_view text) const;
  // A token's piece ("##ing"); empty for an id that has none.
  const std::string& piece(std::uint32_t token) const { return pieces_.at(token); }
  // What masked-token prediction fills in, if the tokenizer has it.
  std::optional<std::uint32_t> mask() const { return mask_; }

 private:
  void parse_model(const Json& json, const std::string& where);
  void parse_tokens(const Json& json, const std::string& where);
  void encode_word(std::string_view word, std::vector<std::uint32_t>& ids) const;

  std::vector<std::string> pieces_;
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::string prefix_;
  std::size_t longest_word_ = 0, longest_piece_ = 0;
  std::uint32_t unknown_ = 0;
  std::optional<std::uint32_t> mask_;
  Normalizer normalizer_;
  model::AddedTokens added_;
  model::PromptFrame frame_;
};

}  // namespace sterna::bert
