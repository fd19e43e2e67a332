// SPDX-License-Identifier: Apache-2.0
// A request that is being answered: from its jobs at the worker to the bytes for its client.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "host/server/models.h"
#include "host/server/reply.h"
#include "host/server/request.h"

namespace sterna::server {

class Answer {
 public:
  // Has the request's tokens checked and queues its answers. Throws ApiError when it is wrong or
  // there is no place for it.
  Answer(const GenerationRequest& request, const RequestLimits& limits, Models& models);
  // Takes back what has not ended.
  ~Answer();
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  const char* content_type() const { return reply_->content_type(); }

  // Waits so long at most for something to send; may be empty.
  std::string next(std::chrono::milliseconds patience);

  bool ended() const { return reply_->ended(); }
  bool failed() const { return reply_->failed(); }

 private:
  std::shared_ptr<void> place_;
  const std::shared_ptr<Events> events_ = std::make_shared<Events>();
  std::unique_ptr<Reply> reply_;
};

}  // namespace sterna::server
