// SPDX-License-Identifier: Apache-2.0
#include "host/server/request.h"

#include <algorithm>
#include <limits>
#include <random>

#include "host/server/api_error.h"
#include "host/server/fields.h"
#include "support/files.h"

namespace sterna::server {
namespace {

constexpr std::uint32_t kMaxChoices = 128;    // and prompts
constexpr std::uint32_t kMaxMessages = 2048;  // each is read behind the line before it
constexpr std::uint32_t kMaxStops = 16;
constexpr std::size_t kMaxStopBytes = 1024;  // of each: text is searched for them with every token
constexpr std::uint64_t kCompletionTokens = 16;  // OpenAI's, where the client does not say
constexpr std::uint32_t kMaxLogprobs = 20;

std::uint64_t random_seed() {
  std::random_device random;
  return std::uint64_t{random()} << 32 | random();
}

// Any integer of 64 bits.
std::uint64_t parse_seed(Fields& fields) {
  const Json* seed = fields.find("seed");
  if (seed == nullptr) return random_seed();
  if (!seed->is_number_integer()) {
    throw bad_request("seed", "{} is no integer of 64 bits", printable(seed->dump()));
  }
  return seed->is_number_unsigned() ? seed->get<std::uint64_t>()
                                    : static_cast<std::uint64_t>(seed->get<std::int64_t>());
}

std::vector<std::string> parse_stop(Fields& fields) {
  const Json* stop = fields.find("stop");
  if (stop == nullptr) return {};
  const Json list = stop->is_array() ? *stop : Json::array({*stop});
  std::vector<std::string> texts;
  for (const Json& text : list) {
    if (!text.is_string() || text.get_ref<const std::string&>().empty()) {
      throw bad_request("stop", "{} is no text to stop at", printable(text.dump()));
    }
    texts.push_back(text.get<std::string>());
    if (texts.back().size() > kMaxStopBytes) {
      throw bad_request("stop", "a text of {} bytes is longer than {}", texts.back().size(),
                        kMaxStopBytes);
    }
  }
  if (texts.size() > kMaxStops) {
    throw bad_request("stop", "{} texts are more than {}", texts.size(), kMaxStops);
  }
  return texts;
}

std::vector<std::uint32_t> parse_ids(const Json& list, const std::string& field) {
  std::vector<std::uint32_t> ids;
  for (const Json& id : list) {
    if (!id.is_number_unsigned() ||
        id.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
      throw bad_request(field, "{} is no token id", printable(id.dump()));
    }
    ids.push_back(id.get<std::uint32_t>());
  }
  return ids;
}

std::vector<Prompt> parse_prompts(Fields& fields) {
  const Json& value = fields.required("prompt");
  if (value.is_string()) return {value.get<std::string>()};
  if (!value.is_array() || value.empty()) {
    throw bad_request("prompt", "{} is neither text nor a list", printable(value.dump()));
  }
  if (value.front().is_number()) return {parse_ids(value, "prompt")};
  std::vector<Prompt> prompts;
  for (const Json& prompt : value) {
    if (prompt.is_string()) {
      prompts.emplace_back(prompt.get<std::string>());
    } else if (prompt.is_array()) {
      prompts.emplace_back(parse_ids(prompt, "prompt"));
    } else {
      throw bad_request("prompt", "{} is neither text nor token ids", printable(prompt.dump()));
    }
  }
  if (prompts.size() > kMaxChoices) {
    throw bad_request("prompt", "{} prompts are more than {}", prompts.size(), kMaxChoices);
  }
  return prompts;
}

// A message's text: as such, or in parts of the type text.
std::string parse_content(const Json& content, const std::string& field) {
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) throw bad_request(field, "{} is no text", printable(content.dump()));
  std::string text;
  for (const Json& part : content) {
    if (!part.is_object() || part.value("type", Json()) != "text" || !part.contains("text") ||
        !part["text"].is_string()) {
      throw bad_request(field, "{} is no part of the type text", printable(part.dump()));
    }
    text += part["text"].get<std::string>();
  }
  return text;
}

std::vector<Message> parse_messages(Fields& fields) {
  static const std::vector<std::string> roles = {"system", "developer", "user", "assistant"};
  const Json& list = fields.required("messages");
  if (!list.is_array() || list.empty()) {
    throw bad_request("messages", "{} is no list of messages", printable(list.dump()));
  }
  if (list.size() > kMaxMessages) {
    throw bad_request("messages", "{} messages are more than {}", list.size(), kMaxMessages);
  }
  std::vector<Message> messages;
  for (const Json& message : list) {
    const std::string field = fmt::format("messages[{}]", messages.size());
    if (!message.is_object()) throw bad_request(field, "is no object");
    const Json role = message.value("role", Json());
    if (std::find(roles.begin(), roles.end(), role) == roles.end()) {
      throw bad_request(field + ".role", "{} is none of system, developer, user, assistant",
                        printable(role.dump()));
    }
    const Json content = message.value("content", Json());
    // OpenAI's own answers have null where a tool has answered, and clients send them back.
    const bool silent = role == "assistant" && content.is_null();
    messages.push_back(
        {role.get<std::string>(), silent ? "" : parse_content(content, field + ".content")});
  }
  return messages;
}

// include_usage is all that there is.
bool parse_stream_options(Fields& fields) {
  const Json* options = fields.find("stream_options");
  if (options == nullptr) return false;
  if (!options->is_object()) throw bad_request("stream_options", "is no object");
  for (const auto& [name, value] : options->items()) {
    if (name == "include_obfuscation" && value.is_boolean()) continue;  // there is nothing to hide
    if (name != "include_usage" || !value.is_boolean()) {
      throw bad_request("stream_options." + printable(name), "{} is not supported",
                        printable(value.dump()));
    }
  }
  return options->value("include_usage", false);
}

// What both kinds have.
void parse_common(Fields& fields, GenerationRequest& request) {
  request.model = fields.text("model", "");
  request.choices = static_cast<std::uint32_t>(fields.whole("n", 1, kMaxChoices, 1));
  request.sampler.temperature = fields.real("temperature", 0, runtime::kMaxTemperature, 1);
  request.sampler.top_p = fields.real("top_p", 0, 1, 1);
  if (request.sampler.top_p == 0) throw bad_request("top_p", "0 is not above 0");
  request.sampler.top_k = static_cast<std::uint32_t>(
      fields.whole("top_k", 0, std::numeric_limits<std::uint32_t>::max(), 0));
  request.sampler.seed = parse_seed(fields);
  request.stop = parse_stop(fields);
  request.stream = fields.flag("stream", false);
  request.usage = parse_stream_options(fields);
  for (const char* name : {"presence_penalty", "frequency_penalty"}) fields.expect(name, 0);
  fields.expect("logit_bias", Json::object());
  // They say who asks and what for, and change no answer.
  for (const char* name : {"user", "metadata", "store", "service_tier", "safety_identifier"}) {
    fields.find(name);
  }
}

}  // namespace

