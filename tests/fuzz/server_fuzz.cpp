// SPDX-License-Identifier: Apache-2.0
// Requests to the server: the first line says to which of its paths, what follows is the body. Any
// body either is a request within its limits or is refused with one line that is valid UTF-8; and
// what a model answers, here the text of the prompt, reaches the client as what it is, up to its
// first stop, in a stream as in one piece.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "host/server/answer_text.h"
#include "host/server/api_error.h"
#include "host/server/prompt.h"
#include "host/server/reply.h"
#include "host/server/request.h"

namespace {

using namespace sterna;
using namespace sterna::server;

using Tokens = std::vector<std::uint32_t>;

constexpr RequestLimits kLimits = {.max_tokens = 300, .max_prompt = 2000};

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "server_fuzz: %s\n", what);
  std::abort();
}

// Tokens are bytes.
class Bytes : public model::Tokenizer {
 public:
  Bytes() : Tokenizer({}) {}
  std::string decode(std::uint32_t token, bool) const override {
    return std::string(1, static_cast<char>(token));
  }

 private:
  Tokens encode_text(std::string_view text, bool) const override {
    Tokens tokens;
    for (const char c : text) tokens.push_back(static_cast<unsigned char>(c));
    return tokens;
  }
};

const Bytes kTokenizer;

model::ModelConfig config() {
  model::ModelConfig config;
  config.vocab_size = 256;
  return config;
}

void check_limits(const GenerationRequest& request) {
  require(request.chat ? !request.messages.empty() : !request.prompts.empty(), "no prompt");
  require(request.max_tokens >= 1 && request.max_tokens <= kLimits.max_tokens, "max_tokens");
  require(request.choices >= 1 && request.choices <= 128, "n");
  require(request.prompts.size() <= 128, "prompts");
  require(request.logprobs.value_or(0) <= 20, "logprobs");
  require(std::ranges::none_of(request.stop, &std::string::empty), "an empty stop");
  const runtime::Sampler sampler(request.sampler);  // throws
}

// What of the pieces is an answer, by the definition: up to the first stop that is in it when a
// piece has come.
std::string answer_by_definition(const std::vector<std::string>& pieces,
                                 const std::vector<std::string>& stops) {
  std::string text;
  for (const std::string& piece : pieces) {
    text += piece;
    std::size_t first = std::string::npos;
    for (const std::string& stop : stops) first = std::min(first, text.find(stop));
    if (first != std::string::npos) return text.substr(0, first);
  }
  return text;
}

std::vector<Event> events(const std::vector<std::string>& pieces,
                          const GenerationRequest& request) {
  AnswerText text(request.stop);
  std::vector<Event> events;
  for (const std::string& piece : pieces) {
    Event event{0, text.add(piece), {}, Finish::kNone};
    if (request.logprobs) event.logprobs.push_back({{piece, -1}, {{piece, -1}}});
    if (text.stopped()) {
      event.finish = Finish::kStop;
    } else if (events.size() + 1 == pieces.size()) {
      event.finish = Finish::kLength;
      event.text += text.finish();
    }
    events.push_back(event);
    if (text.stopped()) break;
  }
  return events;
}

// The text of an answer as its client puts it together.
std::string received(GenerationRequest request, bool stream,
                     const std::vector<std::string>& pieces) {
  request.stream = stream;
  Reply reply(request, "model", 1, 1);
  std::string sent, text;
  for (const Event& event : events(pieces, request)) sent += reply.add({event});
  require(reply.ended() && !reply.failed(), "an answer without an end");
  const std::string_view end = "data: [DONE]\n\n";
  if (stream) {
    require(sent.ends_with(end), "a stream without [DONE]");
    sent.resize(sent.size() - end.size());
  }
  const auto take = [&](const Json& json) {
    for (const Json& choice : json.at("choices")) {
      const char* part = stream ? "delta" : "message";
      text += request.chat ? choice.at(part).value("content", "")
                           : choice.at("text").get<std::string>();
    }
  };
  if (!stream) {
    take(Json::parse(sent));
    return text;
  }
  for (std::size_t at = 0; at < sent.size();) {
    const std::size_t line_end = sent.find("\n\n", at);
    require(sent.compare(at, 6, "data: ") == 0 && line_end != std::string::npos, "no event");
    take(Json::parse(sent.substr(at + 6, line_end - at - 6)));
    at = line_end + 2;
  }
  return text;
}

// As JSON has it: what is no character is U+FFFD.
std::string as_json(const std::string& text) {
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

void generate(const GenerationRequest& request) {
  check_limits(request);
  const Tokens tokens =
      request.chat ? chat_tokens(request.messages, kTokenizer, config(), kLimits.max_prompt)
                   : prompt_tokens(request.prompts[0], kTokenizer, config(), kLimits.max_prompt);
  require(!tokens.empty() && tokens.size() <= kLimits.max_prompt, "a prompt beyond the limit");
  std::vector<std::string> pieces;
  for (const std::uint32_t token : tokens) {
    if (pieces.size() == request.max_tokens) break;
    pieces.push_back(kTokenizer.decode(token, false));
  }
  const std::string expected = as_json(answer_by_definition(pieces, request.stop));
  for (const bool stream : {false, true}) {
    require(received(request, stream, pieces) == expected, "a client reads another text");
  }
}

void take(std::string_view path, std::string_view body) {
  if (path == "chat") return generate(parse_chat(body, kLimits));
  if (path == "tokenize") return static_cast<void>(parse_tokenize(body));
  if (path == "detokenize") {
    text_of(parse_detokenize(body).tokens, kTokenizer, config());
    return;
  }
  generate(parse_completion(body, kLimits));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), size);
  try {
    take(input.substr(0, end), input.substr(std::min(end + 1, size)));
  } catch (const ApiError& error) {
    require(std::string_view(error.what()).find('\n') == std::string_view::npos,
            "an error of several lines");
    require(error.status == 400, "a wrong request that is no 400");
    require(error.to_json().dump().size() < 1000, "an error that says it all again");  // or throws
  }
  return 0;
}
