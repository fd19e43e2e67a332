// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl/axi_memory.h"

#include <algorithm>
#include <cstring>

namespace sterna::rtl {

AxiMemory::AxiMemory(golden::Memory& memory, unsigned beat_bytes, const AxiMemoryOptions& options)
    : AxiSlave(beat_bytes, options.name, options.behaviour),
      memory_(memory),
      options_(options),
      stall_threshold_(static_cast<std::uint64_t>(options.stall_probability *
                                                  static_cast<double>(std::minstd_rand::max()))),
      random_(static_cast<std::minstd_rand::result_type>(options.seed)) {}

AxiResponse AxiMemory::classify(std::uint64_t address) const {
  const bool ours = address >= options_.begin && address < options_.end;
  if (!ours || !memory_.contains(address, beat_bytes())) return AxiResponse::kDecode;
  for (const Range& range : failing_) {
    if (address < range.end && address + beat_bytes() > range.begin) return AxiResponse::kSlave;
  }
  return AxiResponse::kOkay;
}

AxiResponse AxiMemory::read_beat(const Burst& burst, Beat& data) {
  const std::uint64_t address = burst.address + std::uint64_t{burst.done} * beat_bytes();
  const AxiResponse response = classify(address);
  if (response == AxiResponse::kOkay) {
    std::memcpy(data.data(), memory_.at(address, beat_bytes()), beat_bytes());
  }
  return response;
}

AxiResponse AxiMemory::finish_write(Burst& burst) {
  AxiResponse worst = AxiResponse::kOkay;
  for (std::size_t beat = 0; beat < burst.data.size(); ++beat) {
    const std::uint64_t address = burst.address + beat * beat_bytes();
    const AxiResponse response = classify(address);
    worst = std::max(worst, response);
    if (response != AxiResponse::kOkay) continue;
    std::byte* to = memory_.at(address, beat_bytes());
    for (unsigned i = 0; i < beat_bytes(); ++i) {
      if (burst.data[beat].strobe >> i & 1) to[i] = burst.data[beat].data[i];
    }
  }
  return worst;
}

}  // namespace sterna::rtl
