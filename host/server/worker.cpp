// SPDX-License-Identifier: Apache-2.0
#include "host/server/worker.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iterator>
#include <map>
#include <utility>

#include "host/server/answer_text.h"
#include "host/server/logprobs.h"
#include "isa/generated/isa.h"

namespace sterna::server {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t microseconds(Clock::duration time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

}  // namespace

// The answers of an engine, in the engine's thread: between the scheduler, which knows tokens, and
// their readers, who want text.
class Worker::Answers {
 public:
  Answers(Worker& worker, engine::Engine& engine)
      : model_(worker.model_),
        metrics_(worker.metrics_),
        scheduler_(engine, events(),
                   {worker.chunk_ != 0 ? worker.chunk_ : engine.columns_per_pass()}) {}

  bool empty() const { return answers_.empty(); }

  void begin(Job job) {
    metrics_.prompt_tokens += job.request.prompt.size();
    AnswerText text(job.stop);
    job.request.logits = job.logprobs.has_value();
    const std::uint64_t count = job.request.count;
    const std::size_t number = scheduler_.submit(std::move(job.request));
    answers_.emplace(number, Answer{std::move(job), std::move(text), count, 0, {}});
  }

  // Nobody waits for them any more.
  void drop_cancelled() {
    for (auto answer = answers_.begin(); answer != answers_.end();) {
      if (!answer->second.job.events->cancelled()) {
        ++answer;
        continue;
      }
      scheduler_.cancel(answer->first);
      ++metrics_.cancelled;
      answer = answers_.erase(answer);
    }
  }

  // False when the engine has failed, and with it the answers that had begun.
  bool step(const std::function<void(const char*)>& log) {
    const auto start = Clock::now();
    bool done = true;
    try {
      scheduler_.step();
      ++metrics_.steps;
    } catch (const std::exception& error) {
      log(error.what());
      done = false;
    }
    metrics_.busy_microseconds += microseconds(Clock::now() - start);
    return done;
  }

  void fail_all() {
    while (!answers_.empty()) fail(answers_.begin()->first);
  }

  std::vector<std::optional<runtime::Scheduler::Progress>> slots() const {
    auto running = scheduler_.running();
    metrics_.waiting = scheduler_.waiting();
    metrics_.running = answers_.size() - scheduler_.waiting();
    return running;
  }

 private:
  struct Answer {
    Job job;
    AnswerText text;
    std::uint64_t count = 0;           // tokens at most
    std::uint64_t tokens = 0;          // until now
    std::optional<Logprobs> logprobs;  // of the position that is next
  };

  runtime::SchedulerEvents events() {
    runtime::SchedulerEvents events;
    events.choosing = [this](std::size_t number, std::span<const double> logits) {
      answers_.at(number).logprobs.emplace(logits);
    };
    events.token = [this](std::size_t number, std::uint32_t token) { add(number, token); };
    events.failed = [this](std::size_t number) { fail(number); };
    events.step = [this](std::uint64_t, const engine::StepFigures& figures) {
      metrics_.saturated += figures.counters[Counter::kSaturated];
    };
    return events;
  }

  void add(std::size_t number, std::uint32_t token) {
    Answer& answer = answers_.at(number);
    ++metrics_.generated_tokens;
    if (++answer.tokens == 1) {
      metrics_.first_token.add(1e-6 *
                               static_cast<double>(microseconds(Clock::now() - answer.job.since)));
    }
    Event event{answer.job.choice, "", {}, Finish::kNone};
    if (answer.logprobs) event.logprobs.push_back(logprob(answer, token));
    if (model_.config.ends(token)) {
      event.finish = Finish::kStop;
    } else {
      event.text = answer.text.add(answer.job.stream.add(token));
      if (answer.text.stopped()) event.finish = Finish::kStop;
    }
    if (event.finish == Finish::kNone && answer.tokens == answer.count) {
      event.finish = Finish::kLength;
    }
    if (event.finish == Finish::kNone) return answer.job.events->push(std::move(event));
    event.text += answer.text.finish();
    const bool stopped = event.finish == Finish::kStop;
    end(number, std::move(event), stopped ? metrics_.stopped : metrics_.full);
  }

