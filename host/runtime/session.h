// A model placed on a device, and its step: a token goes in, the logits of the next one come out.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "host/device/device.h"
#include "host/device/program.h"
#include "host/model/sterna_file.h"
#include "sim/golden/numerics.h"

namespace sterna {

class Session {
 public:
  // Uploads the model, loads its program and clears its state. Throws Error when the device lacks
  // what the program requires. The device must outlive the session and serve it alone; the file is
  // needed only here.
  Session(Device& device, const SternaFile& file);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Runs the program for one token. Returns its logits, [vocab_size] of fix, valid until the next
  // call. Throws Error for a token beyond the vocabulary and when the program does not end with OK.
  std::span<const numerics::fix> step(std::uint32_t token);

  // Forgets everything that was read: every layer's state becomes zero.
  void reset();

  const Capabilities& capabilities() const { return capabilities_; }
  // The hardware's counters over the last step.
  Counters counters() { return read_counters(device_); }

 private:
  void place(const Segment& segment, const SternaFile& file);

  Device& device_;
  ModelConfig model_;
  Capabilities capabilities_;
  std::vector<Instruction> program_;
  std::vector<std::uint64_t> allocations_;
  std::uint64_t state_ = 0;  // addresses
  std::uint64_t output_ = 0;
  std::vector<numerics::fix> logits_;  // whole lines
};

}  // namespace sterna
