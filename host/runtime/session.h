// SPDX-License-Identifier: Apache-2.0
// A model placed on a device.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "device/device.h"
#include "host/model/sterna_file.h"
#include "host/program/program.h"
#include "host/runtime/stepper.h"

namespace sterna {

// What a Session takes of any one channel at most, on whatever device: so much memory is enough for
// a device that is made for the model.
std::uint64_t session_bytes(const SternaHeader& header);

// A stepper over one model on one device. Each lane of the device has its own copy of every layer's
// state.
class Session final : public Stepper {
 public:
  // Uploads the model, striped over the device's channels, loads its programs and clears all
  // sequences. Throws Error when the device lacks what the programs require. The device must
  // outlive the session and serve it alone; the file is needed only here.
  Session(Device& device, const SternaFile& file);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Capabilities& capabilities() const { return capabilities_; }

  unsigned lanes() const override { return capabilities_.lanes; }
  void step(std::span<const LaneToken> tokens, Head head) override;
  void prefill(unsigned lane, std::span<const std::uint32_t> tokens, Head head) override;
  std::span<const numerics::fix> logits(unsigned lane) override;
  std::span<const Candidate> top(unsigned lane) override;
  void reset(unsigned lane) override;
  Counters counters() override { return read_counters(device_); }

  // One token of the sequence in lane 0, and its logits.
  std::span<const numerics::fix> step(std::uint32_t token);

  // Forgets the sequences of all lanes.
  void reset();

 private:
  // A segment's place on the device.
  struct Placed {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;  // of one lane
    bool per_lane = false;
  };

  unsigned channel_of(std::uint32_t segment) const { return segment % capabilities_.channels; }
  void place(const Segment& segment, const SternaFile& file);
  void place_weights(const SternaFile& file);
  std::uint64_t lane_address(const Placed& placed, unsigned lane) const {
    return placed.address + lane * placed.bytes;
  }
  void set_token(unsigned lane, std::uint32_t token);
  void select(std::uint64_t lanes, bool prefill);
  void run(Head head);

  Device& device_;
  ModelConfig model_;
  Entries entries_;
  Capabilities capabilities_;
  std::vector<std::uint64_t> allocations_;
  std::array<Placed, kSegments> placed_;
  std::vector<numerics::fix> words_;  // as downloaded
  std::vector<Candidate> top_;
};

}  // namespace sterna
