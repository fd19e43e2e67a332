// Instructions as source that assembles to the same bits.
#pragma once

#include <string>

#include "asm/program_file.h"

namespace sterna {

// "LDV v3, [b2 + 0x40], 1024"; what is not legal on any build comes out as .word.
std::string disassemble(const Instruction& instruction);

// A whole source file: an instruction a line, its address in a comment, .entry where it is not 0.
std::string disassemble(const Program& program);

}  // namespace sterna
