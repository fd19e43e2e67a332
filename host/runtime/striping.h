// SPDX-License-Identifier: Apache-2.0
// A model's matrices spread over the memory channels of a device. The file holds the row groups of
// every block in order; with C channels group g goes to channel g mod C, so that all channels
// stream every matrix together. Trees have an order of their own (isa/trees.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "host/model/sterna_file.h"
#include "isa/instruction.h"

namespace sterna::runtime {

class Striping {
 public:
  // The header must describe a whole model, as SternaFile's does.
  Striping(const model::SternaHeader& header, unsigned channels);

  // What each channel's weights segment holds, the same for all.
  std::uint64_t channel_bytes() const { return channel_bytes_; }

  // Sends every instruction of the header's relocations to where its block lies now; `program` is
  // the file's.
  void relocate(std::span<Instruction> program) const;

  // Calls write(channel, offset, bytes) for pieces that together are all channels' contents.
  using Write = std::function<void(unsigned, std::uint64_t, std::span<const std::byte>)>;
  void distribute(std::span<const std::byte> weights, const Write& write) const;

 private:
  struct Block {
    std::uint64_t from = 0;   // in the section
    std::uint64_t to = 0;     // in every channel
    std::uint64_t bytes = 0;  // in the section
    model::PackedMatrix matrix;
  };

  unsigned channels_;
  std::uint64_t channel_bytes_ = 0;
  std::vector<Block> blocks_;
  struct Move {
    std::uint32_t instruction = 0;
    std::uint32_t line = 0;  // where its matrix begins
  };
  std::vector<Move> moves_;
};

}  // namespace sterna::runtime
