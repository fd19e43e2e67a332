// SPDX-License-Identifier: Apache-2.0
// What a client asks for: the bodies of requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host/runtime/sampler.h"

namespace sterna::server {

// Text, or the ids of its tokens.
using Prompt = std::variant<std::string, std::vector<std::uint32_t>>;

struct Message {
  std::string role;  // system, developer, user, assistant
  std::string text;
};

struct GenerationRequest {
  bool chat = false;
  std::string model;                // empty: the first of the server's
  std::vector<Prompt> prompts;      // not chat: each is gone on from
  std::vector<Message> messages;    // chat
  std::uint64_t max_tokens = 0;     // of an answer
  std::uint32_t choices = 1;        // of each prompt
  runtime::SamplerOptions sampler;  // its seed, too: random, when the client gave none
  std::vector<std::string> stop;    // texts that end an answer, and are not in it
  std::optional<std::uint32_t>
      logprobs;  // so many of the likeliest tokens with each; nothing: none
  bool stream = false;
  bool usage = false;  // stream: an event at the end tells how many tokens there were
};

// /tokenize and /detokenize.
struct TokenizeRequest {
  std::string model, content;
};
struct DetokenizeRequest {
  std::string model;
  std::vector<std::uint32_t> tokens;
};

// Tokens at most.
struct RequestLimits {
  std::uint64_t max_tokens = 4096;   // of an answer
  std::uint64_t max_prompt = 16384;  // of a prompt
};

// Throw ApiError, naming the field, for what is wrong or not supported.
GenerationRequest parse_completion(std::string_view body, const RequestLimits& limits);
GenerationRequest parse_chat(std::string_view body, const RequestLimits& limits);
TokenizeRequest parse_tokenize(std::string_view body);
DetokenizeRequest parse_detokenize(std::string_view body);

}  // namespace sterna::server
