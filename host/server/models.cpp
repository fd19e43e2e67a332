// SPDX-License-Identifier: Apache-2.0
#include "host/server/models.h"

#include <algorithm>
#include <utility>

#include "support/files.h"

namespace sterna::server {

Models::Models(std::vector<ServedModel> models, std::uint64_t chunk, unsigned queue,
               std::function<void()> loaded)
    : queue_(queue) {
  // How many are still to be loaded; the last one tells, and so does one that cannot be.
  const auto left = std::make_shared<std::atomic<std::size_t>>(models.size());
  for (ServedModel& model : models) {
    models_.emplace_back(std::move(model), chunk, [left, loaded] {
      if (--*left == 0) loaded();
    });
  }
}

bool Models::ready() const {
  return std::all_of(models_.begin(), models_.end(), [](const Hosted& model) {
    return model.worker.state() == Worker::State::kReady;
  });
}

std::string Models::failure() const {
  for (const Hosted& model : models_) {
    if (model.worker.state() == Worker::State::kFailed) return model.worker.failure();
  }
  return "";
}

bool Models::drains() const {
  const std::lock_guard lock(mutex_);
  return drains_;
}

Hosted& Models::find(const std::string& name) {
  if (name.empty()) return models_.front();
  const auto model = std::find_if(models_.begin(), models_.end(),
                                  [&](const Hosted& one) { return one.served.name == name; });
  if (model == models_.end()) {
    throw ApiError(404, "invalid_request_error", "model_not_found",
                   fmt::format("model: there is no model {}", printable(name)), "model");
  }
  return *model;
}

ApiError Models::shutting_down() {
  return {503, "unavailable_error", "shutting_down", "the server is shutting down"};
}

std::shared_ptr<void> Models::enter(Hosted& model, unsigned answers) {
  if (model.worker.state() != Worker::State::kReady) {
    throw ApiError(503, "unavailable_error", "loading", "the model is being loaded");
  }
  const unsigned places = model.worker.sequences() + queue_;
  if (answers > places) {
    throw bad_request("n", "{} answers are more than the {} that have a place here", answers,
                      places);
  }
  const std::lock_guard lock(mutex_);
  if (drains_) throw shutting_down();
  if (answers > places - model.places_taken) {
    throw ApiError(429, "rate_limit_error", "queue_full",
                   "the queue is full: try again a little later");
  }
  model.places_taken += answers;
  places_taken_ += answers;
  return {&model, [this, answers](Hosted* its) { leave(*its, answers); }};
}

void Models::leave(Hosted& model, unsigned answers) {
  std::function<void()> idle;
  {
    const std::lock_guard lock(mutex_);
    model.places_taken -= answers;
    places_taken_ -= answers;
    if (drains_ && places_taken_ == 0) idle = idle_;
  }
  if (idle) idle();
}

void Models::drain(std::function<void()> idle) {
  bool now = false;
  {
    const std::lock_guard lock(mutex_);
    drains_ = true;
    idle_ = idle;
    now = places_taken_ == 0;
  }
  if (now) idle();
}

}  // namespace sterna::server
