// SPDX-License-Identifier: Apache-2.0
#include "host/model/sentencepiece_tokenizer.h"

#include <utility>

#include "support/disguise.h"
#include "support/error.h"
#include "support/files.h"
#include "support/lines.h"

namespace sterna::model {
namespace {

constexpr std::string_view kSpace = "\xE2\x96\x81";  // U+2581, a blank in a piece

// Of a byte's piece, "<0x0A>".
char byte_of(const std::string& piece) {
  return static_cast<char>(std::stoi(piece.substr(3, 2), nullptr, 16));
}

}  // namespace

std::unique_ptr<SentencePieceModel> load_sentencepiece_model(std::span<const std::byte> serialised,
                                                             std::uint32_t vocab_size,
                                                             const std::string& where) {
  auto pieces = make_sentencepiece_model();
  if (const std::string wrong = pieces->load(as_text(serialised)); !wrong.empty()) {
    const std::string instead = found_instead(serialised);
    throw Error("{}: not a SentencePiece model{}", where,
                instead.empty() ? ": " + printable(wrong, 240) : instead);
  }
  if (static_cast<std::uint32_t>(pieces->pieces()) > vocab_size) {
    throw Error("{}: {} pieces for a vocabulary of {}", where, pieces->pieces(), vocab_size);
  }
  return pieces;
}

SentencePieceTokenizer::SentencePieceTokenizer(std::span<const std::byte> serialised,
                                               std::uint32_t vocab_size, PromptFrame frame,
                                               const std::string& where)
    : Tokenizer(std::move(frame)),
      pieces_(load_sentencepiece_model(serialised, vocab_size, where)) {
  std::vector<AddedToken> special;
  for (int id = 0; id < pieces_->pieces(); ++id) {
    if (pieces_->piece(id).empty()) continue;
    if (pieces_->is_control(id) || pieces_->is_unknown(id) || pieces_->is_unused(id)) {
      special.push_back({static_cast<std::uint32_t>(id), pieces_->piece(id)});
    }
  }
  special_ = AddedTokens(special);
}

std::vector<std::uint32_t> SentencePieceTokenizer::encode_text(std::string_view text,
                                                               bool special) const {
  std::vector<std::uint32_t> ids;
  const std::vector<TextPart> all = {{text, std::nullopt}};
  for (const TextPart& part : special ? special_.split(text) : all) {
    if (part.token) {
      ids.push_back(*part.token);
    } else {
      for (const int id : pieces_->encode(part.text)) ids.push_back(static_cast<std::uint32_t>(id));
    }
  }
  return ids;
}

// SentencePiece's own Decode works on whole texts, and tokens come one at a time: it is asked only
// for the first one, where the model decides whether a blank before a word is shown.
std::string SentencePieceTokenizer::decode(std::uint32_t token, bool first) const {
  if (token >= static_cast<std::uint32_t>(pieces_->pieces())) return "";
  const auto id = static_cast<int>(token);
  if (pieces_->is_control(id)) return "";
  if (pieces_->is_unknown(id)) return "\xE2\x81\x87";  // U+2047, as SentencePiece shows it
  const std::string& piece = pieces_->piece(id);
  if (pieces_->is_byte(id)) return std::string(1, byte_of(piece));
  if (first) return pieces_->decode(id);
  std::string text;
  for (std::size_t i = 0; i < piece.size();) {
    if (piece.compare(i, kSpace.size(), kSpace) == 0) {
      text += ' ';
      i += kSpace.size();
    } else {
      text += piece[i++];
    }
  }
  return text;
}

}  // namespace sterna::model
