// SPDX-License-Identifier: Apache-2.0
// The engine of everything that executes Sterna programs: a model placed on a device.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device/device.h"
#include "host/engine/engine.h"
#include "host/model/sterna_file.h"
#include "host/runtime/passes.h"
#include "host/runtime/segment_map.h"

namespace sterna::runtime {

// What a DeviceEngine takes of any one channel at most, on whatever device: so much memory is
// enough for a device that is made for the model.
std::uint64_t model_bytes(const model::SternaHeader& header);

// Each lane of the device holds a sequence, with its own copy of every layer's state, and computes
// a column of each pass.
class DeviceEngine final : public engine::Engine {
 public:
  // Uploads the model, striped over the device's channels, loads its programs and clears all
  // sequences. Throws Error when the device lacks what the programs require. The file is needed
  // only here.
  DeviceEngine(std::unique_ptr<Device> device, const model::SternaFile& file);

  std::string name() const override { return device_->name(); }
  std::uint32_t vocabulary() const override { return vocabulary_; }
  unsigned sequences() const override { return capabilities_.lanes; }
  unsigned columns_per_pass() const override { return capabilities_.lanes; }
  void step(std::span<const engine::Column> columns) override;
  std::span<const double> logits(std::size_t column) override;
  std::span<const engine::Candidate> top(std::size_t column) override;
  void reset(unsigned sequence) override;
  engine::StepFigures figures() override;
  const Capabilities* hardware() const override { return &capabilities_; }
  std::string report() const override { return device_->report(); }

 private:
  // A range of memory, each lane's `stride` bytes behind that of the lane before it.
  struct Placed {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;   // of one lane
    std::uint64_t stride = 0;  // 0: it is all lanes'
  };
  // Where the results of a column are.
  struct Answer {
    unsigned lane = 0;
    engine::Head wanted = engine::Head::kNone;
    engine::Head computed =
        engine::Head::kNone;  // by its pass: the most that one of its columns wants
    bool taken = false;       // from the device, which has run another pass since
    std::vector<double> logits{};
    std::vector<engine::Candidate> top{};
  };

  unsigned channel_of(std::uint32_t segment) const { return segment % capabilities_.channels; }
  // Allocates; an Error names the file and the device.
  std::uint64_t room_for(const model::SternaFile& file, std::uint64_t bytes, unsigned channel);
  void place_segments(const model::SternaFile& file);
  void place_weights(const model::SternaFile& file);
  void set_segment(std::uint32_t segment, const Placed& placed);
  std::uint64_t lane_address(const Placed& placed, unsigned lane) const {
    return placed.address + lane * placed.stride;
  }
  void run(const Pass& pass, std::span<const engine::Column> columns);
  void select(std::uint64_t lanes, bool prefill);
  void share_state(bool shared, unsigned lane);
  void execute(engine::Head head);
  void take(const Pass& pass, std::span<const engine::Column> columns);
  const Answer& answer(std::size_t column, engine::Head head) const;
  void download(const Placed& segment, unsigned lane);
  void read_logits(unsigned lane, std::vector<double>& logits);
  void read_top(const Answer& answer, std::vector<engine::Candidate>& top);

  const std::unique_ptr<Device> device_;
  const std::uint32_t vocabulary_;
  const model::Entries entries_;
  const Capabilities capabilities_;
  const SegmentMap map_;
  std::array<Placed, kSegments> segments_;  // the device's, but for those of the weights
  std::array<Placed, kSegments> placed_;    // the file's
  std::vector<Answer> answers_;             // of each column of the last step
  engine::StepFigures figures_;             // the counters without those of its last pass
  std::vector<numerics::fix> words_;        // as downloaded
  std::vector<double> logits_;              // of the column of the last pass that was asked for
  std::vector<engine::Candidate> top_;
};

}  // namespace sterna::runtime
