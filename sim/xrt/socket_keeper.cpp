// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/socket_keeper.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "support/error.h"

namespace sterna::hw_emu {
namespace {

// A line on stdin releases it; the end of stdin without one is our death.
constexpr const char* kScript =
    "read -r line || while kill -s 0 \"$1\" 2>/dev/null; do sleep 0.1; done";

// In the child: stdin is the pipe, and descriptor 3 the socket. A shell, so that nobody takes it
// for a second device process.
[[noreturn]] void keep(int pipe, int socket, const std::string& host) {
  ::dup2(pipe, STDIN_FILENO);
  ::dup2(socket, 3);
  ::fcntl(3, F_SETFD, 0);  // it may have been 3 before, and then dup2 leaves it to close on exec
  ::close_range(4, ~0U, 0);
  if (::chdir("/") != 0) ::_exit(1);  // where we are may be removed before the shell looks
  ::execl("/bin/sh", "sh", "-c", kScript, "sterna-socket-keeper", host.c_str(), nullptr);
  ::_exit(1);
}

}  // namespace

SocketKeeper::SocketKeeper(const Socket& socket, pid_t host) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error("cannot make a pipe: {}", std::strerror(errno));
  const Socket read_end(ends[0]);
  signal_ = Socket(ends[1]);
  const std::string host_text = fmt::format("{}", host);
  const pid_t child = ::fork();
  if (child < 0) throw Error("cannot start a process: {}", std::strerror(errno));
  if (child == 0) keep(read_end.descriptor(), socket.descriptor(), host_text);
}

void SocketKeeper::release() {
  [[maybe_unused]] const auto written = ::write(signal_.descriptor(), "\n", 1);
}

}  // namespace sterna::hw_emu
