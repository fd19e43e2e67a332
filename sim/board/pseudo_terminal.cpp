// SPDX-License-Identifier: Apache-2.0
#include "sim/board/pseudo_terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "support/error.h"

namespace sterna::board {
namespace {

constexpr int kRoomMilliseconds = 200;

}  // namespace

PseudoTerminal::PseudoTerminal() : file_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  const char* name = nullptr;
  if (file_ < 0 || ::grantpt(file_) != 0 || ::unlockpt(file_) != 0 ||
      (name = ::ptsname(file_)) == nullptr) {
    throw Error("no pseudo-terminal: {}", std::strerror(errno));
  }
  path_ = name;
  ::fcntl(file_, F_SETFL, ::fcntl(file_, F_GETFL) | O_NONBLOCK);
  // Nothing of a terminal's services, before the first program opens it.
  termios settings{};
  if (::tcgetattr(file_, &settings) == 0) {
    ::cfmakeraw(&settings);
    ::tcsetattr(file_, TCSANOW, &settings);
  }
}

PseudoTerminal::~PseudoTerminal() { hang_up(); }

std::size_t PseudoTerminal::read(std::span<std::byte> bytes) {
  if (file_ < 0) return 0;
  const ssize_t count = ::read(file_, bytes.data(), bytes.size());
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void PseudoTerminal::write(std::span<const std::byte> bytes) {
  while (file_ >= 0 && !bytes.empty()) {
    const ssize_t count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {
      // A program that has the port open and does not read gets time, as a port's buffer gives it.
      pollfd state{file_, POLLOUT, 0};
      if (::poll(&state, 1, kRoomMilliseconds) > 0 && (state.revents & POLLOUT) != 0) continue;
    }
    if (count <= 0) return;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

bool PseudoTerminal::wait(std::chrono::milliseconds timeout) {
  pollfd state{file_, POLLIN, 0};
  ::poll(&state, 1, static_cast<int>(timeout.count()));
  // Without a program at the other end there is nothing that poll() could wait for.
  if ((state.revents & POLLHUP) != 0) ::poll(nullptr, 0, static_cast<int>(timeout.count()));
  return (state.revents & POLLIN) != 0;
}

void PseudoTerminal::hang_up() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

}  // namespace sterna::board
