// SPDX-License-Identifier: Apache-2.0
// LD_PRELOAD: adds up the seconds that plain_xrt asks sleep() for, and leaves them in the file that
// STERNA_SLEPT names.
#include <time.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

std::atomic<unsigned> slept = 0;

__attribute__((destructor)) void report() {
  const char* name = std::getenv("STERNA_SLEPT");
  if (name == nullptr || std::string_view(program_invocation_short_name) != "plain_xrt") return;
  if (std::FILE* file = std::fopen(name, "w"); file != nullptr) {
    std::fprintf(file, "%u\n", slept.load());
    std::fclose(file);
  }
}

}  // namespace

extern "C" unsigned int sleep(unsigned int seconds) {
  slept += seconds;
  const timespec pause{.tv_sec = seconds, .tv_nsec = 0};
  ::nanosleep(&pause, nullptr);
  return 0;
}
