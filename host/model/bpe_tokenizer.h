// SPDX-License-Identifier: Apache-2.0
// The tokenizer of a tokenizer.json: added tokens, normalizer, Metaspace, BPE, and back.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/model/tokenizer.h"
#include "host/model/tokenizer_json.h"

namespace sterna::model {

class BpeTokenizer final : public Tokenizer {
 public:
  // `frame`: what the .sterna file says; the description's own is not asked.
  BpeTokenizer(TokenizerJson description, PromptFrame frame);

  std::string decode(std::uint32_t token, bool first) const override;

 private:
  std::vector<std::uint32_t> encode_text(std::string_view text, bool special) const override;
  void encode_part(std::string_view text, bool first, std::vector<std::uint32_t>& ids) const;
  std::string normalize(std::string_view text) const;

  TokenizerJson description_;
  AddedTokens raw_, normalized_;
  std::map<std::uint32_t, std::string> shown_;  // what these are taken for in place of their piece
};

}  // namespace sterna::model
