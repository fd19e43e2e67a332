// SPDX-License-Identifier: Apache-2.0
// What XRT's emulation does to a process while it loads an xclbin, and must not.
#pragma once

#include <array>
#include <csignal>

namespace sterna::card {

// While it lives, what the process prints to stdout is lost: XRT prints remarks there, where our
// output goes. A crash ends this process, and soon: XRT takes its signals, and its handlers wait
// for a lock of malloc's or end the whole process group, so also whoever started us. While it lives
// these signals are blocked (the kernel does not wait for those of a true crash), and then the
// handlers are ours again. From its beginning on, processes that this one forks end with it.
class EmulationLoad {
 public:
  static constexpr std::array kSignals = {SIGSEGV, SIGFPE, SIGABRT};

  EmulationLoad();
  ~EmulationLoad();
  EmulationLoad(const EmulationLoad&) = delete;
  EmulationLoad& operator=(const EmulationLoad&) = delete;

 private:
  int stdout_ = -1;
  sigset_t mask_{};
  std::array<struct sigaction, kSignals.size()> actions_{};
};

}  // namespace sterna::card
