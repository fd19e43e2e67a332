// SPDX-License-Identifier: Apache-2.0
// Tokens that stand for themselves in a text: "<s>", say. They are found before the rest is cut
// into pieces.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sterna::model {

struct AddedToken {
  std::uint32_t id = 0;
  std::string content;
  bool special = false;     // has no text of its own
  bool lstrip = false;      // swallows the white space before it,
  bool rstrip = false;      // and behind it
  bool normalized = false;  // is looked for in the normalised text
};

struct TextPart {
  std::string_view text;
  std::optional<std::uint32_t> token;  // this one; nothing: text
};

class AddedTokens {
 public:
  AddedTokens() = default;
  // No content may be empty.
  explicit AddedTokens(const std::vector<AddedToken>& tokens);

  bool empty() const { return tokens_.empty(); }
  // The text in its parts: of the tokens that begin at one place the longest counts, of those that
  // overlap the first.
  std::vector<TextPart> split(std::string_view text) const;

 private:
  const AddedToken* at(std::string_view text) const;

  std::vector<AddedToken> tokens_;
  std::array<std::vector<std::size_t>, 256> by_first_byte_;  // longest first
};

}  // namespace sterna::model
