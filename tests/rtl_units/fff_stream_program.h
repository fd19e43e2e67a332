// SPDX-License-Identifier: Apache-2.0
// Programs of FFFIN and FFFOUT for fff_stream_test, and how they run.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "isa/instruction.h"
#include "isa/trees.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna::test {

// What a build was made with (CMakeLists.txt).
struct Build {
  unsigned beat_bits, channels, beats_per_step, lanes, buses;
};

constexpr unsigned kVecLen = 512;
constexpr std::size_t kPool = 3;  // programs that may run again
// So many records at most go out word by word, all but the last of them from so many beats.
constexpr unsigned kJoined = 4, kHeldBeats = 64;
constexpr unsigned kDrain = 18;  // cycles from a block's last set to its picks, at least

// The word of memory at a beat's address tells where it came from, and when it was written.
inline std::uint32_t word_at(unsigned channel, std::uint64_t address, unsigned word,
                             unsigned when) {
  return static_cast<std::uint32_t>((address >> 2) * 2654435761u + word * 40503u + channel +
                                    when * 2246822519u);
}

// Lines of a channel that a program has stored.
struct Store {
  unsigned channel = 0;
  std::uint64_t address = 0, lines = 0;
  unsigned when = 0;
};

// The decisions of a quad's lanes.
struct Due {
  std::uint64_t cycle = 0;
  std::uint32_t quad = 0, mask = 0;
};

struct Beat {
  std::uint64_t address = 0;
  std::uint64_t cycle = 0;  // it comes no earlier
};

// An instruction, with each channel's part of its matrix.
struct Walk {
  bool record = false;
  TreeShape shape;
  std::uint32_t length = 1;  // columns, or rows
  std::vector<std::uint64_t> parts;

  std::uint64_t lines() const { return q8_lines(length); }

  // Where the biases of a block lie, or its record behind three decisions.
  PiecePlace place(std::uint64_t block, std::uint32_t decisions, unsigned channels) const {
    if (!record) return piece_place(block, kBlockGroups, lines(), channels);
    const std::uint64_t number = block * kBlockRecords + decisions;
    return {number % channels, number / channels * lines()};
  }

  Instruction instruction() const {
    Instruction in;
    in.set(Field::kOp, static_cast<std::uint32_t>(record ? Opcode::kFffout : Opcode::kFffin));
    in.set(record ? Field::kLen : Field::kRows, shape.trees);
    in.set(record ? Field::kRows : Field::kLen, length);
    in.set(Field::kDepth, shape.depth);
    return in;
  }
};

struct Knobs {
  unsigned latency = 10, jitter = 0, stalls = 0, unit_stalls = 0;
  bool abandon = false;        // the program ends early
  bool keep = false;           // the host has written nothing
  bool again = false;          // one of the last programs
  unsigned error_percent = 0;  // of beats, as long as the host writes nothing
  unsigned stores = 0;         // percent of programs that store where trees are
};

inline Knobs random_knobs(Random& random) {
  return {.latency = random.between(1, 120),
          .jitter = random.chance(50) ? 0 : random.below(60),
          .stalls = random.chance(40) ? 0 : random.below(80),
          .unit_stalls = random.chance(40) ? 0 : random.below(90),
          .abandon = random.chance(30),
          .keep = random.chance(85),
          .again = random.chance(85),
          .error_percent = random.chance(70) ? 0u : random.between(1, 5),
          .stores = 20};
}

// FFFINs, each before up to two FFFOUTs of its paths.
inline std::vector<Walk> random_trees(Random& random, const Build& build) {
  std::vector<Walk> program;
  for (unsigned i = random.between(1, 3); i > 0; --i) {
    TreeShape shape;
    do {
      shape = {.trees = random.chance(75) ? random.between(1, 3) : random.between(1, kMaxTrees),
               .depth = random.below(kMaxTreeDepth + 1)};
    } while (shape.elements() > kVecLen);
    for (unsigned k = 0; k <= random.below(3); ++k) {
      Walk walk{.record = k != 0, .shape = shape, .length = 1, .parts = {}};
      walk.length = random.chance(70) ? random.between(1, 130) : random.between(1, kVecLen);
      for (unsigned c = 0; c < build.channels; ++c) {
        walk.parts.push_back((std::uint64_t{random.bits()} << 20 | random.bits()) & ~63ull);
      }
      program.push_back(std::move(walk));
    }
  }
  return program;
}

// A store somewhere around the tree.
inline Store random_store(Random& random, const Build& build, const Walk& walk, unsigned when) {
  Store store{.channel = random.below(build.channels),
              .address = 0,
              .lines = random.between(1, 8),
              .when = when};
  const std::uint64_t lines = 17ull * walk.shape.trees * walk.lines() * 4 / build.channels;
  store.address =
      walk.parts[store.channel] +
      64 * (random.chance(50) ? random.below(4) : random.below(static_cast<unsigned>(lines)));
  if (random.chance(30)) store.address -= 64 * (store.lines - 1);
  return store;
}

// When a line was written, which the host did then.
inline unsigned last_written(const std::vector<Store>& stores, unsigned then, unsigned channel,
                             std::uint64_t address) {
  for (const Store& store : stores) {
    if (store.channel == channel && address >= store.address &&
        address < store.address + 64 * store.lines) {
      then = store.when;
    }
  }
  return then;
}

}  // namespace sterna::test
