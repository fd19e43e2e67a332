// SPDX-License-Identifier: Apache-2.0
// Between the engine's thread, which never waits, and that of a client's connection: what happens
// to the answers of one request. A queue holds at most the tokens that its request may generate, so
// a client that reads slowly costs memory of that size, and nobody else anything.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace sterna::server {

struct TokenText {
  std::string bytes;
  double logprob = 0;
};

// A token that was chosen, and the likeliest ones in its place.
struct TokenLogprob {
  TokenText chosen;
  std::vector<TokenText> top;
};

enum class Finish {
  kNone,    // it goes on
  kStop,    // a stop, or the model's own end
  kLength,  // as many tokens as were asked for
  kFailed,  // the engine
};

// One more token of an answer.
struct Event {
  unsigned choice = 0;
  std::string text;                    // may be empty; of several tokens, where some were held back
  std::vector<TokenLogprob> logprobs;  // of the token, where they are wanted
  Finish finish = Finish::kNone;
};

class Events {
 public:
  void push(Event event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    changed_.notify_one();
  }

  // All that have happened; none when nothing does in this time.
  std::vector<Event> take(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [this] { return !events_.empty(); });
    return std::exchange(events_, {});
  }

  // Nobody reads them any more.
  void cancel() { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace sterna::server
