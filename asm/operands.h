// One instruction of the source to its encoding.
#pragma once

#include <string_view>

#include "asm/expression.h"
#include "asm/instruction.h"
#include "asm/lexer.h"

namespace sterna {

// Reads a mnemonic and its operands, or `.word w0, w1, w2, w3`, up to the end of the line. What it
// returns is legal on a build with the largest limits, unless it came from .word. Throws
// StatementError.
Instruction encode_statement(Cursor& cursor, const SymbolLookup& lookup);

// Registers v0..v15 and segments b0..b7, in either case: no symbol may be called so.
bool is_reserved(std::string_view name);

}  // namespace sterna
