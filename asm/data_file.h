// SPDX-License-Identifier: Apache-2.0
// The section of prog.bin that holds a program's data.
//
// Behind the instructions, little endian: the 8 characters "STERNADT", then 32-bit words: format
// version, bytes of what follows the header, CRC-32 of both and of what follows. Then the number of
// segments and each of them: name, number, flags (1: per lane), lines. Then the number of items and
// each: name, index of its segment, flags (1: input, 2: output, 4: matrix, 8 and 16: trees of
// FFFIN and of FFFOUT), rows (0 of a vector; 16 * trees + depth of trees), columns (of trees those
// of a node), and its image in whole lines. A name is its length and then its characters, a byte
// each. Items of a segment lie one behind the other from its start.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "asm/program_data.h"

namespace sterna::assembly {

inline constexpr std::uint32_t kDataFormatVersion = 1;

// Appends nothing for a program without data.
void append_data(std::vector<std::byte>& file, const ProgramData& data);

// The section alone; throws Error, with `name` of the file, when it is damaged, newer or could not
// have come from source.
ProgramData parse_data(std::span<const std::byte> section, const std::string& name);

}  // namespace sterna::assembly
