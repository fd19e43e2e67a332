// SPDX-License-Identifier: Apache-2.0
#include "asm/lexer.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "support/files.h"

namespace sterna::assembly {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

constexpr std::array<std::string_view, 27> kPunctuation = {
    "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+", "-", "*", "/", "%", "&",
    "|",  "^",  "~",  "!",  "<",  ">",  "?",  ":",  ",", "(", ")", "[", "]"};

class LineLexer {
 public:
  LineLexer(const SourceFile& file, unsigned line)
      : file_(file), line_number_(line), line_(file.lines[line - 1]) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    while (skip_blanks()) tokens.push_back(token());
    tokens.push_back({Token::Kind::kEnd, {}, place(position_, 1)});
    return tokens;
  }

 private:
  char at(std::size_t index) const { return index < line_.size() ? line_[index] : '\0'; }

  SourcePlace place(std::size_t start, std::size_t length) const {
    return {&file_, line_number_, static_cast<unsigned>(start + 1), static_cast<unsigned>(length)};
  }

  // To the next token; false at the end of the line or a comment.
  bool skip_blanks() {
    while (position_ < line_.size() && (line_[position_] == ' ' || line_[position_] == '\t')) {
      ++position_;
    }
    const std::string_view rest = line_.substr(position_);
    return !rest.empty() && rest[0] != '#' && rest[0] != ';' && !rest.starts_with("//");
  }

  Token take(Token::Kind kind, std::size_t length) {
    const Token token{kind, line_.substr(position_, length), place(position_, length)};
    position_ += length;
    return token;
  }

  Token token() {
    const char c = line_[position_];
    if (is_digit(c) || (c == '.' && is_digit(at(position_ + 1)))) return number();
    if (is_name_start(c)) {
      std::size_t end = position_;
      while (is_name(at(end))) ++end;
      return take(Token::Kind::kName, end - position_);
    }
    if (c == '\'') return character();
    if (c == '"') return string();
    for (const std::string_view punctuation : kPunctuation) {
      if (line_.substr(position_).starts_with(punctuation)) {
        return take(Token::Kind::kPunctuation, punctuation.size());
      }
    }
    fail_at(place(position_, 1), "unexpected character '{}'",
            printable(line_.substr(position_, 1)));
  }

  // Letters and digits, and a sign behind the e of a number that is not hexadecimal.
  Token number() {
    const bool prefixed =
        at(position_) == '0' && std::isalpha(static_cast<unsigned char>(at(position_ + 1))) != 0;
    std::size_t end = position_;
    while (is_name(at(end)) || ((at(end) == '+' || at(end) == '-') && !prefixed &&
                                (at(end - 1) == 'e' || at(end - 1) == 'E'))) {
      ++end;
    }
    return take(Token::Kind::kNumber, end - position_);
  }

  Token character() {
    const std::size_t start = position_;
    std::size_t end = start + 1;
    std::int64_t value = static_cast<unsigned char>(at(end++));
    if (value == '\\') {
      static constexpr std::string_view kNames = "nrt0\\'\"";
      static constexpr std::string_view kValues = "\n\r\t\0\\'\"";
      const std::size_t which = kNames.find(at(end++));
      if (which == std::string_view::npos || end > line_.size()) {
        fail_at(place(start, 2),
                "unknown escape in a character; known are \\n \\r \\t \\0 \\\\ \\' \\\"");
      }
      value = static_cast<unsigned char>(kValues[which]);
    } else if (value == '\'') {
      fail_at(place(start, 2), "a character is missing between the quotes");
    }
    if (at(end) != '\'') fail_at(place(start, 1), "a character ends with a quote: 'x'");
    Token token = take(Token::Kind::kCharacter, end + 1 - start);
    token.value = value;
    return token;
  }

  Token string() {
    const std::size_t end = line_.find('"', position_ + 1);
    if (end == std::string_view::npos) fail_at(place(position_, 1), "the string does not end");
    const std::size_t start = position_ + 1;
    position_ = end + 1;
    return {Token::Kind::kString, line_.substr(start, end - start),
            place(start - 1, end + 2 - start)};
  }

  const SourceFile& file_;
  unsigned line_number_;
  std::string_view line_;
  std::size_t position_ = 0;
};

}  // namespace

std::vector<Token> tokenize(const SourceFile& file, unsigned line) {
  return LineLexer(file, line).run();
}

std::string describe(const Token& token) {
  if (token.kind == Token::Kind::kEnd) return "the end of the line";
  return fmt::format("'{}'", printable(token.text, 40));
}

const Token& Cursor::peek(std::size_t ahead) const {
  return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

const Token& Cursor::next() {
  const Token& token = peek();
  if (token.kind != Token::Kind::kEnd) ++position_;
  return token;
}

bool Cursor::accept(std::string_view punctuation) {
  if (!peek().is(punctuation)) return false;
  next();
  return true;
}

void Cursor::expect(std::string_view punctuation) {
  if (!accept(punctuation)) {
    fail_at(peek().place, "expected '{}', found {}", punctuation, describe(peek()));
  }
}

void Cursor::expect_end() {
  if (peek().kind != Token::Kind::kEnd) {
    fail_at(peek().place, "expected the end of the line, found {}", describe(peek()));
  }
}

std::span<const Token> Cursor::rest() {
  const std::span<const Token> tokens = tokens_.subspan(position_);
  position_ = tokens_.size() - 1;
  return tokens;
}

}  // namespace sterna::assembly
