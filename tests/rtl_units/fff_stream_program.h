// SPDX-License-Identifier: Apache-2.0
// Programs of FFFIN and FFFOUT for fff_stream_test, and how they run.
#pragma once

#include <cstdint>
#include <vector>

#include "isa/trees.h"

namespace sterna::test {

// What a build was made with (CMakeLists.txt).
struct Build {
  unsigned beat_bits, channels, beats_per_step, lanes, buses;
};

constexpr unsigned kVecLen = 512;
constexpr std::size_t kPool = 3;  // programs that may run again
// So many records at most go out word by word, all but the last of them from so many beats.
constexpr unsigned kJoined = 4, kHeldBeats = 64;
constexpr unsigned kDrain = 18;  // cycles from a quad's last set to its picks, at least

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
};

struct Knobs {
  unsigned latency = 10, jitter = 0, stalls = 0, unit_stalls = 0;
  bool abandon = false;        // the program ends early
  bool keep = false;           // the host has written nothing
  bool again = false;          // one of the last programs
  unsigned error_percent = 0;  // of beats, as long as the host writes nothing
  unsigned stores = 0;         // percent of programs that store where trees are
};

}  // namespace sterna::test
