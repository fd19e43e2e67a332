// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/team.h"

#include <pthread.h>

#include <csignal>
#include <system_error>
#include <utility>

#include "support/error.h"

namespace sterna::cpu {
namespace {

// Some tens of microseconds: longer than what lies between two calls of a step.
constexpr unsigned kSpins = 4000;

void rest() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits until the number is no longer `old`.
void await_change(const std::atomic<std::uint32_t>& number, std::uint32_t old) {
  for (unsigned i = 0; i < kSpins; ++i) {
    if (number.load(std::memory_order_acquire) != old) return;
    rest();
  }
  number.wait(old, std::memory_order_acquire);
}

}  // namespace

// Threads inherit what is blocked: signals are for the threads of who uses the team, whose calls
// they interrupt.
Team::Team(unsigned threads) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    while (size() < threads) others_.emplace_back([this] { serve(); });
  } catch (const std::system_error& error) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    end();
    throw Error("--threads: thread {} of {}: {}", size() + 1, threads, error.code().message());
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Team::~Team() { end(); }

void Team::end() {
  end_.store(true, std::memory_order_relaxed);
  calls_.fetch_add(1, std::memory_order_release);
  calls_.notify_all();
}

void Team::run(std::uint32_t pieces, const Work& work) {
  if (others_.empty() || pieces <= 1) {
    for (std::uint32_t piece = 0; piece < pieces; ++piece) work(piece);
    return;
  }
  const std::uint32_t call = calls_.load(std::memory_order_relaxed) + 1;
  work_ = &work;
  unfinished_.store(pieces, std::memory_order_relaxed);
  left_.store(std::uint64_t{call} << 32 | pieces, std::memory_order_release);
  calls_.store(call, std::memory_order_release);
  calls_.notify_all();
  take_pieces(call);
  for (std::uint32_t n = unfinished_.load(std::memory_order_acquire); n != 0;
       n = unfinished_.load(std::memory_order_acquire)) {
    await_change(unfinished_, n);
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void Team::keep(std::exception_ptr error) {
  const std::lock_guard lock(errors_);
  if (!error_) error_ = std::move(error);
}

void Team::take_pieces(std::uint32_t call) {
  std::uint64_t left = left_.load(std::memory_order_acquire);
  while (left >> 32 == call && (left & 0xFFFFFFFF) != 0) {
    if (!left_.compare_exchange_weak(left, left - 1, std::memory_order_acq_rel)) continue;
    try {
      (*work_)(static_cast<std::uint32_t>(left & 0xFFFFFFFF) - 1);
    } catch (...) {  // nobody above another thread would
      keep(std::current_exception());
    }
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
    left = left_.load(std::memory_order_acquire);
  }
}

void Team::serve() {
  for (std::uint32_t seen = 0;;) {
    await_change(calls_, seen);
    seen = calls_.load(std::memory_order_acquire);
    if (end_.load(std::memory_order_relaxed)) return;
    take_pieces(seen);
  }
}

}  // namespace sterna::cpu
