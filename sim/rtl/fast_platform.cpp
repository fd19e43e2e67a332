// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl/fast_platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>

namespace sterna::rtl {
namespace {

class FastPlatform final : public RtlPlatform {
 public:
  FastPlatform(const PlatformParts& parts, AxiMemoryOptions options, unsigned latency_step)
      : parts_(parts) {
    const std::uint64_t bytes = parts.memory.bytes() / parts.model.memory.size();
    for (std::size_t c = 0; c < parts.model.memory.size(); ++c) {
      options.begin = c * bytes;
      options.end = options.begin + bytes;
      options.name = fmt::format("axi, channel {}", c);
      channels_.emplace_back(parts.memory, parts.model.beat_bytes(), options);
      options.latency += latency_step;
      options.seed += 1000;
    }
  }

  void tick() override {
    parts_.step();
    // Also while the hardware is in reset: memory is not.
    for (std::size_t c = 0; c < channels_.size(); ++c) channels_[c].clock(parts_.model.memory[c]);
  }

  void upload(std::uint64_t address, std::span<const std::byte> data) override {
    if (!data.empty()) {
      std::memcpy(parts_.memory.at(address, data.size()), data.data(), data.size());
    }
  }
  void download(std::uint64_t address, std::span<std::byte> data) override {
    if (!data.empty()) {
      std::memcpy(data.data(), parts_.memory.at(address, data.size()), data.size());
    }
  }

  bool writing() const override { return std::ranges::any_of(channels_, &AxiMemory::writing); }
  void fail(std::uint64_t begin, std::uint64_t end) override {
    for (AxiMemory& channel : channels_) channel.fail(begin, end);
  }

 private:
  PlatformParts parts_;
  std::deque<AxiMemory> channels_;  // by channel
};

}  // namespace

std::unique_ptr<RtlPlatform> make_fast_platform(const PlatformParts& parts,
                                                const AxiMemoryOptions& options,
                                                unsigned latency_step) {
  return std::make_unique<FastPlatform>(parts, options, latency_step);
}

}  // namespace sterna::rtl
