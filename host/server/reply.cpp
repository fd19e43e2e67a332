// SPDX-License-Identifier: Apache-2.0
#include "host/server/reply.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace sterna::server {
namespace {

std::string random_id(bool chat) {
  std::random_device random;
  return fmt::format("{}-{:08x}{:08x}", chat ? "chatcmpl" : "cmpl", random(), random());
}

// A token may be part of a character: what is no UTF-8 becomes U+FFFD.
std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// As UTF-8, so that it may be a key of an object, too.
std::string valid(const std::string& bytes) {
  return Json::parse(dumped(Json(bytes))).get<std::string>();
}

std::uint64_t characters(const std::string& text) {
  return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

Json finish_reason(Finish finish) {
  if (finish == Finish::kStop) return "stop";
  if (finish == Finish::kLength) return "length";
  return nullptr;
}

// A token of a chat's answer.
Json chat_token(const TokenText& token) {
  Json bytes = Json::array();
  for (const char c : token.bytes) bytes.push_back(static_cast<unsigned char>(c));
  return {{"token", valid(token.bytes)}, {"logprob", token.logprob}, {"bytes", bytes}};
}

void append(Json& all, const Json& more) {
  if (more.is_null()) return;
  if (all.is_null()) {
    all = more;
    return;
  }
  for (const auto& [key, list] : more.items()) {
    for (const Json& entry : list) all[key].push_back(entry);
  }
}

}  // namespace

Reply::Reply(const GenerationRequest& request, const std::string& model,
             std::uint64_t prompt_tokens, unsigned answers)
    : chat_(request.chat),
      stream_(request.stream),
      with_usage_(request.usage),
      with_logprobs_(request.logprobs.has_value()),
      model_(model),
      id_(random_id(request.chat)),
      created_(std::chrono::duration_cast<std::chrono::seconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count()),
      prompt_tokens_(prompt_tokens),
      answers_(answers),
      unfinished_(answers) {}

const char* Reply::content_type() const {
  return stream_ ? "text/event-stream" : "application/json";
}

std::string Reply::add(const std::vector<Event>& events) {
  std::string text = begin();
  for (const Event& happened : events) {
    if (happened.finish == Finish::kFailed) {
      failed_ = true;
      return stream_ ? text + event(engine_failed().to_json()) : "";
    }
    ++generated_;
    Answer& answer = answers_.at(happened.choice);
    const Json its = logprobs(answer, happened.logprobs);
    if (happened.finish != Finish::kNone) --unfinished_;
    if (!stream_) {
      answer.text += happened.text;
      append(answer.logprobs, its);
      answer.finish = happened.finish;
    } else if (!happened.text.empty() || !its.is_null() || happened.finish != Finish::kNone) {
      Json json = object("chunk");
      json["choices"] = Json::array({choice(happened.choice, happened.text, its, happened.finish)});
      if (with_usage_) json["usage"] = nullptr;
      text += event(json);
    }
  }
  if (!ended()) return text;
  if (!stream_) return whole();
  if (with_usage_) {
    Json json = object("chunk");
    json["choices"] = Json::array();
    json["usage"] = usage();
    text += event(json);
  }
  return text + "data: [DONE]\n\n";
}

// A chat's stream says first who speaks.
std::string Reply::begin() {
  std::string text;
  if (std::exchange(begun_, true) || !stream_ || !chat_) return text;
  for (unsigned i = 0; i < answers_.size(); ++i) {
    Json json = object("chunk");
    json["choices"] = Json::array({Json{{"index", i},
                                        {"delta", {{"role", "assistant"}, {"content", ""}}},
                                        {"logprobs", nullptr},
                                        {"finish_reason", nullptr}}});
    if (with_usage_) json["usage"] = nullptr;
    text += event(json);
  }
  return text;
}

Json Reply::object(const char* kind) const {
  const std::string name = !chat_    ? "text_completion"
                           : stream_ ? fmt::format("chat.completion.{}", kind)
                                     : "chat.completion";
  return {{"id", id_}, {"object", name}, {"created", created_}, {"model", model_}};
}

Json Reply::choice(unsigned index, const std::string& text, const Json& logprobs,
                   Finish finish) const {
  Json json = {{"index", index}, {"logprobs", logprobs}, {"finish_reason", finish_reason(finish)}};
  if (!chat_) {
    json["text"] = text;
  } else if (stream_) {
    json["delta"] = text.empty() ? Json::object() : Json{{"content", text}};
  } else {
    json["message"] = {{"role", "assistant"}, {"content", text}, {"refusal", nullptr}};
  }
  return json;
}

// Of completions a list of each thing, of a chat one of tokens.
Json Reply::logprobs(Answer& answer, const std::vector<TokenLogprob>& tokens) const {
  if (!with_logprobs_ || tokens.empty()) return nullptr;
  Json json;
  for (const TokenLogprob& token : tokens) {
    if (chat_) {
      Json entry = chat_token(token.chosen);
      entry["top_logprobs"] = Json::array();
      for (const TokenText& likely : token.top) entry["top_logprobs"].push_back(chat_token(likely));
      json["content"].push_back(entry);
      continue;
    }
    Json top = Json::object();
    // Parts of characters are all U+FFFD: the likeliest of them stands for the others.
    for (const TokenText& likely : token.top) top.emplace(valid(likely.bytes), likely.logprob);
    json["tokens"].push_back(valid(token.chosen.bytes));
    json["token_logprobs"].push_back(token.chosen.logprob);
    json["top_logprobs"].push_back(top);
    json["text_offset"].push_back(answer.characters);
    answer.characters += characters(token.chosen.bytes);
  }
  return json;
}

Json Reply::usage() const {
  return {{"prompt_tokens", prompt_tokens_},
          {"completion_tokens", generated_},
          {"total_tokens", prompt_tokens_ + generated_}};
}

std::string Reply::event(const Json& json) const { return "data: " + dumped(json) + "\n\n"; }

std::string Reply::whole() const {
  Json json = object("");
  json["choices"] = Json::array();
  for (unsigned i = 0; i < answers_.size(); ++i) {
    const Answer& answer = answers_[i];
    json["choices"].push_back(choice(i, answer.text, answer.logprobs, answer.finish));
  }
  json["usage"] = usage();
  return dumped(json);
}

}  // namespace sterna::server
