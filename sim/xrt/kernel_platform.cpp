#include "sim/xrt/kernel_platform.h"

#include "asm/generated/isa.h"
#include "host/support/error.h"
#include "host/xclbin/memory_map.h"

namespace sterna {
namespace {

constexpr std::uint32_t kApStart = 1;
constexpr unsigned kResetCycles = 8;
// Cycles between two looks at the socket: about half a millisecond of simulation.
constexpr unsigned kSlice = 256;

std::uint64_t end_of_memory(std::size_t channels) {
  if (channels > kMaxBanks) {
    throw Error("{} channels are more than the {} banks of the card", channels, kMaxBanks);
  }
  return bank_base(static_cast<unsigned>(channels) - 1) + kBankBytes;
}

}  // namespace

KernelPlatform::KernelPlatform(const std::string& configuration)
    : model_(make_rtl_model(configuration, {})),
      memory_(end_of_memory(model_->memory.size())),
      control_(
          model_->control, [this] { tick(); }, 0, 1) {
  for (unsigned c = 0; c < model_->memory.size(); ++c) {
    AxiMemory& channel = channels_.emplace_back(memory_, model_->beat_bytes(), AxiMemoryOptions{});
    // A port reaches its own bank and no other.
    channel.fail(0, bank_base(c));
    channel.fail(bank_base(c) + kBankBytes, memory_.bytes());
  }
  for (unsigned i = 0; i < kResetCycles; ++i) tick();
  model_->reset_n = true;
  tick();
}

void KernelPlatform::tick() {
  model_->settle();
  model_->rise();
  ++cycle_;
  if (!model_->reset_n) return;
  for (std::size_t c = 0; c < channels_.size(); ++c) channels_[c].clock(model_->memory[c]);
}

void KernelPlatform::write_register(std::uint32_t offset, std::uint32_t value) {
  control_.write(offset, value);
  if (offset == reg::kCtrl && (value & kApStart) != 0) {
    started_ = true;
    counted_ = 0;  // the start cleared it
  }
}

std::span<std::byte> KernelPlatform::memory(std::uint64_t address, std::uint64_t bytes) {
  for (unsigned c = 0; c < channels_.size(); ++c) {
    const std::uint64_t base = bank_base(c);
    if (address >= base && address - base <= kBankBytes && bytes <= kBankBytes - (address - base)) {
      return {memory_.at(address, bytes), bytes};
    }
  }
  return {};
}

bool KernelPlatform::advance() {
  if (!started_) return false;
  for (unsigned i = 0; i < kSlice; ++i) tick();
  // ap_done clears when it is read, and is the host's to read. The cycle counter stands still
  // outside a run.
  const auto cycles = static_cast<std::size_t>(Counter::kCycles);
  const std::uint32_t counted = control_.read(kCounters[cycles].offset);
  started_ = counted != counted_;
  counted_ = counted;
  return started_;
}

}  // namespace sterna
