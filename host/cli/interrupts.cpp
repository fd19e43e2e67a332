// SPDX-License-Identifier: Apache-2.0
#include "host/cli/interrupts.h"

namespace sterna::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

}  // namespace

Interrupts::Interrupts() {
  clear();
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // what is being written gets through
  ::sigaction(SIGINT, &action, &before_);
}

Interrupts::~Interrupts() { ::sigaction(SIGINT, &before_, nullptr); }

bool Interrupts::pending() const { return interrupted != 0; }

void Interrupts::clear() { interrupted = 0; }

}  // namespace sterna::cli
