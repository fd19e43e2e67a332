// SPDX-License-Identifier: Apache-2.0
// Instructions for tests, without an assembler.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <utility>

#include "isa/instruction.h"

namespace sterna::golden {

// What registers and memory hold before a test.
inline constexpr std::int32_t kStale = 0x5A5A5A5A;

using FieldValues = std::initializer_list<std::pair<Field, std::uint32_t>>;

inline Instruction make(Opcode opcode, FieldValues fields = {}) {
  Instruction instruction;
  instruction.set(Field::kOp, static_cast<std::uint32_t>(opcode));
  for (const auto& [field, value] : fields) instruction.set(field, value);
  return instruction;
}

}  // namespace sterna::golden
