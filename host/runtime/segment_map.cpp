// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/segment_map.h"

#include "support/error.h"

namespace sterna::runtime {
namespace {

using model::kEmbeddingSegment, model::kModelBanks, model::kStateSegment, model::kVectorsSegment;

// The device's segment for one of the file's, where the weights take kMaxChannels of them.
std::uint32_t behind_the_weights(std::uint32_t index) {
  if (index >= kEmbeddingSegment) return index;
  const std::uint32_t first = index < kStateSegment ? kVectorsSegment : kStateSegment;
  const std::uint32_t shared = first == kVectorsSegment ? 0 : kModelBanks / 2;
  return SegmentMap::kMaxChannels + shared + (index - first) / 2;
}

static_assert(SegmentMap::kMaxChannels + kModelBanks == kEmbeddingSegment);

}  // namespace

SegmentMap::SegmentMap(const model::SternaHeader& header, std::uint32_t channels) {
  if (channels > kMaxChannels) {
    throw Error("the device has {} channels; a model is laid out for {} at most", channels,
                kMaxChannels);
  }
  for (const model::Segment& segment : header.segments) {
    if (segment.index == model::kWeightsSegment) continue;
    const std::uint32_t number =
        channels <= kModelBanks ? segment.index : behind_the_weights(segment.index);
    homes_[segment.index] = {number, segments_[number].bytes};
    segments_[number].bytes += segment.bytes;
    segments_[number].per_lane = segment.per_lane;
  }
}

void SegmentMap::relocate(std::span<Instruction> program) const {
  for (Instruction& instruction : program) {
    const InstructionInfo* info = find_instruction(instruction.get(Field::kOp));
    if (info == nullptr || (info->access != Access::kVector && info->access != Access::kRow)) {
      continue;
    }
    const Home& to = homes_[instruction.get(Field::kSeg)];
    instruction.set(Field::kSeg, to.segment);
    instruction.set(Field::kOff, instruction.get(Field::kOff) +
                                     static_cast<std::uint32_t>(to.offset / kLineBytes));
  }
}

}  // namespace sterna::runtime
