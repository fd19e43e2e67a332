// SPDX-License-Identifier: Apache-2.0
#include "host/replay/replayed_device.h"

#include <array>
#include <map>
#include <optional>
#include <utility>

#include "host/replay/places.h"
#include "host/replay/replay.h"
#include "sim/golden/golden_device.h"
#include "support/error.h"

namespace sterna::replay {
namespace {

constexpr std::uint32_t kStart = 1;

class ReplayedDevice final : public SteppedDevice {
 public:
  ReplayedDevice(std::unique_ptr<Device> device, const ReplayOptions& options)
      : device_(std::move(device)),
        capabilities_(read_capabilities(*device_)),
        golden_(golden::make_golden_device(
            {.memory_bytes = options.memory_bytes,
             .shape = golden::GoldenMachine::shape_of(capabilities_),
             .observer = [this](const golden::Step& step) { step_ = step; }})),
        replay_(std::make_unique<Replay>(*device_, *golden_, capabilities_, places_,
                                         alloc(Probe::scratch_bytes(capabilities_), 0),
                                         options.lockstep)),
        progress_(options.progress) {
    has_scratch_ = true;
  }

  std::string name() const override { return device_->name(); }
  std::string report() const override {
    return device_->report() +
           (compared() == 0
                ? std::string()
                : fmt::format("lockstep: {} instructions equal to golden's, in {} runs\n",
                              compared(), replay_->runs()));
  }

  std::uint64_t alloc(std::size_t bytes, unsigned channel) override {
    const std::uint64_t address = alloc_on_device(bytes, channel);
    places_.add(address, golden_->alloc(bytes, channel), bytes);
    return address;
  }
  void free(std::uint64_t address) override {
    device_->free(address);
    golden_->free(places_.remove(address));
  }

  void write_memory(std::uint64_t address, std::span<const std::byte> data) override {
    if (running_) throw Error("{}: memory is written in the middle of a program", name());
    reach([&] { device_->upload(address, data); });
    golden_->upload(places_.in_golden(address), data);
  }
  void download(std::uint64_t address, std::span<std::byte> data) override { peek(address, data); }

  void write_register(std::uint32_t offset, std::uint32_t value) override {
    if (offset == reg::kCtrl && (value & kStart) != 0) {
      start_program();
    } else if (offset == reg::kGie || offset == reg::kIer || offset == reg::kIsr) {
      device_->write_register(offset, value);
    } else if (offset != reg::kFffKeep) {  // the device's own run() knows what was written
      golden_->write_register(offset, value);
      if (Arguments::has(offset)) arguments_[offset] = value;
    }
  }

  std::uint32_t read_register(std::uint32_t offset) override {
    if (const auto kept = kept_.find(offset); kept != kept_.end()) return kept->second;
    if (Arguments::has(offset)) return arguments_[offset];
    return offset == reg::kRomAddr ? golden_->read_register(offset)
                                   : device_->read_register(offset);
  }

  void start_program() override { start(); }
  void wait(std::chrono::milliseconds timeout) override {
    replay_->set_timeout(timeout);
    try {
      while (step()) {
      }
    } catch (const Error&) {
      running_ = false;
      throw;
    }
  }

  void start() override {
    for (unsigned s = 0; s < kSegments; ++s) {
      const std::uint64_t base = places_.in_golden(arguments_.base(s));
      golden_->write_register(reg::seg_base_lo(s), static_cast<std::uint32_t>(base));
      golden_->write_register(reg::seg_base_hi(s), static_cast<std::uint32_t>(base >> 32));
    }
    replay_->start(arguments_);
    golden_->start();
    kept_.clear();
    words_.clear();
    started_ = running_ = true;
  }

  std::uint32_t pc() const override { return golden_->pc(); }

  bool step() override {
    if (!running_) throw Error("{}: no program is running", name());
    words_.clear();
    running_ = golden_->step();
    try {
      const std::uint64_t compared = replay_->compared();
      replay_->take(step_);
      if (progress_ && replay_->compared() != compared) progress_(replay_->compared());
      if (!running_) keep(replay_->finish());
    } catch (const Error&) {
      if (progress_) progress_(0);
      throw;
    }
    if (progress_ && !running_) progress_(0);
    return running_;
  }

  std::vector<std::uint32_t> in_flight() const override { return {}; }

  void abandon() override {
    started_ = running_ = false;
    golden_->abandon();
    replay_->settle();
  }

  void peek(std::uint64_t address, std::span<std::byte> data) const override {
    if (started_) replay_->catch_up();
    reach([&] { device_->download(address, data); });
  }

  Counters counters() const override {
    Counters counters;
    if (running_) return replay_->count();
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
      const auto low = kept_.find(kCounters[i].offset);
      if (low == kept_.end()) break;
      counters.values[i] = low->second | std::uint64_t{kept_.at(kCounters[i].offset + 4)} << 32;
    }
    return counters;
  }

  std::span<const std::int32_t> register_words(unsigned r, unsigned lane) const override {
    if (!started_) throw Error("{}: no program was started", name());  // golden's are not its own
    replay_->catch_up();
    std::vector<std::int32_t>& words = words_[{r, lane}];
    if (words.empty()) words = replay_->read_register(r, lane);
    return words;
  }
  std::uint32_t register_scale(unsigned r, unsigned lane) const override {
    return golden_->register_scale(r, lane);
  }
  bool shows_scales() const override { return false; }

  std::uint64_t compared() const override { return replay_->compared(); }

 private:
  // What registers are read through takes memory of which the caller knows nothing.
  std::uint64_t alloc_on_device(std::size_t bytes, unsigned channel) {
    try {
      return device_->alloc(bytes, channel);
    } catch (const Error& error) {
      if (!has_scratch_ || channel != 0) throw;
      throw Error("{}, {} of which registers are read through", error.what(),
                  Probe::scratch_bytes(capabilities_));
    }
  }

  // A board that was reset says so once, and has lost what the replay takes for known.
  template <typename Work>
  void reach(Work work) const {
    try {
      work();
    } catch (const Error&) {
      replay_->forget();
      throw;
    }
  }

  // To look at registers takes programs of our own, which leave their own figures.
  void keep(const Replay::End& end) {
    kept_[reg::kStatus] = static_cast<std::uint32_t>(end.how.status);
    kept_[reg::kStatusPc] = end.how.pc;
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
      kept_[kCounters[i].offset] = static_cast<std::uint32_t>(end.counters.values[i]);
      kept_[kCounters[i].offset + 4] = static_cast<std::uint32_t>(end.counters.values[i] >> 32);
    }
  }

  std::unique_ptr<Device> device_;
  Capabilities capabilities_;
  golden::Step step_;  // the last one; what it points to is golden's until the next
  std::unique_ptr<SteppedDevice> golden_;
  Places places_;
  bool has_scratch_ = false;
  std::unique_ptr<Replay> replay_;  // of which looking is work, too
  std::function<void(std::uint64_t)> progress_;
  Arguments arguments_;
  bool started_ = false, running_ = false;
  std::map<std::uint32_t, std::uint32_t> kept_;  // of the program that has ended, by offset
  mutable std::map<std::pair<unsigned, unsigned>, std::vector<std::int32_t>> words_;
};

}  // namespace

std::unique_ptr<SteppedDevice> make_replayed_device(std::unique_ptr<Device> device,
                                                    const ReplayOptions& options) {
  return std::make_unique<ReplayedDevice>(std::move(device), options);
}

}  // namespace sterna::replay
