// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/scheduler.h"

#include <algorithm>
#include <utility>

#include "support/error.h"

namespace sterna::runtime {

Scheduler::Scheduler(engine::Engine& engine, SchedulerEvents events,
                     const SchedulerOptions& options)
    : engine_(engine),
      events_(std::move(events)),
      options_(options),
      running_(engine.sequences()) {}

std::size_t Scheduler::submit(Request request) {
  if (request.prompt.empty()) throw Error("request {}: the prompt has no tokens", submitted_);
  for (const std::uint32_t token : request.prompt) {
    if (token >= engine_.vocabulary()) {
      throw Error("request {}: token {} is beyond the vocabulary of {}", submitted_, token,
                  engine_.vocabulary());
    }
  }
  const Sampler sampler(request.sampler);
  waiting_.push_back({submitted_, std::move(request), sampler});
  return submitted_++;
}

bool Scheduler::step() {
  try {
    const Columns columns = gather();
    if (columns.empty()) return false;
    engine_.step(columns);
    tell(columns);
    return true;
  } catch (...) {
    give_up();
    throw;
  }
}

// All that have begun.
void Scheduler::give_up() {
  for (auto& task : running_) {
    if (!task) continue;
    const std::size_t number = task->number;
    task.reset();
    if (events_.failed) events_.failed(number);
  }
}

void Scheduler::run() {
  while (step()) {
  }
}

bool Scheduler::cancel(std::size_t request) {
  const auto is_it = [request](const Task& task) { return task.number == request; };
  const auto waiting = std::find_if(waiting_.begin(), waiting_.end(), is_it);
  if (waiting != waiting_.end()) {
    waiting_.erase(waiting);
    return true;
  }
  const auto running = std::find_if(running_.begin(), running_.end(),
                                    [&](const auto& task) { return task && is_it(*task); });
  if (running == running_.end()) return false;
  running->reset();
  return true;
}

std::vector<std::optional<Scheduler::Progress>> Scheduler::running() const {
  std::vector<std::optional<Progress>> all(running_.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (const auto& task = running_[i]) {
      all[i] = {task->number, task->request.prompt.size(), task->read, task->generated};
    }
  }
  return all;
}

Scheduler::Columns Scheduler::gather() {
  return options_.chunk == 0 ? gather_one_prompt() : gather_chunks();
}

// What is next of the prompt that is being read; of all sequences when there is none but their last
// tokens.
Scheduler::Columns Scheduler::gather_one_prompt() {
  Columns columns;
  do {
    for (unsigned sequence = 0; sequence < running_.size(); ++sequence) {
      if (!running_[sequence] || running_[sequence]->unread() < 2) continue;
      take(sequence,
           std::min<std::size_t>(engine_.columns_per_pass(), running_[sequence]->unread() - 1),
           columns);
      return columns;
    }
  } while (admit());
  for (unsigned sequence = 0; sequence < running_.size(); ++sequence) {
    if (running_[sequence]) take(sequence, 1, columns);
  }
  return columns;
}

// A token of every sequence that generates, and of prompts, the oldest request's first, what the
// chunk has room for.
Scheduler::Columns Scheduler::gather_chunks() {
  while (admit()) {
  }
  Columns columns;
  std::vector<unsigned> readers;
  for (unsigned sequence = 0; sequence < running_.size(); ++sequence) {
    if (!running_[sequence]) continue;
    if (running_[sequence]->unread() == 0) {
      take(sequence, 1, columns);
    } else {
      readers.push_back(sequence);
    }
  }
  std::sort(readers.begin(), readers.end(),
            [this](unsigned a, unsigned b) { return running_[a]->number < running_[b]->number; });
  std::uint64_t room = options_.chunk;
  for (const unsigned sequence : readers) {
    const auto count = std::min<std::uint64_t>(room, running_[sequence]->unread());
    take(sequence, count, columns);
    room -= count;
  }
  return columns;
}

// Gives a free sequence the next request; false when there is no such pair.
bool Scheduler::admit() {
  const auto free = std::find(running_.begin(), running_.end(), std::nullopt);
  if (waiting_.empty() || free == running_.end()) return false;
  *free = std::move(waiting_.front());
  waiting_.pop_front();
  if (!(*free)->request.goes_on) engine_.reset(static_cast<unsigned>(free - running_.begin()));
  return true;
}

void Scheduler::take(unsigned sequence, std::size_t count, Columns& columns) const {
  const Task& task = *running_[sequence];
  for (std::uint64_t at = task.read; at < task.read + count; ++at) {
    const auto& prompt = task.request.prompt;
    columns.push_back(
        {sequence, at < prompt.size() ? prompt[at] : task.next, head_wanted(task, at)});
  }
}

engine::Head Scheduler::head_wanted(const Task& task, std::size_t position) const {
  if (events_.logits) return engine::Head::kLogits;
  if (task.request.count == 0 || position + 1 < task.request.prompt.size())
    return engine::Head::kNone;
  return task.request.logits || task.sampler.needs_all_logits() ? engine::Head::kLogits
                                                                : engine::Head::kTop;
}

void Scheduler::tell(const Columns& columns) {
  if (events_.step) events_.step(columns.size(), engine_.figures());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (running_[columns[i].sequence]) advance(columns[i].sequence, columns[i], i);
  }
}

// The sequence has read the column, which is at that place of the step. Each event may cancel what
// it is about.
void Scheduler::advance(unsigned sequence, const engine::Column& column, std::size_t place) {
  std::optional<Task>& task = running_[sequence];
  const std::size_t number = task->number;
  ++task->read;
  if (events_.logits) events_.logits(number, engine_.logits(place));
  if (!task || task->unread() != 0) return;
  bool finished = task->request.count == 0;
  if (!finished) {
    if (task->request.logits && events_.choosing) {
      events_.choosing(number, engine_.logits(place));
      if (!task) return;
    }
    task->next = column.head == engine::Head::kLogits ? task->sampler.choose(engine_.logits(place))
                                                      : task->sampler.choose(engine_.top(place));
    const std::uint32_t token = task->next;
    if (events_.token) events_.token(number, token);
    if (!task) return;
    finished = ++task->generated == task->request.count || (events_.ends && events_.ends(token));
  }
  if (!finished) return;
  task.reset();
  if (events_.finished) events_.finished(number);
}

void generate(engine::Engine& engine, std::span<const Request> requests,
              const SchedulerEvents& events, const SchedulerOptions& options) {
  Scheduler scheduler(engine, events, options);
  for (const Request& request : requests) scheduler.submit(request);
  scheduler.run();
}

}  // namespace sterna::runtime
