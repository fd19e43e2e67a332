// SPDX-License-Identifier: Apache-2.0
#include "tests/serial/board_thread.h"

#include <array>
#include <chrono>
#include <utility>

namespace sterna::serial {

BoardThread::BoardThread(std::unique_ptr<Device> device, std::uint32_t memory_bytes,
                         LineFaults faults, bool garbage)
    : path_(port_.path()),
      model_(std::move(device), memory_bytes),
      faults_(faults),
      garbage_(garbage),
      random_(faults.seed),
      thread_([this] { serve(); }) {}

BoardThread::~BoardThread() {
  stop_ = true;
  thread_.join();
}

void BoardThread::with(const std::function<void(BoardModel&)>& work) {
  const std::lock_guard lock(mutex_);
  work(model_);
}

std::vector<std::byte> BoardThread::spoil(std::span<const std::byte> bytes) {
  std::vector<std::byte> spoilt;
  std::uniform_real_distribution<double> chance;
  for (const std::byte byte : bytes) {
    const auto any = std::byte(random_() >> 8 & 0xFF);
    if (chance(random_) < faults_.extra) spoilt.push_back(any);
    if (chance(random_) < faults_.lost) continue;
    spoilt.push_back(chance(random_) < faults_.wrong ? byte ^ (any | std::byte(1)) : byte);
  }
  return spoilt;
}

void BoardThread::serve() {
  constexpr std::chrono::milliseconds kSilence{5};
  while (!stop_) {
    std::array<std::byte, 256> bytes;
    const std::size_t count = port_.read(bytes);
    if (count == 0) {
      const std::lock_guard lock(mutex_);
      if (!port_.wait(kSilence)) model_.silence();
      continue;
    }
    came_ += count;
    if (faults_.cut_after != 0 && came_ > faults_.cut_after) {
      port_.hang_up();
      return;
    }
    if (faults_.deaf_after != 0 && came_ > faults_.deaf_after) continue;
    std::vector<std::byte> answer;
    if (garbage_) {
      for (std::size_t i = 0; i < count; ++i) answer.push_back(std::byte(random_() >> 8 & 0xFF));
    } else {
      const std::lock_guard lock(mutex_);
      answer = spoil(model_.take(spoil(std::span(bytes).first(count))));
    }
    port_.write(answer);
  }
}

}  // namespace sterna::serial
