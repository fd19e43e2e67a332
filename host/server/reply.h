// SPDX-License-Identifier: Apache-2.0
// What goes on the wire as a request's answers come: OpenAI's objects, in server-sent events or as
// one object at the end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/server/api_error.h"
#include "host/server/events.h"
#include "host/server/request.h"
#include "support/json.h"

namespace sterna::server {

class Reply {
 public:
  // `prompt_tokens`: of all prompts; `answers`: of all prompts, too.
  Reply(const GenerationRequest& request, const std::string& model, std::uint64_t prompt_tokens,
        unsigned answers);

  const char* content_type() const;

  // What there is to send when these things have happened; of no stream nothing before the end.
  std::string add(const std::vector<Event>& events);

  // Have all answers ended?
  bool ended() const { return unfinished_ == 0; }
  // Has the engine failed? Then a stream's connection has to end, too: a client must not take what
  // it has got for all.
  bool failed() const { return failed_; }
  // What its client is told. What went wrong is for the log.
  static ApiError engine_failed() {
    return {500, "server_error", "engine_failed", "the engine failed"};
  }

 private:
  struct Answer {
    std::string text;
    Json logprobs;  // null: none
    Finish finish = Finish::kNone;
    std::uint64_t characters = 0;  // of the tokens until now
  };

  Json object(const char* kind) const;
  Json choice(unsigned index, const std::string& text, const Json& logprobs, Finish finish) const;
  Json logprobs(Answer& answer, const std::vector<TokenLogprob>& tokens) const;
  Json usage() const;
  std::string event(const Json& json) const;
  std::string begin();
  std::string whole() const;

  const bool chat_, stream_, with_usage_, with_logprobs_;
  const std::string model_, id_;
  const std::int64_t created_;
  const std::uint64_t prompt_tokens_;
  std::uint64_t generated_ = 0;
  std::vector<Answer> answers_;
  unsigned unfinished_;
  bool begun_ = false;
  bool failed_ = false;
};

}  // namespace sterna::server
