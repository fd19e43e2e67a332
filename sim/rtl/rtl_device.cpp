// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl/rtl_device.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "device/allocator.h"
#include "isa/generated/isa.h"
#include "isa/instruction.h"
#include "sim/golden/channel_regions.h"
#include "sim/golden/memory.h"
#include "sim/rtl/axi_lite_driver.h"
#include "sim/rtl/fast_platform.h"
#include "sim/rtl/lockstep.h"
#include "sim/rtl/program_trace.h"
#include "support/error.h"

namespace sterna::rtl {
namespace {

constexpr std::uint32_t kApStart = 1, kApDone = 2, kApIdle = 4;
constexpr unsigned kResetCycles = 8;
constexpr unsigned kMaxDrainPolls = 10'000;
constexpr unsigned kPollCycles =
    64;  // between two looks at ap_done: they cost cycles of simulation
constexpr std::uint64_t kMostStepCycles = 100'000'000;

class VerilatedDevice final : public RtlDevice {
 public:
  VerilatedDevice(const RtlOptions& options, std::unique_ptr<RtlModel> model)
      : options_(options),
        model_(std::move(model)),
        memory_(model_->memory.size() * options.memory_bytes),
        regions_(golden::channel_regions(channels(), options.memory_bytes)),
        allocator_(regions_),
        used_(channels()),
        platform_(make_platform()),
        control_(
            model_->control, [this] { tick(); }, options.stall_probability, options.seed + 1) {
    for (unsigned i = 0; i < kResetCycles; ++i) tick();
    model_->reset_n = true;
    tick();
    platform_->set_clock_khz(control_.read(reg::kClockKhz));
    if (options.lockstep) lockstep_.emplace(*model_, memory_, read_capabilities(*this));
  }

  std::string name() const override { return "rtl (" + options_.configuration + ")"; }

  std::uint64_t alloc(std::size_t bytes, unsigned channel) override {
    const std::uint64_t address = allocator_.alloc(bytes, channel);
    used_[channel] = std::max(used_[channel], address + bytes - regions_[channel].base);
    return address;
  }
  void free(std::uint64_t address) override { allocator_.free(address); }

  void write_memory(std::uint64_t address, std::span<const std::byte> data) override {
    allocator_.check("upload", address, data.size());
    platform_->upload(address, data);
  }
  void download(std::uint64_t address, std::span<std::byte> data) override {
    allocator_.check("download", address, data.size());
    platform_->download(address, data);
  }

  void write_register(std::uint32_t offset, std::uint32_t value) override {
    if (lockstep_) {
      if (offset == reg::kCtrl && (value & kApStart) != 0) {
        lockstep_->start(used_);
      } else {
        lockstep_->write_register(offset, value);
      }
    }
    control_.write(offset, value);
  }
  std::uint32_t read_register(std::uint32_t offset) override { return control_.read(offset); }

  void start_program() override {
    started_ = cycle_;
    write_register(reg::kCtrl, kApStart);
  }

  void wait(std::chrono::milliseconds timeout) override {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while ((control_.read(reg::kCtrl) & kApDone) == 0) {
      if (options_.cycle_budget != 0 && cycle_ - started_ > options_.cycle_budget) {
        throw Error("{}: no ap_done within {} cycles", name(), options_.cycle_budget);
      }
      if (std::chrono::steady_clock::now() > deadline) {
        throw Error("{}: no ap_done within {} ms (cycle {})", name(), timeout.count(), cycle_);
      }
      for (unsigned i = 0; i < kPollCycles; ++i) tick();
    }
    finish();
  }

  // The interrupt tells of the end: to look at CTRL would let the clock go on, past a step's end.
  void start() override {
    pc_ = control_.read(reg::kEntry);
    trace_.emplace();
    enable_interrupt(true);
    write_register(reg::kCtrl, kApStart);
  }

  std::uint32_t pc() const override { return pc_; }

  bool step() override {
    for (std::uint64_t waited = 0; !trace_->retired(pc_); ++waited) {
      if (waited == kMostStepCycles) {
        throw Error("{}: the instruction at pc {} does not end (cycle {})", name(), pc_, cycle_);
      }
      if (model_->interrupt) {
        enable_interrupt(false);
        wait(std::chrono::milliseconds(0));
        return false;
      }
      tick();
    }
    ++pc_;
    return true;
  }

  std::vector<std::uint32_t> in_flight() const override { return trace_->in_flight(); }
  void abandon() override { reset(kResetCycles); }
  void peek(std::uint64_t address, std::span<std::byte> data) const override {
    allocator_.check("peek", address, data.size());
    if (!data.empty()) std::memcpy(data.data(), memory_.at(address, data.size()), data.size());
  }
  Counters counters() const override {
    Counters now;
    std::ranges::copy(model_->counters(), now.values.begin());
    return now;
  }
  std::span<const std::int32_t> register_words(unsigned r, unsigned lane) const override {
    return model_->register_words(r, lane);
  }
  std::uint32_t register_scale(unsigned r, unsigned lane) const override {
    return model_->register_scale(r, lane);
  }

