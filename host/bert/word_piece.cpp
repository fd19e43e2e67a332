// SPDX-License-Identifier: Apache-2.0
#include "host/bert/word_piece.h"

#include <utf8proc.h>

#include <algorithm>
#include <cctype>

#include "support/error.h"
#include "support/files.h"

namespace sterna::bert {
namespace {

using namespace model::tokenizer_parts;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Calls use(character) for those of a text; a byte that begins none is U+FFFD.
template <typename Use>
void each_character(std::string_view text, Use&& use) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t character = 0;
    const utf8proc_ssize_t length =
        utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &character);
    use(length > 0 ? character : 0xfffd);
    at += length > 0 ? static_cast<std::size_t>(length) : 1;
  }
}

void append(utf8proc_int32_t character, std::string& text) {
  utf8proc_uint8_t bytes[4];
  const utf8proc_ssize_t length = utf8proc_encode_char(character, bytes);
  text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

// Canonical decomposition of each character. The order of accents does not matter: none of them is
// left in the end.
std::string decomposed(std::string_view text) {
  std::string result;
  each_character(text, [&](utf8proc_int32_t character) {
    utf8proc_int32_t parts[8];  // no character has more than four
    int boundary = 0;
    const utf8proc_ssize_t count =
        utf8proc_decompose_char(character, parts, 8, UTF8PROC_DECOMPOSE, &boundary);
    for (utf8proc_ssize_t i = 0; i < count; ++i) append(parts[i], result);
  });
  return result;
}

std::string lowercase(std::string_view text) {
  std::string result;
  each_character(text, [&](utf8proc_int32_t c) { append(utf8proc_tolower(c), result); });
  return result;
}

std::string without_accents(std::string_view text) {
  std::string result;
  each_character(text, [&](utf8proc_int32_t c) {
    if (utf8proc_category(c) != UTF8PROC_CATEGORY_MN) append(c, result);
  });
  return result;
}

std::string replaced(std::string_view text, const model::TextRule& rule) {
  std::string result;
  for (std::size_t at = 0;;) {
    const std::size_t next = text.find(rule.from, at);
    result += text.substr(at, next - at);
    if (next == std::string_view::npos) return result;
    result += rule.to;
    at = next + rule.from.size();
  }
}

}  // namespace

Normalizer::Normalizer(const Json& json, const std::string& where) {
  each_step(json, "normalizers", where,
            [&](const Json& step, const std::string& type, const std::string& place) {
              const Json& pattern = field(step, "pattern");
              if (type == "NFD") {
                steps_.push_back({Step::kDecompose, {}});
              } else if (type == "Lowercase") {
                steps_.push_back({Step::kLowercase, {}});
              } else if (type == "StripAccents") {
                steps_.push_back({Step::kStripAccents, {}});
              } else if (type == "Replace" && pattern.is_object() && pattern.contains("Regex")) {
                const std::string regex = json_string(pattern, "Regex", place);
                const std::string content = json_string(step, "content", place);
                if (regex == " {2,}" && content == " ") {
                  steps_.push_back({Step::kCollapseBlanks, {}});
                } else if (regex == "[^\\x00-\\x7F]+" && content.empty()) {
                  steps_.push_back({Step::kAscii, {}});
                } else {
                  refuse(place, "Replace of " + regex, "those of blanks and of all but ASCII");
                }
              } else if (type == "Replace") {
                steps_.push_back({Step::kReplace, parse_replace(step, place)});
              } else {
                refuse(place, type, "NFD, Lowercase, StripAccents and Replace");
              }
            });
  if (std::none_of(steps_.begin(), steps_.end(),
                   [](const auto& step) { return step.first == Step::kAscii; })) {
    throw Error("{}: without a Replace of [^\\x00-\\x7F]+ by nothing", where);
  }
}

