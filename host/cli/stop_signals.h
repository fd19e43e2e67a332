// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM as something to wait for.
#pragma once

#include <csignal>

namespace sterna::cli {

// As long as it lives the signals only end a wait(). One at a time.
class StopSignals {
 public:
  // Throws Error when the system has no pipe.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Until a signal comes, or wake() is called: once for each, also for those that came before.
  void wait() const;
  // From any thread.
  void wake() const;

 private:
  struct sigaction interrupt_before_ {
  }, terminate_before_{};
  int ends_[2] = {-1, -1};  // of a pipe, with a byte for each
};

}  // namespace sterna::cli
