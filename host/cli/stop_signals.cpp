// SPDX-License-Identifier: Apache-2.0
#include "host/cli/stop_signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "support/error.h"

namespace sterna::cli {
namespace {

volatile std::sig_atomic_t pipe_end = -1;

void write_byte(int end) {
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(end, "", 1);  // a full pipe wakes as well
  errno = error;
}

}  // namespace

StopSignals::StopSignals() {
  if (::pipe2(ends_, O_CLOEXEC) != 0 || ::fcntl(ends_[1], F_SETFL, O_NONBLOCK) != 0) {
    throw Error("cannot make a pipe: {}", std::strerror(errno));
  }
  pipe_end = ends_[1];
  struct sigaction action {};
  action.sa_handler = [](int) { write_byte(pipe_end); };
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &interrupt_before_);
  ::sigaction(SIGTERM, &action, &terminate_before_);
}

StopSignals::~StopSignals() {
  ::sigaction(SIGINT, &interrupt_before_, nullptr);
  ::sigaction(SIGTERM, &terminate_before_, nullptr);
  for (const int end : ends_) ::close(end);
}

void StopSignals::wait() const {
  char byte = 0;
  while (::read(ends_[0], &byte, 1) < 0 && errno == EINTR) {
  }
}

void StopSignals::wake() const { write_byte(ends_[1]); }

}  // namespace sterna::cli
