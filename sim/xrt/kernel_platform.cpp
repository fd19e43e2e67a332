// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/kernel_platform.h"

#include "host/xclbin/memory_map.h"
#include "isa/generated/isa.h"
#include "support/error.h"

namespace sterna::hw_emu {
namespace {

constexpr std::uint32_t kApStart = 1;
constexpr unsigned kResetCycles = 8;
// Cycles between two looks at the socket: about half a millisecond of simulation.
constexpr unsigned kSlice = 256;

std::uint64_t memory_bytes(std::size_t channels, std::uint64_t bank_bytes) {
  if (channels > xclbin::kMaxBanks) {
    throw Error("{} channels are more than the {} banks of the card", channels, xclbin::kMaxBanks);
  }
  return xclbin::bank_base(static_cast<unsigned>(channels), bank_bytes);
}

}  // namespace

KernelPlatform::KernelPlatform(const std::string& configuration,
                               const rtl::PlatformFactory& platform, std::uint64_t bank_bytes)
    : model_(rtl::make_rtl_model(configuration, {})),
      bank_bytes_(bank_bytes),
      memory_(memory_bytes(model_->memory.size(), bank_bytes)),
      platform_(platform({.model = *model_,
                          .memory = memory_,
                          .step =
                              [this] {
                                model_->settle();
                                model_->rise();
                                ++cycle_;
                              }})),
      control_(
          model_->control, [this] { platform_->tick(); }, 0, 1) {
  for (unsigned i = 0; i < kResetCycles; ++i) platform_->tick();
  model_->reset_n = true;
  platform_->tick();
  platform_->set_clock_khz(control_.read(reg::kClockKhz));
}

void KernelPlatform::write_register(std::uint32_t offset, std::uint32_t value) {
  control_.write(offset, value);
  if (offset == reg::kCtrl && (value & kApStart) != 0) {
    started_ = true;
    counted_ = 0;  // the start cleared it
  }
}

std::span<std::byte> KernelPlatform::memory(std::uint64_t address, std::uint64_t bytes) {
  for (unsigned c = 0; c < model_->memory.size(); ++c) {
    const std::uint64_t base = xclbin::bank_base(c, bank_bytes_);
    if (address >= base && address - base <= bank_bytes_ &&
        bytes <= bank_bytes_ - (address - base)) {
      return {memory_.at(address, bytes), bytes};
    }
  }
  return {};
}

bool KernelPlatform::advance() {
  if (!started_) return false;
  for (unsigned i = 0; i < kSlice; ++i) platform_->tick();
  // ap_done clears when it is read, and is the host's to read. The cycle counter stands still
  // outside a run.
  const auto cycles = static_cast<std::size_t>(Counter::kCycles);
  const std::uint32_t counted = control_.read(kCounters[cycles].offset);
  started_ = counted != counted_;
  counted_ = counted;
  return started_;
}

}  // namespace sterna::hw_emu
