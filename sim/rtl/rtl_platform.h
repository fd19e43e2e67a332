// SPDX-License-Identifier: Apache-2.0
// What surrounds the hardware: the clock, the memory behind its AXI ports and the host's way to
// that memory. RtlDevice asks for one through PlatformFactory, so that it need not know which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "sim/golden/memory.h"
#include "sim/rtl/rtl_model.h"

namespace sterna::rtl {

// What a platform is built around; all of it outlives the platform.
struct PlatformParts {
  RtlModel& model;             // the platform drives its memory pins
  golden::Memory& memory;      // channel c's is the c-th of as many equal parts
  std::function<void()> step;  // the hardware's clock cycle: settle() to rise()
};

class RtlPlatform {
 public:
  virtual ~RtlPlatform() = default;

  // One clock cycle: the hardware's step, and behind it memory. Throws Error when the hardware
  // breaks a rule of AXI.
  virtual void tick() = 0;
  // The clock that cycles are of from now on, where time means something.
  virtual void set_clock_khz(std::uint32_t /*khz*/) {}

  // Between programs: bytes go to or come from memory. The range lies inside one channel.
  virtual void upload(std::uint64_t address, std::span<const std::byte> data) = 0;
  virtual void download(std::uint64_t address, std::span<std::byte> data) = 0;

  // A write is outstanding. (Reads may be at a program's end: weights prefetched for instructions
  // that a fault has cut off.)
  virtual bool writing() const = 0;
  // Memory answers [begin, end) with an error from now on.
  virtual void fail(std::uint64_t begin, std::uint64_t end) = 0;
  // Lines for people on what memory and the host's link did so far; empty when there is no timing.
  virtual std::string report() const { return {}; }
};

using PlatformFactory = std::function<std::unique_ptr<RtlPlatform>(const PlatformParts&)>;

}  // namespace sterna::rtl
