// SPDX-License-Identifier: Apache-2.0
// Instructions as source that assembles to the same bits.
#pragma once

#include <string>

#include "asm/program_file.h"

namespace sterna::assembly {

// "LDV v3, [b2 + 0x40], 1024", or "LDV v3, [x], 1024" where the program's data has a name; what is
// not legal on any build comes out as .word.
std::string disassemble(const Instruction& instruction, const ProgramData& data = {});

// A whole source file: the data, then an instruction a line with its address in a comment; .entry
// where it is not 0.
std::string disassemble(const Program& program);

}  // namespace sterna::assembly
