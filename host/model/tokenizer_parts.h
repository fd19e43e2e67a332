// SPDX-License-Identifier: Apache-2.0
// The parts of a tokenizer.json that look the same whatever its model is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/model/added_tokens.h"
#include "host/model/sterna_file.h"
#include "support/error.h"
#include "support/files.h"
#include "support/json.h"

namespace sterna::model {

// Replaces every `from` by `to`; an empty `from` stands for the place before a text.
struct TextRule {
  std::string from, to;
};

// `where` starts every error: file and part. Each function throws Error for what it cannot read.
namespace tokenizer_parts {

// Of an object; null where the field is missing.
const Json& field(const Json& object, const std::string& key);
bool flag(const Json& object, const std::string& key, bool otherwise, const std::string& where);
const Json& array(const Json& object, const std::string& key, const std::string& where);
std::uint32_t token_id(const Json& value, std::uint32_t vocab_size, const std::string& where);

[[noreturn]] void refuse(const std::string& part, const std::string& type,
                         const std::string& known);

// Calls use(step, its type, its place) for a part of the tokenizer: none, one step, or a Sequence.
template <typename Use>
void each_step(const Json& part, const std::string& list, const std::string& where, Use&& use) {
  if (part.is_null()) return;
  const std::string type = json_string(part, "type", where);
  if (type != "Sequence") return use(part, type, where);
  const Json& steps = array(part, list, where);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string place = fmt::format("{}[{}]", where, i);
    each_step(steps[i], list, place, use);
  }
}

// Of a Replace, as normalizer or decoder, whose pattern is a string.
TextRule parse_replace(const Json& step, const std::string& where);

// What stands around a text by the tokenizer's post_processor: none, or one TemplateProcessing.
PromptFrame parse_post_processor(const Json& json, std::uint32_t vocab_size,
                                 const std::string& where);

// The tokenizer's added_tokens.
std::vector<AddedToken> parse_added_tokens(const Json& tokenizer, std::uint32_t vocab_size,
                                           const std::string& where);

}  // namespace tokenizer_parts
}  // namespace sterna::model
