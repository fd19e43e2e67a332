// SPDX-License-Identifier: Apache-2.0
#include "host/server/answer.h"

#include <utility>
#include <vector>

#include "host/server/prompt.h"

namespace sterna::server {

Answer::Answer(const GenerationRequest& request, const RequestLimits& limits, Models& models) {
  const auto since = std::chrono::steady_clock::now();
  Hosted& model = models.find(request.model);
  std::vector<std::vector<std::uint32_t>> prompts;
  if (request.chat) {
    prompts.push_back(chat_tokens(request.messages, *model.served.tokenizer, model.served.config,
                                  limits.max_prompt));
  }
  for (const Prompt& prompt : request.prompts) {
    prompts.push_back(
        prompt_tokens(prompt, *model.served.tokenizer, model.served.config, limits.max_prompt));
  }
  const auto answers = static_cast<unsigned>(prompts.size() * request.choices);
  place_ = models.enter(model, answers);  // before there is a copy of its prompt for each
  std::uint64_t prompt_tokens = 0;
  std::vector<Job> jobs;
  for (const auto& prompt : prompts) {
    prompt_tokens += prompt.size();
    model::TextStream stream(*model.served.tokenizer);
    for (const std::uint32_t token : prompt) stream.add(token);
    for (std::uint32_t i = 0; i < request.choices; ++i) {
      runtime::Request one{prompt, request.max_tokens, request.sampler};
      one.sampler.seed += i;  // or all would draw the same numbers
      jobs.push_back({events_, static_cast<unsigned>(jobs.size()), std::move(one), stream,
                      request.stop, request.logprobs, since});
    }
  }
  reply_ = std::make_unique<Reply>(request, model.served.name, prompt_tokens, answers);
  model.worker.submit(std::move(jobs));
}

Answer::~Answer() { events_->cancel(); }

std::string Answer::next(std::chrono::milliseconds patience) {
  return reply_->add(events_->take(patience));
}

}  // namespace sterna::server
