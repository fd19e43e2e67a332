// SPDX-License-Identifier: Apache-2.0
// One line of assembly source as tokens.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "asm/source.h"

namespace sterna::assembly {

struct Token {
  enum class Kind { kName, kNumber, kCharacter, kString, kPunctuation, kEnd };
  Kind kind = Kind::kEnd;
  std::string_view text;  // as written; a string's without its quotes
  SourcePlace place;
  std::int64_t value = 0;  // of a character

  bool is(std::string_view punctuation) const {
    return kind == Kind::kPunctuation && text == punctuation;
  }
};

// The line's tokens, the last of kind kEnd, comments left out. Throws StatementError at a character
// that begins nothing.
std::vector<Token> tokenize(const SourceFile& file, unsigned line);

// Walks over tokens that end with kEnd.
class Cursor {
 public:
  explicit Cursor(std::span<const Token> tokens) : tokens_(tokens) {}

  const Token& peek(std::size_t ahead = 0) const;
  const Token& next();
  bool accept(std::string_view punctuation);
  // Throws StatementError unless the next token is this punctuation.
  void expect(std::string_view punctuation);
  void expect_end();
  // The tokens from the current one on; rest() also moves to the end.
  std::span<const Token> remaining() const { return tokens_.subspan(position_); }
  std::span<const Token> rest();

 private:
  std::span<const Token> tokens_;
  std::size_t position_ = 0;
};

// "'+'" or "the end of the line": a token in a message.
std::string describe(const Token& token);

}  // namespace sterna::assembly
