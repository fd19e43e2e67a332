// SPDX-License-Identifier: Apache-2.0
// A program's run as a timeline: one track a unit with the instructions on it, one a memory channel
// with its beats. Written in the trace event format that Perfetto (ui.perfetto.dev) and
// chrome://tracing open.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/observer.h"
#include "isa/instruction.h"
#include "support/atomic_file.h"

namespace sterna::profile {

class Timeline final : public DeviceObserver {
 public:
  // What the device runs, to give instructions their names; call it before the first program.
  void describe(std::vector<Instruction> program, const Capabilities& capabilities,
                std::string device);

  void issued(std::uint64_t cycle, std::uint32_t pc) override;
  void retired(std::uint64_t cycle, unsigned unit, std::uint32_t pc) override;
  void memory(std::uint64_t cycle, std::span<const Beats> channels) override;

  // An instruction in its unit, from issue to retirement.
  struct Span {
    std::uint64_t begin = 0, end = 0;  // cycles
    unsigned unit = 0;
    std::uint32_t pc = 0;
  };
  const std::vector<Span>& spans() const { return spans_; }

  // Beats of one channel in a window of kWindow cycles.
  static constexpr std::uint64_t kWindow = 128;
  struct Traffic {
    std::uint64_t window = 0;  // times kWindow cycles
    unsigned channel = 0;
    std::uint32_t read = 0, written = 0;  // beats
  };
  const std::vector<Traffic>& traffic() const { return traffic_; }

  // All of `file`, and its commit(). Throws Error when it cannot be written.
  void write(AtomicFile& file);

 private:
  void flush_window(std::uint64_t next);

  std::vector<Instruction> program_;
  Capabilities capabilities_;
  std::string device_;
  std::array<std::deque<Span>, kTracedUnits> open_;
  std::vector<Span> spans_;
  std::uint64_t window_ = 0;
  std::vector<Traffic> current_;  // of window_, one a channel
  std::vector<Traffic> traffic_;
};

}  // namespace sterna::profile
