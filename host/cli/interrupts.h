// SPDX-License-Identifier: Apache-2.0
// Ctrl-C as a wish that work end soon, not as the end of the program.
#pragma once

#include <csignal>

namespace sterna::cli {

// As long as it lives SIGINT is only remembered. One at a time.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Has SIGINT come since the last clear()?
  bool pending() const;
  void clear();

 private:
  struct sigaction before_ {};
};

}  // namespace sterna::cli
