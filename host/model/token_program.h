// SPDX-License-Identifier: Apache-2.0
// The programs of one token step.
#pragma once

#include <vector>

#include "host/model/block_emitter.h"
#include "host/model/layout.h"
#include "host/model/scaling.h"
#include "isa/instruction.h"

namespace sterna::model {

inline constexpr std::uint32_t kProgramRegisters = 8;

struct ModelProgram {
  std::vector<Instruction> instructions;
  Entries entries;
  std::vector<Relocation> relocations;
};

// The programs of a token step, one behind the other. Each reads every lane's TOKEN, takes its
// embedding row (scaled as `scaling` says) through all layers and moves the layers' states on; they
// differ in the head (Entries). All use registers 0..kProgramRegisters-1.
ModelProgram emit_model_program(const Layout& layout, const WeightScales& scales,
                                const Scaling& scaling);

}  // namespace sterna::model