  std::uint64_t cycles() const override { return cycle_; }
  std::uint64_t compared() const override { return lockstep_ ? lockstep_->retired() : 0; }
  void fail_memory(std::uint64_t begin, std::uint64_t end) override { platform_->fail(begin, end); }
  void record_wave(bool on) override { model_->record_wave(on); }
  void close_wave() override { model_->close_wave(); }
  void advance(unsigned cycles) override {
    for (unsigned i = 0; i < cycles; ++i) tick();
  }
  void reset(unsigned cycles) override {
    if (lockstep_) lockstep_->reset();
    resetting_ = true;
    model_->reset_n = false;
    advance(cycles);
    model_->reset_n = true;
    tick();
    for (unsigned i = 0; (control_.read(reg::kCtrl) & kApIdle) == 0; ++i) {
      if (i == kMaxDrainPolls) throw Error("{}: no ap_idle after a reset", name());
      advance(kPollCycles);
    }
    resetting_ = false;
    if (platform_->writing()) throw Error("axi: writes are left after a reset (cycle {})", cycle_);
  }
  bool interrupt() const override { return model_->interrupt; }
  std::string report() const override { return platform_->report(); }

 private:
  unsigned channels() const { return static_cast<unsigned>(model_->memory.size()); }

  std::unique_ptr<RtlPlatform> make_platform() {
    const PlatformParts parts{*model_, memory_, [this] { cycle(); }};
    if (options_.platform) return options_.platform(parts);
    return make_fast_platform(parts,
                              {.latency = options_.latency,
                               .jitter = options_.jitter,
                               .stall_probability = options_.stall_probability,
                               .reorder = options_.reorder,
                               .behaviour = options_.behaviour,
                               .seed = options_.seed},
                              options_.latency_step);
  }

  // At ap_done. What is pending is taken back.
  void enable_interrupt(bool on) {
    control_.write(reg::kGie, on ? 1 : 0);
    control_.write(reg::kIer, on ? 1 : 0);
    control_.write(reg::kIsr, control_.read(reg::kIsr));
  }

  void tick() { platform_->tick(); }

  // At ap_done.
  void finish() {
    if (lockstep_) {
      const auto status = static_cast<Status>(control_.read(reg::kStatus));
      const std::uint32_t pc = control_.read(reg::kStatusPc);
      lockstep_->finish(status, pc, counters(), cycle_);
    }
    if (platform_->writing()) throw Error("axi: writes are left after ap_done (cycle {})", cycle_);
  }

  void cycle() {
    model_->settle();
    // A reset takes cycles to come to every die, and until then instructions of the program that it
    // ends may retire.
    if (lockstep_ && !resetting_) lockstep_->observe(cycle_);
    if (options_.observer != nullptr) report(*options_.observer);
    if (trace_) trace_->observe(model_->trace);
    model_->rise();
    ++cycle_;
  }

  void report(DeviceObserver& observer) {
    const TracePins& trace = model_->trace;
    for (unsigned u = 0; u < kTracedUnits; ++u) {
      if (trace.retire >> u & 1) observer.retired(cycle_, u, trace.retire_pc[u]);
    }
    if (trace.issue) observer.issued(cycle_, trace.issue_pc);
    beats_.clear();
    for (const AxiPins& port : model_->memory) {
      beats_.push_back({.read = port.rvalid && port.rready, .written = port.wvalid && port.wready});
    }
    observer.memory(cycle_, beats_);
  }

  RtlOptions options_;
  std::unique_ptr<RtlModel> model_;
  std::vector<DeviceObserver::Beats> beats_;  // of this cycle, for the observer
  golden::Memory memory_;                     // of all channels
  std::vector<Allocator::Region> regions_;
  Allocator allocator_;
  std::vector<std::uint64_t> used_;  // of each channel: the end of its highest allocation so far
  std::unique_ptr<RtlPlatform> platform_;
  AxiLiteDriver control_;
  bool resetting_ = false;  // until ap_idle
  std::optional<Lockstep> lockstep_;
  std::uint64_t cycle_ = 0, started_ = 0;
  std::uint32_t pc_ = 0;               // of a program that is stepped through
  std::optional<ProgramTrace> trace_;  // of it
};

}  // namespace

std::unique_ptr<RtlDevice> make_rtl_device(const RtlOptions& options,
                                           std::unique_ptr<RtlModel> model) {
  return std::make_unique<VerilatedDevice>(options, std::move(model));
}

}  // namespace sterna::rtl
