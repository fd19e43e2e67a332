// SPDX-License-Identifier: Apache-2.0
#include "host/server/prompt.h"

#include <string>
#include <utility>

#include "host/server/api_error.h"

namespace sterna::server {
namespace {

using Tokens = std::vector<std::uint32_t>;

void check_vocabulary(const Tokens& tokens, const model::ModelConfig& config,
                      const std::string& field) {
  for (const std::uint32_t token : tokens) {
    if (token >= config.vocab_size) {
      throw bad_request(field, "token {} is beyond the vocabulary of {}", token, config.vocab_size);
    }
  }
}

void check_length(const Tokens& tokens, std::uint64_t most, const std::string& field) {
  if (tokens.size() <= most) return;
  throw bad_request(field, "{} tokens are more than {}", tokens.size(), most);
}

Tokens checked(Tokens tokens, const model::ModelConfig& config, std::uint64_t most,
               const std::string& field) {
  if (tokens.empty()) throw bad_request(field, "has no tokens");
  check_length(tokens, most, field);
  check_vocabulary(tokens, config, field);
  return tokens;
}

// What the tokenizer has to say against a text is about the field.
template <typename Encode>
Tokens encoded(const std::string& field, Encode encode) {
  try {
    return encode();
  } catch (const Error& error) {
    throw bad_request(field, "{}", error.what());
  }
}

// Of what was said the last line is enough to know how text goes on from it.
std::string last_line(const std::string& said) {
  if (said.size() < 2) return said;
  const std::size_t end = said.rfind('\n', said.size() - 2);
  return end == std::string::npos ? said : said.substr(end + 1);
}

}  // namespace

Tokens prompt_tokens(const Prompt& prompt, const model::Tokenizer& tokenizer,
                     const model::ModelConfig& config, std::uint64_t most) {
  if (const auto* ids = std::get_if<Tokens>(&prompt)) return checked(*ids, config, most, "prompt");
  const auto& text = std::get<std::string>(prompt);
  if (text.empty()) throw bad_request("prompt", "is empty");
  return checked(encoded("prompt", [&] { return tokenizer.encode(text); }), config, most, "prompt");
}

Tokens chat_tokens(const std::vector<Message>& messages, const model::Tokenizer& tokenizer,
                   const model::ModelConfig& config, std::uint64_t most) {
  Tokens tokens;
  std::string said;  // the last line of it
  for (const Message& message : messages) {
    if (message.text.empty()) continue;
    const bool follows = message.role == "assistant" || said.empty() || said.ends_with('\n');
    const std::string text = follows ? message.text : "\n" + message.text;
    const Tokens more = encoded("messages", [&] {
      return said.empty() ? tokenizer.encode(text) : tokenizer.encode_more(said, text);
    });
    tokens.insert(tokens.end(), more.begin(), more.end());
    check_length(tokens, most, "messages");  // each message takes as long as its line is
    said += text;
    said = last_line(said);
  }
  return checked(std::move(tokens), config, most, "messages");
}

std::string text_of(const Tokens& tokens, const model::Tokenizer& tokenizer,
                    const model::ModelConfig& config) {
  check_vocabulary(tokens, config, "tokens");
  model::TextStream stream(tokenizer);
  std::string text;
  for (const std::uint32_t token : tokens) text += stream.add(token);
  return text;
}

}  // namespace sterna::server
