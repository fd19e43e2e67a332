// SPDX-License-Identifier: Apache-2.0
#include "support/temporary.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <initializer_list>
#include <random>

namespace sterna {

// What a signal's handler walks. Nothing but `present` ever changes, and nothing is freed: the
// handler may run at any time, in any thread.
struct Temporary::Entry {
  const std::string path;
  std::atomic<bool> present{true};
  Entry* next = nullptr;
};

namespace {

std::atomic<Temporary::Entry*> first_entry;

void remove_and_die(int signal) {
  remove_temporaries();
  ::raise(signal);  // its action is the system's again (SA_RESETHAND)
}

std::string name_beside(const std::filesystem::path& path) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t kLongestStem = 200;  // a name has 255 bytes at most
  std::string name = path.filename().string().substr(0, kLongestStem) + '.';
  std::random_device random;
  for (unsigned i = 0; i < 10; ++i) name += kLetters[random() % kLetters.size()];
  return path.parent_path() / name;
}

}  // namespace

Temporary::Temporary(const std::filesystem::path& beside)
    : entry_(new Entry{name_beside(std::filesystem::absolute(beside))}) {
  entry_->next = first_entry;
  while (!first_entry.compare_exchange_weak(entry_->next, entry_)) {
  }
}

Temporary::~Temporary() {
  if (entry_->present) ::unlink(entry_->path.c_str());
  entry_->present = false;
}

const std::string& Temporary::path() const { return entry_->path; }

bool Temporary::rename_to(const std::filesystem::path& path) {
  if (std::rename(entry_->path.c_str(), path.c_str()) != 0) return false;
  entry_->present = false;
  return true;
}

void remove_temporaries() {
  for (const Temporary::Entry* entry = first_entry; entry != nullptr; entry = entry->next) {
    if (entry->present) ::unlink(entry->path.c_str());
  }
}

void remove_temporaries_on_signals() {
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGALRM, SIGUSR1, SIGUSR2,
                           SIGXCPU, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV}) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) continue;
    action = {};
    action.sa_handler = remove_and_die;
    action.sa_flags = SA_RESETHAND | SA_NODEFER;
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace sterna
