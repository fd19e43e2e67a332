// SPDX-License-Identifier: Apache-2.0
#include "support/mapped_inputs.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>

#include "support/temporary.h"

namespace sterna {

// As those of Temporary: nothing but `begin` ever changes, and nothing is freed.
struct MappedInput::Entry {
  const std::string message;
  std::atomic<const std::byte*> begin;  // null: not mapped any more
  const std::size_t bytes;
  Entry* next = nullptr;
};

namespace {

std::atomic<MappedInput::Entry*> first_input;

// Only what is safe in a signal's handler.
void tell_and_end(int signal, siginfo_t* info, void*) {
  const auto* const at = static_cast<const std::byte*>(info->si_addr);
  for (const auto* entry = first_input.load(); entry != nullptr; entry = entry->next) {
    const std::byte* const begin = entry->begin;
    if (begin == nullptr || at < begin || at >= begin + entry->bytes) continue;
    remove_temporaries();
    if (::write(STDERR_FILENO, entry->message.data(), entry->message.size()) < 0) ::_exit(1);
    ::_exit(1);
  }
  remove_temporaries();
  ::raise(signal);  // its action is the system's again (SA_RESETHAND)
}

}  // namespace

MappedInput::MappedInput(const std::filesystem::path& path, std::span<const std::byte> mapped)
    : entry_(new Entry{"sterna: " + path.string() + ": became shorter while it was read\n",
                       mapped.data(), mapped.size()}) {
  entry_->next = first_input;
  while (!first_input.compare_exchange_weak(entry_->next, entry_)) {
  }
}

MappedInput::~MappedInput() { entry_->begin = nullptr; }

void end_when_inputs_shrink() {
  struct sigaction action {};
  action.sa_sigaction = tell_and_end;
  action.sa_flags = SA_SIGINFO | SA_RESETHAND | SA_NODEFER;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace sterna
