// Text to token ids and back, in the three ways that a model may have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/model/sterna_file.h"

namespace sterna {

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // The ids of a text, with the token that starts every prompt where the model has one. Throws
  // Error when the model has no text (ids only).
  virtual std::vector<std::uint32_t> encode(std::string_view text) const = 0;
  // What `token` adds to a text. `first`: nothing stands before it.
  virtual std::string decode(std::uint32_t token, bool first) const = 0;
  // Does this token end a text?
  virtual bool ends(std::uint32_t) const { return false; }
};

// The tokenizer that the file names: bytes, the SentencePiece model in it, or bare ids. Throws
// Error when the SentencePiece model is damaged or has more pieces than the vocabulary.
std::unique_ptr<Tokenizer> make_tokenizer(const SternaFile& file);

// Of a serialised SentencePiece model (tokenizer.model). `add_bos`: prompts start with
// model.bos_token_id, as Llama's.
std::unique_ptr<Tokenizer> make_sentencepiece_tokenizer(std::span<const std::byte> serialised,
                                                        const ModelConfig& model, bool add_bos,
                                                        const std::string& where);

}  // namespace sterna