  void fail(std::size_t number) {
    end(number, {answers_.at(number).job.choice, "", {}, Finish::kFailed}, metrics_.failed);
  }

  void end(std::size_t number, Event event, Count& reason) {
    ++reason;
    scheduler_.cancel(number);
    const auto answer = answers_.find(number);
    answer->second.job.events->push(std::move(event));
    answers_.erase(answer);
  }

  TokenText token_text(const Answer& answer, std::uint32_t token) const {
    return {model_.tokenizer->decode(token, false), answer.logprobs->of(token)};
  }

  TokenLogprob logprob(const Answer& answer, std::uint32_t token) const {
    TokenLogprob logprob{token_text(answer, token), {}};
    for (const std::uint32_t likely : answer.logprobs->top(*answer.job.logprobs)) {
      logprob.top.push_back(token_text(answer, likely));
    }
    return logprob;
  }

  const ServedModel& model_;
  ModelMetrics& metrics_;
  std::map<std::size_t, Answer> answers_;  // by the scheduler's number
  runtime::Scheduler scheduler_;
};

Worker::Worker(const ServedModel& model, std::uint64_t chunk, std::function<void()> loaded)
    : model_(model), chunk_(chunk), loaded_(std::move(loaded)), thread_([this] { work(); }) {}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

Worker::State Worker::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::string Worker::failure() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kFailed ? text_ : "";
}

std::string Worker::engine_name() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kReady ? text_ : "";
}

unsigned Worker::sequences() const {
  const std::lock_guard lock(mutex_);
  return sequences_;
}

void Worker::submit(std::vector<Job> jobs) {
  {
    const std::lock_guard lock(mutex_);
    std::move(jobs.begin(), jobs.end(), std::back_inserter(inbox_));
  }
  changed_.notify_one();
}

std::vector<std::optional<runtime::Scheduler::Progress>> Worker::slots() const {
  const std::lock_guard lock(mutex_);
  return slots_;
}

void Worker::set_state(State state, const std::string& text, unsigned sequences) {
  {
    const std::lock_guard lock(mutex_);
    state_ = state;
    text_ = text;
    sequences_ = sequences;
    slots_.resize(sequences);
  }
  loaded_();
}

void Worker::work() {
  std::unique_ptr<engine::Engine> engine;
  try {
    engine = model_.make_engine();
  } catch (const std::exception& error) {
    return set_state(State::kFailed, error.what(), 0);
  }
  set_state(State::kReady, engine->name(), engine->sequences());
  while (engine != nullptr && !serve(*engine)) {
    engine.reset();  // before the next one takes what it holds
    engine = renew();
  }
}

bool Worker::serve(engine::Engine& engine) {
  Answers answers(*this, engine);
  for (;;) {
    std::vector<Job> jobs;
    {
      std::unique_lock lock(mutex_);
      slots_ = answers.slots();
      changed_.wait(lock, [&] { return ends_ || !inbox_.empty() || !answers.empty(); });
      if (ends_) return true;
      jobs.swap(inbox_);
    }
    for (Job& job : jobs) answers.begin(std::move(job));
    answers.drop_cancelled();
    if (answers.empty() || answers.step([this](const char* what) { log_failure(what); })) continue;
    if (!model_.renewed_after_failure) continue;
    answers.fail_all();
    const std::lock_guard lock(mutex_);
    slots_ = answers.slots();
    return false;
  }
}

std::unique_ptr<engine::Engine> Worker::renew() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ends_ || !inbox_.empty(); });
    if (ends_) return nullptr;
    lock.unlock();
    try {
      return model_.make_engine();
    } catch (const std::exception& error) {
      log_failure(error.what());
    }
    lock.lock();
    for (const Job& job : std::exchange(inbox_, {})) {
      ++metrics_.failed;
      job.events->push({job.choice, "", {}, Finish::kFailed});
    }
  }
}

void Worker::log_failure(const char* what) {
  ++metrics_.failures;
  std::fprintf(stderr, "sterna: %s: the engine failed: %s\n", model_.name.c_str(), what);
}

}  // namespace sterna::server
