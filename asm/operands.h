// SPDX-License-Identifier: Apache-2.0
// One instruction of the source to its encoding.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "asm/expression.h"
#include "asm/lexer.h"
#include "isa/instruction.h"

namespace sterna::assembly {

// What a name inside [ ] says of the segment.
struct NamedMemory {
  std::uint32_t segment = 0;
  bool data = false;  // the name is data's, its value the offset; else the segment's own
};

// What the names in operands stand for.
struct Names {
  SymbolLookup value;
  std::function<std::optional<NamedMemory>(std::string_view name)> memory;  // nothing: neither
};

// Reads a mnemonic and its operands, or `.word w0, w1, w2, w3`, up to the end of the line. What it
// returns is legal on a build with the largest limits, unless it came from .word. Throws
// StatementError.
Instruction encode_statement(Cursor& cursor, const Names& names);

// b0..b15. Throws StatementError.
std::uint32_t read_segment_number(Cursor& cursor);

// Registers v0..v15 and segments b0..b7, in either case: no symbol may be called so.
bool is_reserved(std::string_view name);

}  // namespace sterna::assembly
