// SPDX-License-Identifier: Apache-2.0
// Continuous batching: requests wait for a sequence of the engine, which takes the next one as soon
// as its own has ended; prompts are read beside the sequences that generate.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "host/engine/engine.h"
#include "host/runtime/sampler.h"

namespace sterna::runtime {

struct Request {
  std::vector<std::uint32_t> prompt;  // at least one token
  std::uint64_t count = 0;            // tokens to generate at most; 0 reads the prompt alone
  SamplerOptions sampler{};
  bool goes_on = false;  // from what its sequence has read; else the sequence forgets that first
  bool logits = false;   // tell events.choosing all logits that its tokens are chosen from
};

// Called as things happen; `request` is the number that submit() gave. What is left empty is not
// called. All of them may submit() and cancel(); one that throws ends the step.
struct SchedulerEvents {
  // Does this token end a sequence? Without it none does.
  std::function<bool(std::uint32_t token)> ends{};
  // Generated, the ending one too.
  std::function<void(std::size_t request, std::uint32_t token)> token{};
  std::function<void(std::size_t request)> finished{};
  // Given up, because the engine or an event threw. Must not throw.
  std::function<void(std::size_t request)> failed{};
  // Before each token of a request that wants it: the logits that it is chosen from.
  std::function<void(std::size_t request, std::span<const double> logits)> choosing{};
  // Asked for, every position of every sequence computes all its logits, and they arrive in order.
  std::function<void(std::size_t request, std::span<const double> logits)> logits{};
  // After every step of the engine: how many tokens it read.
  std::function<void(std::uint64_t positions, const engine::StepFigures& figures)> step{};
};

struct SchedulerOptions {
  // So many tokens of prompts a step at most, beside the sequences that generate. 0: a prompt is
  // read whole, a full pass a step, while the others wait.
  std::uint64_t chunk = 0;
};

class Scheduler {
 public:
  // The engine must outlive this and serve it alone.
  Scheduler(engine::Engine& engine, SchedulerEvents events, const SchedulerOptions& options = {});

  // Queues a request, and gives it a number: 0, 1 and so on. Its tokens will depend on it alone,
  // not on what runs beside it. Throws Error for a prompt that has no tokens or one that is beyond
  // the vocabulary, and for sampler options out of range.
  std::size_t submit(Request request);

  // One step of the engine; false when there is nothing to do. Throws what the engine and the
  // events throw: the requests that had begun are given up then, and the next step starts with
  // those that still wait.
  bool step();

  // Until there is nothing to do.
  void run();

  // Takes a request back, whether it waits or runs: no event speaks of it any more. False when it
  // has ended, or never was.
  bool cancel(std::size_t request);

  // How far a request has come.
  struct Progress {
    std::size_t request = 0;
    std::uint64_t prompt = 0, read = 0, generated = 0;  // tokens; `read` counts the prompt's too
  };
  // By sequence; nothing: it is free.
  std::vector<std::optional<Progress>> running() const;
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Task {
    std::size_t number = 0;
    Request request;
    Sampler sampler;
    std::uint64_t read = 0;       // tokens, the prompt's first
    std::uint64_t generated = 0;  // tokens
    std::uint32_t next = 0;       // generated last
    std::size_t unread() const {  // of the prompt
      return request.prompt.size() - std::min<std::uint64_t>(read, request.prompt.size());
    }
  };
  using Columns = std::vector<engine::Column>;

  Columns gather();
  Columns gather_one_prompt();
  Columns gather_chunks();
  bool admit();
  void take(unsigned sequence, std::size_t count, Columns& columns) const;
  engine::Head head_wanted(const Task& task, std::size_t position) const;
  void tell(const Columns& columns);
  void give_up();
  void advance(unsigned sequence, const engine::Column& column, std::size_t place);

  engine::Engine& engine_;
  const SchedulerEvents events_;
  const SchedulerOptions options_;
  std::deque<Task> waiting_;
  std::vector<std::optional<Task>> running_;  // by sequence
  std::size_t submitted_ = 0;
};

// Runs all requests to their ends, numbered as they stand there. Throws as Scheduler does, for a
// request that is wrong before anything runs.
void generate(engine::Engine& engine, std::span<const Request> requests,
              const SchedulerEvents& events, const SchedulerOptions& options = {});

}  // namespace sterna::runtime
