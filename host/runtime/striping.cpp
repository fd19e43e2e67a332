// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/striping.h"

#include "isa/trits.h"
#include "support/error.h"

namespace sterna {

Striping::Striping(const SternaHeader& header, unsigned channels) : channels_(channels) {
  for (const PackedMatrix& matrix : header.matrices) {
    for (const PackedBlock& block : matrix.blocks) {
      const Block placed{block.offset, channel_bytes_,
                         (block.rows + kTritsPerByte - 1) / kTritsPerByte,
                         packed_group_bytes(matrix.cols)};
      blocks_.push_back(placed);
      moves_[placed.from] = placed.to;
      channel_bytes_ += (placed.groups + channels - 1) / channels * placed.group_bytes;
    }
  }
}

void Striping::relocate(std::span<Instruction> program) const {
  for (Instruction& instruction : program) {
    if (instruction.get(Field::kOp) != static_cast<std::uint32_t>(Opcode::kTmatmul)) continue;
    const auto it = moves_.find(std::uint64_t{instruction.get(Field::kOff)} * kLineBytes);
    if (it == moves_.end()) {
      throw Error("instruction {}: TMATMUL reads from {:#x}, where no matrix begins",
                  &instruction - program.data(), instruction.get(Field::kOff) * kLineBytes);
    }
    instruction.set(Field::kOff, static_cast<std::uint32_t>(it->second / kLineBytes));
  }
}

void Striping::distribute(std::span<const std::byte> weights, const Write& write) const {
  if (channels_ == 1) return write(0, 0, weights);
  std::vector<std::byte> part;
  for (const Block& block : blocks_) {
    for (unsigned channel = 0; channel < channels_; ++channel) {
      channel_part(weights.subspan(block.from, block.groups * block.group_bytes), block.group_bytes,
                   channel, channels_, part);
      write(channel, block.to, part);
    }
  }
}

}  // namespace sterna
