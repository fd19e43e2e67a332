// SPDX-License-Identifier: Apache-2.0
// The thread of one model: it makes the engine, and runs the scheduler over the answers that others
// ask for and read.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/runtime/scheduler.h"
#include "host/server/events.h"
#include "host/server/metrics.h"
#include "host/server/served_model.h"

namespace sterna::server {

// One answer to make.
struct Job {
  std::shared_ptr<Events> events;  // of the request, whose other answers go there, too
  unsigned choice = 0;             // of the request
  runtime::Request request;        // a good one
  model::TextStream stream;        // that has had the prompt
  std::vector<std::string> stop;
  std::optional<std::uint32_t> logprobs;
  std::chrono::steady_clock::time_point since;  // the request came then
};

class Worker {
 public:
  enum class State { kLoading, kReady, kFailed };

  // `chunk`: tokens of prompts a step at most, beside the sequences that generate; 0: what one pass
  // takes. `loaded` is called in the thread when the engine is there, or cannot be made. The model
  // must outlive this.
  Worker(const ServedModel& model, std::uint64_t chunk, std::function<void()> loaded);
  // Gives up what there is to do.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  State state() const;
  // Of a worker that failed.
  std::string failure() const;
  // Of one that is ready.
  std::string engine_name() const;
  unsigned sequences() const;

  // Queues answers. What happens to them is told to their events, in the engine's thread; one whose
  // events are cancelled is dropped before the next step.
  void submit(std::vector<Job> jobs);

  // What each sequence of the engine does.
  std::vector<std::optional<runtime::Scheduler::Progress>> slots() const;

  const ModelMetrics& metrics() const { return metrics_; }

 private:
  class Answers;
  void work();
  // False when the engine has failed and has to be made anew.
  bool serve(engine::Engine& engine);
  // When somebody wants it; null where the worker ends.
  std::unique_ptr<engine::Engine> renew();
  void log_failure(const char* what);
  void set_state(State state, const std::string& text, unsigned sequences);

  const ServedModel& model_;
  const std::uint64_t chunk_;
  const std::function<void()> loaded_;
  ModelMetrics metrics_;

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  State state_ = State::kLoading;
  std::string text_;  // the engine's name, or why there is none
  unsigned sequences_ = 0;
  bool ends_ = false;
  std::vector<Job> inbox_;
  std::vector<std::optional<runtime::Scheduler::Progress>> slots_;

  std::thread thread_;  // last: it uses all the others
};

}  // namespace sterna::server
