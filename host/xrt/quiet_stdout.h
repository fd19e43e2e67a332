// XRT's emulation prints remarks to stdout, where our output goes.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace sterna {

// While it lives, what the process prints to stdout is lost.
class QuietStdout {
 public:
  QuietStdout() {
    std::fflush(stdout);
    stdout_ = ::dup(STDOUT_FILENO);
    if (const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC); null >= 0) {
      ::dup2(null, STDOUT_FILENO);
      ::close(null);
    }
  }
  ~QuietStdout() {
    std::fflush(stdout);
    if (stdout_ < 0) return;
    ::dup2(stdout_, STDOUT_FILENO);
    ::close(stdout_);
  }
  QuietStdout(const QuietStdout&) = delete;
  QuietStdout& operator=(const QuietStdout&) = delete;

 private:
  int stdout_ = -1;
};

}  // namespace sterna
