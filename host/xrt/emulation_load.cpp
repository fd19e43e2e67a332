// SPDX-License-Identifier: Apache-2.0
#include "host/xrt/emulation_load.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>

namespace sterna::card {
namespace {

pid_t parent = 0;

sigset_t crash_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : EmulationLoad::kSignals) ::sigaddset(&set, signal);
  return set;
}

// In a child. XRT starts the device's process so, and a child that hangs before it is started would
// hang on without us.
void end_with_parent() {
  const sigset_t signals = crash_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
}

}  // namespace

EmulationLoad::EmulationLoad() {
  static const int once = ::pthread_atfork([] { parent = ::getpid(); }, nullptr, end_with_parent);
  static_cast<void>(once);
  const sigset_t signals = crash_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, &mask_);
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], nullptr, &actions_[i]);
  std::fflush(stdout);
  stdout_ = ::dup(STDOUT_FILENO);
  if (const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC); null >= 0) {
    ::dup2(null, STDOUT_FILENO);
    ::close(null);
  }
}

EmulationLoad::~EmulationLoad() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &actions_[i], nullptr);
  ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  std::fflush(stdout);
  if (stdout_ < 0) return;
  ::dup2(stdout_, STDOUT_FILENO);
  ::close(stdout_);
}

}  // namespace sterna::card