GenerationRequest parse_completion(std::string_view body, const RequestLimits& limits) {
  Fields fields(body);
  GenerationRequest request;
  request.prompts = parse_prompts(fields);
  parse_common(fields, request);
  request.max_tokens = fields.whole("max_tokens", 1, limits.max_tokens,
                                    std::min(kCompletionTokens, limits.max_tokens));
  if (fields.find("logprobs") != nullptr) {
    request.logprobs = static_cast<std::uint32_t>(fields.whole("logprobs", 0, kMaxLogprobs, 0));
  }
  fields.expect("echo", false);
  fields.expect("suffix", "");
  fields.expect("best_of", request.choices);
  fields.refuse_others();
  return request;
}

GenerationRequest parse_chat(std::string_view body, const RequestLimits& limits) {
  Fields fields(body);
  GenerationRequest request;
  request.chat = true;
  request.messages = parse_messages(fields);
  parse_common(fields, request);
  // max_tokens is the older name.
  request.max_tokens =
      fields.whole("max_completion_tokens", 1, limits.max_tokens,
                   fields.whole("max_tokens", 1, limits.max_tokens, limits.max_tokens));
  const auto top = static_cast<std::uint32_t>(fields.whole("top_logprobs", 0, kMaxLogprobs, 0));
  if (fields.flag("logprobs", false)) request.logprobs = top;
  if (top != 0 && !request.logprobs) throw bad_request("top_logprobs", "needs logprobs: true");
  fields.expect("response_format", Json{{"type", "text"}});
  fields.expect("tools", Json::array());
  fields.expect("tool_choice", "none");
  fields.expect("functions", Json::array());
  fields.refuse_others();
  return request;
}

TokenizeRequest parse_tokenize(std::string_view body) {
  Fields fields(body);
  TokenizeRequest request;
  request.model = fields.text("model", "");
  fields.required("content");
  request.content = fields.text("content", "");
  fields.refuse_others();
  return request;
}

DetokenizeRequest parse_detokenize(std::string_view body) {
  Fields fields(body);
  DetokenizeRequest request;
  request.model = fields.text("model", "");
  const Json& tokens = fields.required("tokens");
  if (!tokens.is_array()) throw bad_request("tokens", "{} is no list", printable(tokens.dump()));
  request.tokens = parse_ids(tokens, "tokens");
  fields.refuse_others();
  return request;
}

}  // namespace sterna::server
