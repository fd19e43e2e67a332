// SPDX-License-Identifier: Apache-2.0
// Constant expressions: C's operators and precedence on signed 64-bit numbers, evaluated as they
// are read.
#pragma once

#include <cstdint>
#include <functional>

#include "asm/lexer.h"

namespace sterna::assembly {

// The value of a symbol; throws StatementError at the token when it has none.
using SymbolLookup = std::function<std::int64_t(const Token& name)>;

// Reads the longest expression at the cursor. Besides numbers, characters and symbols there are
// these functions: fix(x), eps(x), scale(x) of a real number give the raw immediate; lines(n),
// vector_bytes(n), q8_bytes(n), matrix_bytes(rows, columns) and align(n) give sizes in memory.
// Overflow, division by zero and shifts by less than 0 or more than 63 are errors. Throws
// StatementError.
std::int64_t evaluate(Cursor& cursor, const SymbolLookup& lookup);

// The same for a real number, with + - * / and parentheses: what may stand inside fix(x).
double evaluate_real(Cursor& cursor, const SymbolLookup& lookup);

// Names that no symbol may take: those of the functions.
bool is_function(std::string_view name);

}  // namespace sterna::assembly
