// SPDX-License-Identifier: Apache-2.0
// A random legal instruction, uniform over opcodes and over each field, with the extremes of a
// field more often.
#pragma once

#include <random>

#include "asm/immediates.h"
#include "isa/instruction.h"
#include "isa/numerics.h"

namespace sterna::assembly {

inline std::uint32_t random_between(std::mt19937_64& random, std::uint32_t low,
                                    std::uint32_t high) {
  switch (std::uniform_int_distribution<int>(0, 7)(random)) {
    case 0:
      return low;
    case 1:
      return high;
    default:
      return std::uniform_int_distribution<std::uint32_t>(low, high)(random);
  }
}

inline Instruction random_instruction(std::mt19937_64& random) {
  const InstructionInfo& info =
      kInstructionSet[random_between(random, 0, kInstructionSet.size() - 1)];
  Instruction out;
  out.set(Field::kOp, static_cast<std::uint32_t>(info.opcode));
  const auto set_register = [&](Field field) {
    out.set(field, random_between(random, 0, kMaxRegisters - 1));
  };
  for (const Operand operand : info.operands()) {
    switch (operand) {
      case Operand::kVd:
        set_register(Field::kVd);
        break;
      case Operand::kVa:
        set_register(Field::kVa);
        break;
      case Operand::kVb:
        set_register(Field::kVb);
        break;
      case Operand::kVc:
        set_register(Field::kVc);
        break;
      case Operand::kMem:
        out.set(Field::kSeg, random_between(random, 0, kSegments - 1));
        out.set(Field::kOff, random_between(random, 0, 0xFFFFFFFF));
        break;
      case Operand::kLen:
        out.set(Field::kLen, random_between(random, 1, kMaxVectorLength));
        break;
      case Operand::kRows:
        out.set(Field::kRows, random_between(random, 1, kMaxVectorLength));
        break;
      case Operand::kTrees:
        out.set(info.trees, random_between(random, 1, kMaxTrees));
        break;
      case Operand::kDepth:
        out.set(Field::kDepth, random_between(random, 0, kMaxTreeDepth));
        break;
      case Operand::kImm:
        out.set(Field::kImm,
                info.imm_kind == ImmKind::kScale
                    ? numerics::pack_scale({random_between(random, 0, 0xFFFFFF),
                                            random_between(random, kMinScaleExponent, 63)})
                    : random_between(random, 0, 0xFFFFFFFF));
        break;
    }
  }
  if (info.distinct && out.get(Field::kVd) == out.get(Field::kVa)) {
    out.set(Field::kVd, (out.get(Field::kVa) + 1) % kMaxRegisters);
  }
  return out;
}

}  // namespace sterna::assembly
