// SPDX-License-Identifier: Apache-2.0
// Text to token ids and back, in the ways that a model may have.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/model/sterna_file.h"

namespace sterna::model {

class Tokenizer {
 public:
  explicit Tokenizer(PromptFrame frame) : frame_(std::move(frame)) {}
  virtual ~Tokenizer() = default;

  // The ids of a prompt: of its text, and the tokens that stand around every prompt of this model.
  // May be none at all. Throws Error when the model has no text (ids only).
  // `special`: the tokenizer's special and added tokens ("</s>") are read as tokens, not as text;
  // throws Error when it has none.
  std::vector<std::uint32_t> encode(std::string_view text, bool special = false) const;
  // The ids of text that goes on from `before`: those that it has behind the ids of `before` when
  // both are read as one text, so no blank or BOS as at a beginning. Where the two would share a
  // token, it is read as behind a line end.
  std::vector<std::uint32_t> encode_more(std::string_view before, std::string_view text,
                                         bool special = false) const;
  // What `token` adds to a text. `first`: nothing stands before it, so that a blank which only
  // marks the beginning of a word is left out. TextStream keeps count of that.
  virtual std::string decode(std::uint32_t token, bool first) const = 0;

 private:
  virtual std::vector<std::uint32_t> encode_text(std::string_view text, bool special) const = 0;

  PromptFrame frame_;
};

// The text of one sequence, as its tokens come.
class TextStream {
 public:
  explicit TextStream(const Tokenizer& tokenizer) : tokenizer_(&tokenizer) {}

  // What the token adds. Tokens without text, as BOS is, leave the next one at the beginning.
  std::string add(std::uint32_t token) {
    std::string text = tokenizer_->decode(token, first_);
    first_ = first_ && tokenizer_->decode(token, false).empty();
    return text;
  }

 private:
  const Tokenizer* tokenizer_;
  bool first_ = true;
};

// The tokenizer that the file names. Throws Error when what it needs of the file is damaged or does
// not fit the vocabulary.
std::unique_ptr<Tokenizer> make_tokenizer(const SternaFile& file);

}  // namespace sterna::model
