// SPDX-License-Identifier: Apache-2.0
// What kernels are given: of a step: a plan, each value and matrix at its address in the GPU's
// memory. The host writes it (executor.cpp), kernels read it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/plan/kind.h"
#include "isa/host_device.h"
#include "isa/numerics.h"
#include "isa/trees.h"

namespace sterna::cuda {

using numerics::fix;

// The tables of numerics in the GPU's memory.
struct alignas(16) Tables {
  numerics::SigmoidTable sigmoid;
  numerics::PhiTable phi;
  numerics::Exp2Table exp2;
};

// Words of each column: a vector, or what stands beside one.
template <typename Word>
struct alignas(16) Place {
  Word* words = nullptr;
  std::uint64_t stride = 0;  // words from one column to the next; 0: all share them

  // In place of a stride, where every block has words of its own (Step::alone): `words` is how many
  // bytes they are behind the beginning of the block's shared memory for them, or of its part of
  // Step::of_blocks. Kernels put the address there.
  static constexpr std::uint64_t kInShared = ~std::uint64_t{0}, kOfBlock = kInShared - 1;

  STERNA_HOST_DEVICE Word* of(std::uint32_t column) const { return words + column * stride; }
};

struct Memory {
  std::byte* lines = nullptr;  // the first one, of copy 0
  std::uint64_t copy_bytes = 0;
  std::uint32_t row_bytes = 0;  // of a token's row
  std::uint32_t bytes = 0;      // whole lines
  bool result = false;          // the copy is the result's
};

// What a lane of a warp reads of a tile of a matrix: tiles.h.
struct alignas(16) LaneWeights {
  std::uint32_t words[4];
};

// 32 trits of a node or a record: trees.h.
struct alignas(8) Digits {
  std::uint32_t words[2];
};
inline constexpr std::uint32_t kPieceOutputs = 8;  // of a record's Digits

// An FFF layer's trees, in the kernels' form (trees.h): what FFFIN reads of them, or FFFOUT.
struct Trees {
  static constexpr std::uint32_t kMostBlocks = kMaxTreeDepth / kTreeBlockLevels + 1;  // of a path

  std::uint32_t trees = 0, blocks = 0;
  std::uint32_t pieces = 0;                      // of a node, or of a record: Digits
  std::uint32_t first_block[kMostBlocks] = {};   // those of depth j begin with it
  std::uint32_t block_level[kMostBlocks] = {};   // TreeShape's
  std::uint32_t block_levels[kMostBlocks] = {};  // TreeShape's
  const Digits* digits = nullptr;
  const fix* biases = nullptr;  // by node

  // Of a node, or of a record.
  STERNA_HOST_DEVICE const Digits* of(std::uint32_t number) const {
    return digits + std::uint64_t{number} * pieces;
  }
};

// plan::Operation with addresses. As much of a multiple of 16 bytes as blocks copy it in.
struct alignas(16) Operation {
  // Places come first, each a piece of 16 bytes.
  Place<fix> in[3], out;
  Place<std::uint32_t> scale, left;  // that it reads beside a vector, and that it leaves there
  Place<std::uint32_t> before;       // LIFT's, for NORML; the path of FFFOUT's FFFIN
  Place<fix> list;                   // that TOPK goes on with
  static constexpr std::uint32_t kPlaces = 8;

