// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/striping.h"

#include "isa/instruction.h"

namespace sterna::runtime {

Striping::Striping(const model::SternaHeader& header, unsigned channels) : channels_(channels) {
  std::vector<std::size_t> first;  // block of every matrix
  for (const model::PackedMatrix& matrix : header.matrices) {
    first.push_back(blocks_.size());
    for (const model::PackedBlock& block : matrix.blocks) {
      blocks_.push_back({block.offset, channel_bytes_,
                         model::packed_lines(matrix, block.rows) * kLineBytes, matrix});
      channel_bytes_ += model::packed_lines(matrix, block.rows, channels) * kLineBytes;
    }
  }
  for (const model::Relocation& r : header.relocations) {
    const std::uint64_t to = blocks_[first[r.matrix] + r.block].to;
    moves_.push_back({r.instruction, static_cast<std::uint32_t>(to / kLineBytes)});
  }
}

void Striping::relocate(std::span<Instruction> program) const {
  for (const Move& move : moves_) program[move.instruction].set(Field::kOff, move.line);
}

void Striping::distribute(std::span<const std::byte> weights, const Write& write) const {
  if (channels_ == 1) return write(0, 0, weights);
  std::vector<std::byte> part;
  for (const Block& block : blocks_) {
    for (unsigned channel = 0; channel < channels_; ++channel) {
      model::packed_part(block.matrix, weights.subspan(block.from, block.bytes), channel, channels_,
                         part);
      write(channel, block.to, part);
    }
  }
}

}  // namespace sterna::runtime
