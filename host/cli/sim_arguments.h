// SPDX-License-Identifier: Apache-2.0
// The arguments of `sterna sim` and `sterna debug` that name places in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sterna::cli {

// All throw Error, naming the option, for what is not of its form.

// --load ADDRESS=FILE
struct LoadArgument {
  std::uint64_t address = 0;
  std::string file;
};
LoadArgument parse_load(const std::string& text);

// --dump ADDRESS:BYTES=FILE
struct DumpArgument {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  std::string file;
};
DumpArgument parse_dump(const std::string& text);

// --seg NUMBER=ADDRESS:BYTES[:STRIDE]
struct SegmentArgument {
  unsigned number = 0;
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  std::uint32_t lane_stride = 0;  // lines from a lane's copy to the next
};
SegmentArgument parse_segment(const std::string& text);

// --token [LANE=]ID
struct TokenArgument {
  unsigned lane = 0;
  std::uint32_t id = 0;
};
TokenArgument parse_token(const std::string& text);

// --input NAME[@LANE]=NUMBERS|FILE
struct InputArgument {
  std::string name;
  std::optional<unsigned> lane;
  std::string value;
  bool is_file = false;  // what does not begin as a number is the name of a file
};
InputArgument parse_input(const std::string& text);

// --output NAME=FILE
struct OutputArgument {
  std::string name;
  std::string file;
};
OutputArgument parse_output(const std::string& text);

}  // namespace sterna::cli
