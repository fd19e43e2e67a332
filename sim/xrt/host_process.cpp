// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/host_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sterna::hw_emu {

void HostProcess::open(pid_t id) {
  id_ = id;
  descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, id, 0));
}

bool HostProcess::ends_within(int milliseconds) const {
  if (descriptor_ < 0) return id_ <= 1 || ::kill(id_, 0) != 0;
  pollfd end{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&end, 1, milliseconds) > 0;
}

void HostProcess::terminate() const {
  if (descriptor_ >= 0) {
    ::syscall(SYS_pidfd_send_signal, descriptor_, SIGTERM, nullptr, 0);
  } else if (id_ > 1) {
    ::kill(id_, SIGTERM);
  }
}

}  // namespace sterna::hw_emu
