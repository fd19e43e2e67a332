// SPDX-License-Identifier: Apache-2.0
#include "host/profile/profile.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/runtime/counter_table.h"
#include "isa/generated/isa.h"

namespace sterna::profile {
namespace {

constexpr double kTritsPerByteOfWeights = kTritsPerByte;

}  // namespace

void Profile::add(std::uint64_t positions_read, const engine::StepFigures& of_step) {
  counters = counters + of_step.counters;
  positions += positions_read;
  passes += of_step.passes;
}

double Profile::cycles() const { return static_cast<double>(counters[Counter::kCycles]); }

double Profile::bytes() const {
  return beat_bytes() *
         static_cast<double>(counters[Counter::kReadBeats] + counters[Counter::kWriteBeats]);
}

double Profile::macs() const {
  const double lanes =
      static_cast<double>(positions) / static_cast<double>(std::max<std::uint64_t>(1, passes));
  return lanes * kTritsPerByteOfWeights * beat_bytes() *
         static_cast<double>(counters[Counter::kTmmBeats]);
}

double Profile::memory_peak() const { return machine.channels * beat_bytes() * clock_hz(); }

double Profile::compute_peak() const {
  return clock_hz() * machine.lanes * machine.channels * machine.beats_per_step * beat_bytes() *
         kTritsPerByteOfWeights;
}

double Profile::roof() const { return std::min(compute_peak(), memory_peak() * intensity()); }

double Profile::beat_share() const {
  return static_cast<double>(counters[Counter::kTmmBeats]) / (machine.channels * cycles());
}

std::string profile_table(const Profile& p) {
  if (p.cycles() == 0) return "no cycles were counted: this backend has no clock\n";
  std::string text = runtime::counter_table(p.counters, p.passes, "per pass");
  text += fmt::format("{:<19}{:>14.2f}{:>9.1f} %  of {:.1f} GB/s, a beat a cycle on {} channel{}\n",
                      "bandwidth GB/s", 1e-9 * p.bytes() / p.seconds(),
                      100 * p.bytes() / p.seconds() / p.memory_peak(), 1e-9 * p.memory_peak(),
                      p.machine.channels, p.machine.channels == 1 ? "" : "s");
  text += fmt::format("{:<19}{:>14}{:>9.1f} %  weight beats of all that the channels could carry\n",
                      "weight stream", "", 100 * p.beat_share());
  text += fmt::format("{:<19}{:>14.1f}{:>9.1f} %  of {:.1f} at {:.2f} MAC a byte: bound by {}\n",
                      "roofline GMAC/s", 1e-9 * p.achieved(), 100 * p.achieved() / p.roof(),
                      1e-9 * p.roof(), p.intensity(),
                      p.roof() < p.compute_peak() ? "memory" : "arithmetic");
  return text;
}

}  // namespace sterna::profile
