// SPDX-License-Identifier: Apache-2.0
#include "host/engine/checking_engine.h"

#include <future>
#include <utility>

#include "support/error.h"

namespace sterna::engine {

CheckingEngine::CheckingEngine(std::unique_ptr<Engine> engine, std::unique_ptr<Engine> reference)
    : engine_(std::move(engine)), reference_(std::move(reference)) {}

void CheckingEngine::step(std::span<const Column> columns) {
  auto reference = std::async(std::launch::async, [&] { reference_->step(columns); });
  engine_->step(columns);
  reference.get();
  ++steps_;
  for (std::size_t i = 0; i < columns.size(); ++i) compare(columns[i], i);
}

void CheckingEngine::reset(unsigned sequence) {
  engine_->reset(sequence);
  reference_->reset(sequence);
}

void CheckingEngine::compare(const Column& column, std::size_t place) {
  if (column.head == Head::kLogits) {
    const auto ours = engine_->logits(place), theirs = reference_->logits(place);
    for (std::uint32_t i = 0; i < theirs.size(); ++i) {
      compare(column, {i, ours[i]}, {i, theirs[i]});
    }
  } else if (column.head == Head::kTop) {
    const auto ours = engine_->top(place), theirs = reference_->top(place);
    for (std::size_t i = 0; i < theirs.size(); ++i) compare(column, ours[i], theirs[i]);
  }
}

void CheckingEngine::compare(const Column& column, const Candidate& ours,
                             const Candidate& theirs) const {
  if (ours == theirs) return;
  throw Error("step {}, sequence {} (token {}): logit {} is {}, {} says logit {} is {}", steps_,
              column.sequence, column.token, ours.token, ours.logit, reference_->name(),
              theirs.token, theirs.logit);
}

}  // namespace sterna::engine
