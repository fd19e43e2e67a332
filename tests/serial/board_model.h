// SPDX-License-Identifier: Apache-2.0
// A board of docs/serial.md in C++, around any Device: the tests' other end of the line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "device/device.h"
#include "host/serial/frame.h"

namespace sterna::serial {

class BoardModel {
 public:
  BoardModel(std::unique_ptr<Device> device, std::uint32_t memory_bytes);

  // What came over the line; gives the bytes that the board answers with.
  std::vector<std::byte> take(std::span<const std::byte> bytes);

  // Nothing has come for a while: a frame that is not complete is dropped.
  void silence();
  // As the board's button: what was agreed on is forgotten, memory is kept.
  void reset();
  // So many answers to WAIT say that the program still runs.
  void stay_busy(unsigned times) { busy_ = times; }
  // What WAIT says that CTRL reads, in the place of the device's.
  void end_with(std::uint32_t ctrl) { ctrl_ = ctrl; }

  // What was executed, not answered.
  std::uint64_t register_writes() const { return register_writes_; }

 private:
  Frame execute(const Frame& request);
  bool fits(const Frame& request) const;

  std::unique_ptr<Device> device_;
  std::uint32_t memory_bytes_;
  FrameParser parser_{Direction::kRequest};
  std::uint8_t expected_ = 0;
  bool greeted_ = false;
  unsigned busy_ = 0;
  std::optional<std::uint32_t> ctrl_;
  std::uint64_t register_writes_ = 0;
};

}  // namespace sterna::serial
