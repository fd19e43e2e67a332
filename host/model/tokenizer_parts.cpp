// SPDX-License-Identifier: Apache-2.0
#include "host/model/tokenizer_parts.h"

#include <utility>

namespace sterna::model::tokenizer_parts {
namespace {

const Json kNull;

// The special tokens of a TemplateProcessing's `single`, before and behind the text.
PromptFrame parse_template(const Json& step, std::uint32_t vocab_size, const std::string& where) {
  PromptFrame frame;
  bool text = false;
  for (const Json& part : array(step, "single", where)) {
    if (!part.is_object() || part.size() != 1)
      throw Error("{}: single has a part of no kind", where);
    if (part.contains("Sequence")) {
      if (std::exchange(text, true)) throw Error("{}: single has the text twice", where);
      continue;
    }
    const std::string name =
        json_string(json_field(part, "SpecialToken", where), "id", where + ": SpecialToken");
    const std::string place = where + ": special_tokens: " + printable(name);
    const Json& token = json_field(json_field(step, "special_tokens", where), name, place);
    for (const Json& id : array(token, "ids", place)) {
      (text ? frame.behind : frame.before).push_back(token_id(id, vocab_size, place));
    }
  }
  if (!text) throw Error("{}: single is without the text", where);
  return frame;
}

AddedToken parse_added(const Json& json, std::uint32_t vocab_size, const std::string& where) {
  AddedToken token;
  token.content = json_string(json, "content", where);
  token.id = token_id(json_field(json, "id", where), vocab_size, where);
  if (token.content.empty()) throw Error("{}: a token without text", where);
  if (flag(json, "single_word", false, where)) {
    throw Error("{}: single_word is not supported", where);
  }
  token.special = flag(json, "special", false, where);
  token.lstrip = flag(json, "lstrip", false, where);
  token.rstrip = flag(json, "rstrip", false, where);
  token.normalized = flag(json, "normalized", !token.special, where);
  return token;
}

}  // namespace

const Json& field(const Json& object, const std::string& key) {
  const auto it = object.find(key);
  return it == object.end() ? kNull : *it;
}

bool flag(const Json& object, const std::string& key, bool otherwise, const std::string& where) {
  const Json& value = field(object, key);
  if (value.is_null()) return otherwise;
  if (!value.is_boolean()) throw Error("{}: {} is neither true nor false", where, key);
  return value.get<bool>();
}

std::uint32_t token_id(const Json& value, std::uint32_t vocab_size, const std::string& where) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= vocab_size) {
    throw Error("{}: {} is no id in a vocabulary of {}", where,
                value.is_structured() ? value.type_name() : printable(value.dump(-1, ' ', true)),
                vocab_size);
  }
  return value.get<std::uint32_t>();
}

const Json& array(const Json& object, const std::string& key, const std::string& where) {
  const Json& value = json_field(object, key, where);
  if (!value.is_array()) throw Error("{}: {} is no array", where, key);
  return value;
}

void refuse(const std::string& part, const std::string& type, const std::string& known) {
  throw Error("{}: {} is not supported, only {}", part, printable(type), known);
}

// Of a Replace, as normalizer or decoder.
TextRule parse_replace(const Json& step, const std::string& where) {
  const Json& pattern = json_field(step, "pattern", where);
  if (!pattern.is_object() || !pattern.contains("String")) {
    throw Error("{}: the pattern of Replace is no String", where);
  }
  TextRule rule{json_string(pattern, "String", where), json_string(step, "content", where)};
  if (rule.from.empty()) throw Error("{}: the pattern of Replace is empty", where);
  return rule;
}

PromptFrame parse_post_processor(const Json& json, std::uint32_t vocab_size,
                                 const std::string& where) {
  PromptFrame frame;
  bool known = false;
  each_step(json, "processors", where,
            [&](const Json& step, const std::string& type, const std::string& place) {
              if (type != "TemplateProcessing") refuse(place, type, "TemplateProcessing");
              if (std::exchange(known, true)) throw Error("{}: a second template", place);
              frame = parse_template(step, vocab_size, place);
            });
  return frame;
}

std::vector<AddedToken> parse_added_tokens(const Json& tokenizer, std::uint32_t vocab_size,
                                           const std::string& where) {
  std::vector<AddedToken> tokens;
  if (field(tokenizer, "added_tokens").is_null()) return tokens;
  for (const Json& token : array(tokenizer, "added_tokens", where)) {
    tokens.push_back(
        parse_added(token, vocab_size, fmt::format("{}: added_tokens[{}]", where, tokens.size())));
  }
  return tokens;
}

}  // namespace sterna::model::tokenizer_parts
