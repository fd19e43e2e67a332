// SPDX-License-Identifier: Apache-2.0
// The program that uses the emulated card: another process, whose end we must not miss.
#pragma once

#include <sys/types.h>

namespace sterna::hw_emu {

// Its functions but open() may be called from a signal handler.
class HostProcess {
 public:
  // Holds on to process `id`, so that another one that gets the number later is not taken for it.
  void open(pid_t id);

  // Whether it has ended, or does so within that time. True before open().
  bool ends_within(int milliseconds) const;

  // Sends TERM.
  void terminate() const;

 private:
  pid_t id_ = 0;
  int descriptor_ = -1;  // none where the kernel is too old
};

}  // namespace sterna::hw_emu
