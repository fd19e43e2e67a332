// SPDX-License-Identifier: Apache-2.0
// Where the time of a run went, and how near to the roofline it was: from the hardware's own
// counters.
#pragma once

#include <cstdint>
#include <string>

#include "device/device.h"
#include "host/engine/engine.h"

namespace sterna::profile {

// Counters summed over `passes` programs that read `positions` tokens in all.
struct Profile {
  Capabilities machine;
  Counters counters;
  std::uint64_t passes = 0;
  std::uint64_t positions = 0;

  void add(std::uint64_t positions_read, const engine::StepFigures& of_step);

  double clock_hz() const { return 1e3 * machine.clock_khz; }
  double cycles() const;
  double seconds() const { return cycles() / clock_hz(); }  // at the configuration's clock
  double beat_bytes() const { return machine.beat_bits / 8.0; }
  double bytes() const;  // over the memory ports

  // Multiply-accumulates with a ternary weight, those of filled-up rows and columns among them: a
  // weight that is fetched serves every position of its pass.
  double macs() const;

  // The roofline: work for each byte moved, and the two limits on work per second.
  double intensity() const { return macs() / bytes(); }   // MAC / byte
  double achieved() const { return macs() / seconds(); }  // MAC / s
  double memory_peak() const;                             // byte / s: a beat a cycle a channel
  double compute_peak() const;                            // MAC / s: a step a cycle in every lane
  double roof() const;                                    // MAC / s at this intensity
  // Weight beats over the beats that the channels could have carried: 1 is the limit of one stream.
  double beat_share() const;
};

// The counters as a table: the router's cycles, each with one cause, then each unit's, then beats,
// bandwidth and the roofline.
std::string profile_table(const Profile& profile);

}  // namespace sterna::profile
