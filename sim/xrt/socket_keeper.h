// SPDX-License-Identifier: Apache-2.0
// Holds the connection to the host open when the device process dies. XRT does not look whether a
// reply came: without this it fails an assertion the moment that the connection breaks, before
// simulate.sh can say what happened and end the host in order.
#pragma once

#include <sys/types.h>

#include "sim/xrt/socket.h"

namespace sterna::hw_emu {

class SocketKeeper {
 public:
  // Starts the process that holds `socket` as well, until release(), or until `host` is gone. To be
  // called while this process has one thread. Throws Error when there can be no more processes.
  SocketKeeper(const Socket& socket, pid_t host);

  // All is well: the other process lets go.
  void release();

 private:
  Socket signal_;
};

}  // namespace sterna::hw_emu