  plan::Kind kind{};
  Opcode opcode{};
  bool head = false;       // only columns that want a result compute it
  bool last_only = false;  // a store that all columns share: only the last one's stays
  std::uint32_t length = 0, rows = 0, imm = 0;
  std::uint32_t end = 0;  // words of `out`
  // Of a single column (Step::alone): the blocks that need the result, counted on from the first
  // one.
  std::uint32_t first_block = 0, blocks = ~std::uint32_t{0};
  std::uint32_t row_tiles = 0, column_tiles = 0;  // of `matrix`
  Memory memory;
  const LaneWeights* matrix = nullptr;
  const Trees* trees = nullptr;
  std::uint32_t* clamped = nullptr;  // becomes 1
};

// Operations between which nothing waits for other blocks.
struct alignas(4) Phase {
  plan::PhaseKind kind{};
  bool barrier = false;  // it needs what other blocks did before
  bool in_turn = false;  // of stores: copies overlap, the later column's stays
  std::uint32_t first = 0, count = 0;
};

// What a warp of each block asks for while a phase runs, since a later one reads it.
struct alignas(16) Ahead {
  const std::byte* from = nullptr;
  std::uint32_t bytes = 0;
  std::uint32_t part = 0;  // of a block, in a stage (stage.h): whole lines of the cache
};
inline constexpr std::uint32_t kMostAhead = 16;  // of a phase

struct Column {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  std::uint32_t copy = 0, token = 0;
  std::uint32_t previous = kNone, next = kNone;  // of its sequence, in this pass
  std::uint32_t result = kNone;                  // its copy of result segments
  std::uint32_t last = 0;                        // of those with its copy
};

// The kernel's arguments.
struct Step {
  const Phase* phases = nullptr;
  const Ahead* ahead = nullptr;  // kMostAhead of each phase
  const Operation* operations = nullptr;
  const Column* columns = nullptr;
  Column column;                               // the first one
  const std::uint32_t* with_result = nullptr;  // the columns that have one
  const Tables* tables = nullptr;
  std::uint32_t* clamped = nullptr;    // by operation of the plan
  std::uint32_t* saturated = nullptr;  // how many of them are not 0
  std::uint32_t* arrived = nullptr;    // of barriers: Gpu's
  std::uint32_t phase_count = 0, column_count = 0, results = 0, operation_count = 0;
  std::uint32_t area_bytes = 0;  // of shared memory, for vectors and sums of products: Gpu's
  // A single column, of which every block computes everything but products: alone.h.
  bool alone = false;
  std::uint32_t own_bytes = 0;     // of shared memory, for what a block has of its own
  std::byte* of_blocks = nullptr;  // what did not fit there: so many bytes of each block
  std::uint64_t of_block_bytes = 0;
};

// A matrix as it lies in the file, five rows a byte, to be put into tiles.
struct Repacking {
  static constexpr std::uint32_t kMostChannels = 4;
  const std::uint8_t* channels[kMostChannels] = {};  // each one's part
  std::uint32_t channel_count = 1;
  std::uint32_t rows = 0, columns = 0;
  LaneWeights* tiles = nullptr;
};

// An FFF layer's trees as they lie in the file (isa/trees.h), to be put into the kernels' form.
struct TreeRepacking {
  static constexpr std::uint32_t kMostChannels = 4;
  const std::uint8_t* channels[kMostChannels] = {};  // each one's part
  std::uint32_t channel_bits = 0;                    // of their number, a power of two
  std::uint32_t part_bytes = 0;  // of a piece of FFFIN's blocks, or of a record of FFFOUT's
  std::uint32_t width = 0;       // columns, or outputs
  std::uint32_t parts = 0;       // nodes, or records
  std::uint32_t words = 0;       // of each, in `digits`
  std::uint32_t* digits = nullptr;
  fix* biases = nullptr;  // null: records

  // Where a piece of a block is, as piece_place says: GPUs divide in a hundred instructions.
  STERNA_HOST_DEVICE const std::uint8_t* piece(std::uint32_t block, std::uint32_t number) const {
    const std::uint32_t line = block * (kBlockPieces >> channel_bits) + (number >> channel_bits);
    return channel_of(block + number) + std::uint64_t{line} * part_bytes;
  }
  STERNA_HOST_DEVICE const std::uint8_t* record(std::uint32_t number) const {
    return channel_of(number) + std::uint64_t{number >> channel_bits} * part_bytes;
  }

 private:
  STERNA_HOST_DEVICE const std::uint8_t* channel_of(std::uint32_t part) const {
    return channels[part & ((1u << channel_bits) - 1)];
  }
};

inline constexpr std::uint32_t kMostPhaseOperations = 24;

// Passes of more columns than a tensor core takes at a time have a kernel of their own.
constexpr bool is_many(const Step& step) { return step.column_count > 8; }

// Of a block.
constexpr unsigned most_warps(bool many) { return many ? 8 : 16; }

// Step::area_bytes at least, for blocks of so many warps: their sums have to fit and, beside them,
// one tile's columns of each vector.
constexpr std::size_t least_area(bool many, unsigned warps) {
  const std::size_t columns = many ? 64 : 8, rows = (many ? 32 : 16) * warps + 4;
  const std::size_t tile = 128 + 16;
  return columns * (4 * rows + tile);
}

}  // namespace sterna::cuda
