// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/conversation.h"

#include <optional>
#include <utility>

#include "support/error.h"

namespace sterna::runtime {

void Conversation::turn(std::span<const std::uint32_t> tokens, std::uint64_t count,
                        const SamplerOptions& sampler, SchedulerEvents events) {
  Request request{std::exchange(unread_, {}), count, sampler, begun_};
  request.prompt.insert(request.prompt.end(), tokens.begin(), tokens.end());
  if (request.prompt.empty()) throw Error("there is nothing to go on from");
  begun_ = true;
  const auto tell = std::move(events.token);
  events.token = [&](std::size_t i, std::uint32_t token) {
    unread_ = {token};
    if (tell) tell(i, token);
  };
  generate(engine_, {&request, 1}, events);
}

void Conversation::reset() {
  begun_ = false;
  unread_.clear();
}

}  // namespace sterna::runtime
