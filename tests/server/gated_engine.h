// SPDX-License-Identifier: Apache-2.0
// An engine whose steps a test lets pass, so that it knows what the server is in the middle of.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "support/error.h"
#include "tests/host/fake_engine.h"

namespace sterna::server {

class Gate {
 public:
  // Waits until it may go on.
  void pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_ || permits_ > 0; });
    if (!open_) --permits_;
  }
  void allow(unsigned steps) {
    const std::lock_guard lock(mutex_);
    permits_ += steps;
    changed_.notify_all();
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned permits_ = 0;
  bool open_ = false;
};

// Of bytes. It says the alphabet, letter by letter, whatever it reads.
class GatedEngine final : public model::FakeEngine {
 public:
  GatedEngine(std::shared_ptr<Gate> gate, unsigned sequences, std::uint64_t failing_step = 0)
      : FakeEngine(256, sequences), gate_(std::move(gate)), failing_step_(failing_step) {}

  void step(std::span<const engine::Column> columns) override {
    gate_->pass();
    if (++step_ == failing_step_) throw Error("/a/path: the card is gone");
    FakeEngine::step(columns);
    steps.clear();
  }

 private:
  std::vector<double> answer(std::span<const std::uint32_t> past) const override {
    std::vector<double> logits(256);
    logits['a' + (past.size() - 1) % 26] = 40;
    return logits;
  }

  const std::shared_ptr<Gate> gate_;
  const std::uint64_t failing_step_;
  std::uint64_t step_ = 0;
};

}  // namespace sterna::server
