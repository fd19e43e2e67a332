// SPDX-License-Identifier: Apache-2.0
// tokenizer.json, as transformers writes it for Llama and Mistral: BPE with byte fallback. What it
// says, and nothing of how texts are then read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/model/added_tokens.h"
#include "host/model/bpe_model.h"
#include "host/model/sterna_file.h"
#include "host/model/tokenizer_parts.h"

namespace sterna::model {

// Marks the blanks in front of words, and cuts the text there.
struct Metaspace {
  enum class Prepend { kAlways, kFirst, kNever };
  std::string mark;
  Prepend prepend = Prepend::kAlways;  // to each text, to that at the prompt's beginning, to none
  bool split = true;
};

// From a token's piece to its text.
struct PieceDecoder {
  std::vector<TextRule> rules;
  bool bytes = false;             // pieces like "<0x0A>" are bytes
  bool drop_first_marks = false;  // the first token has no blanks from Metaspace's marks:
  std::string mark;               // these
  std::string strip;              // one of it at the beginning of the text is left out
};

struct TokenizerJson {
  BpeModel model;
  std::vector<AddedToken> added;
  std::vector<TextRule> normalizer;
  std::vector<Metaspace> metaspaces;
  PieceDecoder decoder;
  PromptFrame frame;
};

// Throws Error, starting with `where` and naming the part, for what is not of this kind, damaged or
// beyond the vocabulary.
TokenizerJson parse_tokenizer_json(std::string_view text, std::uint32_t vocab_size,
                                   const std::string& where);

}  // namespace sterna::model