std::string Normalizer::apply(std::string_view text) const {
  std::string result(text);
  for (const auto& [step, rule] : steps_) {
    switch (step) {
      case Step::kReplace:
        result = replaced(result, rule);
        break;
      case Step::kCollapseBlanks:
        result.erase(std::unique(result.begin(), result.end(),
                                 [](char a, char b) { return a == ' ' && b == ' '; }),
                     result.end());
        break;
      case Step::kDecompose:
        result = decomposed(result);
        break;
      case Step::kLowercase:
        result = lowercase(result);
        break;
      case Step::kStripAccents:
        result = without_accents(result);
        break;
      case Step::kAscii:
        std::erase_if(result, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
        break;
    }
  }
  return result;
}

WordPiece::WordPiece(std::string_view text, std::uint32_t vocab_size, const std::string& where)
    : pieces_(vocab_size) {
  const Json json = parse_json_object(text, where);
  parse_model(json_field(json, "model", where), where + ": model");
  normalizer_ = Normalizer(field(json, "normalizer"), where + ": normalizer");
  const std::string cutter = where + ": pre_tokenizer";
  if (const std::string type =
          json_string(json_field(json, "pre_tokenizer", where), "type", cutter);
      type != "Whitespace") {
    refuse(cutter, type, "Whitespace");
  }
  frame_ =
      parse_post_processor(field(json, "post_processor"), vocab_size, where + ": post_processor");
  parse_tokens(json, where);
}

void WordPiece::parse_model(const Json& json, const std::string& where) {
  if (!json.is_object()) throw Error("{}: not an object but {}", where, json.type_name());
  // Older files have no type; merges are BPE's.
  if (!field(json, "type").is_null() || json.contains("merges")) {
    const std::string type = json_string(json, "type", where);
    if (type != "WordPiece") refuse(where, type, "WordPiece");
  }
  const auto vocab_size = static_cast<std::uint32_t>(pieces_.size());
  const Json& vocab = json_field(json, "vocab", where);
  if (!vocab.is_object()) throw Error("{}: vocab is no object", where);
  for (const auto& [piece, value] : vocab.items()) {
    const std::string place = fmt::format("{}: vocab: {}", where, printable(piece));
    const std::uint32_t id = token_id(value, vocab_size, place);
    if (!pieces_[id].empty()) {
      throw Error("{}: id {} is that of {}, too", place, id, printable(pieces_[id]));
    }
    pieces_[id] = piece;
    ids_[piece] = id;
    longest_piece_ = std::max(longest_piece_, piece.size());
  }
  const std::string unknown = json_string(json, "unk_token", where);
  if (!ids_.contains(unknown)) {
    throw Error("{}: unk_token {} is no piece of the vocabulary", where, printable(unknown));
  }
  unknown_ = ids_.at(unknown);
  prefix_ = json_string(json, "continuing_subword_prefix", where);
  longest_word_ = json_uint(json, "max_input_chars_per_word", where);
}

void WordPiece::parse_tokens(const Json& json, const std::string& where) {
  const std::vector<model::AddedToken> tokens =
      parse_added_tokens(json, static_cast<std::uint32_t>(pieces_.size()), where);
  for (const model::AddedToken& token : tokens) {
    if (token.normalized) {
      throw Error("{}: added_tokens: {}: normalized is not supported", where,
                  printable(token.content));
    }
    pieces_[token.id] = token.content;
    if (token.content == "<mask>" || token.content == "[MASK]") mask_ = token.id;
  }
  added_ = model::AddedTokens(tokens);
}

std::vector<std::uint32_t> WordPiece::encode(std::string_view text) const {
  std::vector<std::uint32_t> ids = frame_.before;
  for (const model::TextPart& part : added_.split(text)) {
    if (part.token) {
      ids.push_back(*part.token);
      continue;
    }
    const std::string normal = normalizer_.apply(part.text);
    for (std::size_t at = 0; at < normal.size();) {
      // \w+|[^\w\s]+
      std::size_t end = at + 1;
      if (!is_blank(normal[at])) {
        const bool word = is_word(normal[at]);
        while (end < normal.size() && !is_blank(normal[end]) && is_word(normal[end]) == word) ++end;
        encode_word(std::string_view(normal).substr(at, end - at), ids);
      }
      at = end;
    }
  }
  ids.insert(ids.end(), frame_.behind.begin(), frame_.behind.end());
  return ids;
}

// The longest piece that the rest of the word begins with, again and again; a word for which there
// is none somewhere is unknown as a whole.
void WordPiece::encode_word(std::string_view word, std::vector<std::uint32_t>& ids) const {
  const std::size_t before = ids.size();
  bool known = word.size() <= longest_word_;
  for (std::size_t at = 0; known && at < word.size();) {
    std::string piece = (at == 0 ? "" : prefix_) + std::string(word.substr(at, longest_piece_));
    const std::size_t least = at == 0 ? 0 : prefix_.size();
    while (piece.size() > least && !ids_.contains(piece)) piece.pop_back();
    known = piece.size() > least;
    if (known) {
      ids.push_back(ids_.at(piece));
      at += piece.size() - least;
    }
  }
  if (known) return;
  ids.resize(before);
  ids.push_back(unknown_);
}

}  // namespace sterna::bert
