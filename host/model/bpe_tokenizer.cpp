// SPDX-License-Identifier: Apache-2.0
#include "host/model/bpe_tokenizer.h"

#include <utility>

namespace sterna::model {
namespace {

std::string replaced(const TextRule& rule, std::string_view text) {
  if (rule.from.empty()) return text.empty() ? "" : rule.to + std::string(text);
  std::string out;
  for (;;) {
    const std::size_t at = text.find(rule.from);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += rule.to;
    text.remove_prefix(at + rule.from.size());
  }
}

// The text before each mark but the first character's, and so on: marks begin words.
std::vector<std::string> split_before(const std::string& text, const std::string& mark) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = text.find(
        mark, at + (text.compare(at, mark.size(), mark) == 0 ? mark.size() : std::size_t{0}));
    words.push_back(text.substr(at, next == std::string::npos ? next : next - at));
    at = next == std::string::npos ? text.size() : next;
  }
  return words;
}

}  // namespace

BpeTokenizer::BpeTokenizer(TokenizerJson description, PromptFrame frame)
    : Tokenizer(std::move(frame)), description_(std::move(description)) {
  std::vector<AddedToken> raw, normalized;
  for (const AddedToken& token : description_.added) {
    if (token.special || token.normalized) {
      shown_[token.id] = token.special ? "" : normalize(token.content);
    }
    if (!token.normalized) {
      raw.push_back(token);
    } else {
      normalized.push_back(token);
      normalized.back().content = normalize(token.content);
    }
  }
  std::erase_if(normalized, [](const AddedToken& token) { return token.content.empty(); });
  raw_ = AddedTokens(raw);
  normalized_ = AddedTokens(normalized);
}

std::string BpeTokenizer::normalize(std::string_view text) const {
  std::string out(text);
  for (const TextRule& rule : description_.normalizer) out = replaced(rule, out);
  return out;
}

std::vector<std::uint32_t> BpeTokenizer::encode_text(std::string_view text, bool special) const {
  std::vector<std::uint32_t> ids;
  const std::vector<TextPart> all = {{text, std::nullopt}};
  for (const TextPart& part : special ? raw_.split(text) : all) {
    if (part.token) {
      ids.push_back(*part.token);
      continue;
    }
    const std::string normal = normalize(part.text);
    const std::vector<TextPart> whole = {{normal, std::nullopt}};
    for (const TextPart& inner : special ? normalized_.split(normal) : whole) {
      const bool first = part.text.data() == text.data() && inner.text.data() == normal.data();
      if (inner.token) {
        ids.push_back(*inner.token);
      } else {
        encode_part(inner.text, first, ids);
      }
    }
  }
  return ids;
}

void BpeTokenizer::encode_part(std::string_view text, bool first,
                               std::vector<std::uint32_t>& ids) const {
  std::vector<std::string> words;
  if (!text.empty()) words.emplace_back(text);
  for (const Metaspace& metaspace : description_.metaspaces) {
    std::vector<std::string> cut;
    for (const std::string& word : words) {
      std::string marked = replaced({" ", metaspace.mark}, word);
      const bool prepend = metaspace.prepend == Metaspace::Prepend::kAlways ||
                           (metaspace.prepend == Metaspace::Prepend::kFirst && first);
      if (prepend && !marked.starts_with(metaspace.mark)) marked.insert(0, metaspace.mark);
      first = false;
      if (!metaspace.split) {
        cut.push_back(std::move(marked));
        continue;
      }
      for (std::string& part : split_before(marked, metaspace.mark)) cut.push_back(std::move(part));
    }
    words = std::move(cut);
  }
  for (const std::string& word : words) description_.model.encode(word, ids);
}

std::string BpeTokenizer::decode(std::uint32_t token, bool first) const {
  const std::string* piece = description_.model.piece(token);
  if (piece == nullptr) return "";
  const auto shown = shown_.find(token);
  std::string text = shown == shown_.end() ? *piece : shown->second;
  const PieceDecoder& decoder = description_.decoder;
  if (first && decoder.drop_first_marks) text = replaced({decoder.mark, ""}, text);
  for (const TextRule& rule : decoder.rules) text = replaced(rule, text);
  if (decoder.bytes) {
    if (const auto byte = byte_piece(text)) text = std::string(1, *byte);
  }
  if (first && !decoder.strip.empty() && text.starts_with(decoder.strip)) {
    text.erase(0, decoder.strip.size());
  }
  return text;
}

}  // namespace sterna::model
