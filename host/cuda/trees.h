// SPDX-License-Identifier: Apache-2.0
// How the trees of a Fast Feedforward layer lie in a GPU's memory: two bits a weight, a trit plus
// one, node by node and record by record, so that a path's bytes are no others' and masking two
// bits of each byte gives the operand of a product of four. The GPU makes that of the file's form
// (isa/trees.h) when a model is loaded.
//
// FFFIN: nodes in the order of blocks and places, each of 8 bytes a lane: 32 columns (Digits). Bits
// 2s and up of byte b of word h are column 16h + 4s + b. Biases lie apart. FFFOUT: records, of
// which a word has four outputs: bits 2s and up of byte b are output s, level b of the record's
// block. Where there is no column or output the digit is zero's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/cuda/device.h"
#include "host/cuda/step.h"
#include "isa/numerics.h"
#include "isa/trees.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

// Four columns of a node, a digit each.
__device__ __forceinline__ std::uint32_t column_digits(const TreeRepacking& from,
                                                       const std::uint8_t* bytes,
                                                       std::uint32_t power, std::uint32_t first) {
  std::uint32_t digits = 0;
  for (std::uint32_t b = 0; b < 4; ++b) {
    const std::uint32_t column = first + b;
    const std::uint32_t digit = column < from.width ? (bytes[column] * power & 0xff) * 3 >> 8 : 1;
    digits |= digit << 8 * b;
  }
  return digits;
}

// Four levels of an output of a record.
__device__ __forceinline__ std::uint32_t output_digits(const TreeRepacking& from,
                                                       const std::uint8_t* record,
                                                       std::uint32_t output) {
  if (output >= from.width) return 0x01010101;
  const std::uint8_t* const group =
      record + output / kTreeOutputs * (kTreeBlockLevels * kTreeOutputBytes);
  std::uint32_t digits = 0;
  for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
    const std::uint32_t byte = group[level * kTreeOutputBytes + output % kTreeOutputs / 4];
    const std::uint32_t bits = byte >> 2 * (output % 4);
    const std::uint32_t digit = (bits & 1) == 0 ? 1 : 2 - (bits & 2);
    digits |= digit << 8 * level;
  }
  return digits;
}

// A block of threads a node or a record at a time, each thread a word.
__global__ void repack_trees(TreeRepacking trees) {
  for (std::uint32_t part = blockIdx.x; part < trees.parts; part += gridDim.x) {
    std::uint32_t* const to = trees.digits + std::uint64_t{part} * trees.words;
    const std::uint32_t block = part / kBlockNodes, place = part % kBlockNodes;
    std::uint32_t power = 1;  // of three: times it, a byte begins with the node's digit
    for (std::uint32_t i = 0; i < place % kTritsPerByte; ++i) power *= 3;
    const std::uint8_t* const bytes =
        trees.biases == nullptr ? trees.record(part) : trees.piece(block, place / kTritsPerByte);
    for (std::uint32_t w = threadIdx.x; w < trees.words; w += blockDim.x) {
      std::uint32_t word = 0;
      for (std::uint32_t s = 0; s < 4; ++s) {
        word |= (trees.biases == nullptr ? output_digits(trees, bytes, 4 * w + s)
                                         : column_digits(trees, bytes, power, 16 * w + 4 * s))
                << 2 * s;
      }
      to[w] = word;
    }
    if (trees.biases != nullptr && threadIdx.x == 0) {
      trees.biases[part] = reinterpret_cast<const fix*>(trees.piece(block, kBlockGroups))[place];
    }
  }
}

}  // namespace
}  // namespace sterna::cuda
