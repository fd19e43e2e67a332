// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/golden_device.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "device/allocator.h"
#include "sim/golden/channel_regions.h"
#include "sim/golden/memory.h"
#include "sim/golden/step_counters.h"
#include "support/error.h"

namespace sterna::golden {
namespace {

// Bits of CTRL.
constexpr std::uint32_t kStart = 1, kDone = 2, kIdle = 4, kReady = 8;
// Bits of IER and ISR.
constexpr std::uint32_t kInterruptBits = 3;

class GoldenDevice final : public SteppedDevice {
 public:
  explicit GoldenDevice(const GoldenOptions& options)
      : memory_(options.shape.channels * options.memory_bytes),
        allocator_(channel_regions(options.shape.channels, options.memory_bytes)),
        machine_(options.shape, memory_),
        observer_(options.observer) {
    set(reg::kCtrl, kIdle);
    set(reg::kMagic, reg::kMagicValue);
    set(reg::kIsaVersion, kIsaVersion);
    set(reg::kChannels, options.shape.channels);
    set(reg::kLanes, options.shape.lanes);
    set(reg::kVectorLength, options.shape.vector_length);
    set(reg::kRegisters, options.shape.registers);
    set(reg::kBeatBits, 8 * kLineBytes);
    set(reg::kRomDepth, options.shape.rom_depth);
    set(reg::kBeatsPerStep, 1);
    set(reg::kFff, options.shape.trees);
  }

  std::string name() const override { return "golden"; }

  std::uint64_t alloc(std::size_t bytes, unsigned channel) override {
    return allocator_.alloc(bytes, channel);
  }
  void free(std::uint64_t address) override { allocator_.free(address); }

  void write_memory(std::uint64_t address, std::span<const std::byte> data) override {
    allocator_.check("upload", address, data.size());
    if (!data.empty()) std::memcpy(memory_.at(address, data.size()), data.data(), data.size());
  }
  void download(std::uint64_t address, std::span<std::byte> data) override { peek(address, data); }

  void write_register(std::uint32_t offset, std::uint32_t value) override {
    check_offset(offset);
    if (offset == reg::kCtrl) {
      if ((value & kStart) != 0) execute();
    } else if (offset == reg::kIsr) {
      set(offset, get(offset) ^ (value & kInterruptBits));
    } else if (offset == reg::kRomData) {
      write_rom(value);
    } else if (is_plain(offset)) {
      set(offset, value);
    }  // the rest is read-only or does not exist
  }

  std::uint32_t read_register(std::uint32_t offset) override {
    check_offset(offset);
    const std::uint32_t value = get(offset);
    if (offset == reg::kCtrl) set(offset, kIdle);  // done and ready clear on read
    return value;
  }

  void start_program() override { write_register(reg::kCtrl, kStart); }
  void wait(std::chrono::milliseconds) override {}  // run() has finished already

  void start() override {
    read_control();
    set(reg::kFffKeep, 0);
    machine_.start();
    pc_ = get(reg::kEntry);
    counted_ = {};
    set_counters();
  }

  std::uint32_t pc() const override { return pc_; }

  bool step() override {
    const Step step = machine_.step();
    count(step, counted_);
    if (observer_) observer_(step);
    pc_ = step.pc + 1;
    set(reg::kStatus, static_cast<std::uint32_t>(step.status));
    set(reg::kStatusPc, step.pc);
    set_counters();
    if (!step.finished) return true;
    set(reg::kCtrl, kDone | kIdle | kReady);
    set(reg::kIsr, get(reg::kIsr) | (get(reg::kIer) & kInterruptBits));
    return false;
  }

  std::vector<std::uint32_t> in_flight() const override { return {}; }
  void abandon() override { set(reg::kCtrl, kIdle); }
  void peek(std::uint64_t address, std::span<std::byte> data) const override {
    allocator_.check("download", address, data.size());
    if (!data.empty()) std::memcpy(data.data(), memory_.at(address, data.size()), data.size());
  }
  Counters counters() const override {
    Counters now;
    for (std::size_t i = 0; i < kCounters.size(); ++i) now.values[i] = get(kCounters[i].offset);
    return now;
  }
  std::span<const std::int32_t> register_words(unsigned r, unsigned lane) const override {
    return machine_.register_words(r, lane);
  }
  std::uint32_t register_scale(unsigned r, unsigned lane) const override {
    return machine_.register_scale(r, lane);
  }

 private:
  static void check_offset(std::uint32_t offset) {
    if (offset % 4 != 0 || offset >= kRegisterMapBytes) {
      throw Error("golden: there is no control register at offset {:#x}", offset);
    }
  }

  // Registers that read as they were written.
  static bool is_plain(std::uint32_t offset) {
    return offset == reg::kGie || offset == reg::kIer || offset == reg::kRomAddr ||
           (offset >= reg::seg_base_lo(0) && offset < reg::token(reg::kTokenCount));
  }

  std::uint32_t get(std::uint32_t offset) const { return values_[offset / 4]; }
  void set(std::uint32_t offset, std::uint32_t value) { values_[offset / 4] = value; }

  // Golden has no cycles, so that the other counters stay 0.
  void set_counters() {
    for (const Counter counter : kCountedBySteps) {
      set(kCounters[static_cast<std::size_t>(counter)].offset,
          static_cast<std::uint32_t>(counted_[counter]));
    }
  }

  void write_rom(std::uint32_t value) {
    const std::uint32_t at = get(reg::kRomAddr);
    rom_word_.words[at % 4] = value;
    if (at % 4 == 3 && at / 4 < machine_.rom().size()) machine_.rom()[at / 4] = rom_word_;
    set(reg::kRomAddr, at + 1);
  }

  void execute() {
    start();
    while (step()) {
    }
  }

  void read_control() {
    ControlState& control = machine_.control();
    for (unsigned s = 0; s < kSegments; ++s) {
      control.segments[s] = {
          get(reg::seg_base_lo(s)) | std::uint64_t{get(reg::seg_base_hi(s))} << 32,
          get(reg::seg_size(s)), get(reg::seg_lane_stride(s))};
    }
    control.entry = get(reg::kEntry);
    for (unsigned lane = 0; lane < kMaxLanes; ++lane) control.tokens[lane] = get(reg::token(lane));
    control.lane_mask = get(reg::kLaneMaskLo) | std::uint64_t{get(reg::kLaneMaskHi)} << 32;
    control.prefill = (get(reg::kPrefill) & 1) != 0;
  }

  Memory memory_;
  Allocator allocator_;
  GoldenMachine machine_;
  StepObserver observer_;
  std::array<std::uint32_t, kRegisterMapBytes / 4> values_{};
  std::uint32_t pc_ = 0;
  Counters counted_;
  Instruction rom_word_;  // words 0 to 2 wait here for word 3
};

}  // namespace

std::unique_ptr<SteppedDevice> make_golden_device(const GoldenOptions& options) {
  return std::make_unique<GoldenDevice>(options);
}

}  // namespace sterna::golden
