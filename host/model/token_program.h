// SPDX-License-Identifier: Apache-2.0
// The programs of one token step.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/model/layout.h"
#include "host/model/scaling.h"
#include "isa/instruction.h"

namespace sterna {

inline constexpr std::uint32_t kProgramRegisters = 8;

// TMATMUL's immediate for every matrix, by tensor name.
using WeightScales = std::map<std::string, std::uint32_t, std::less<>>;

struct ModelProgram {
  std::vector<Instruction> instructions;
  Entries entries;
};

// The programs of a token step, one behind the other. Each reads every lane's TOKEN, takes its
// embedding row (scaled as `scaling` says) through all layers and moves the layers' states on; they
// differ in the head (Entries). All use registers 0..kProgramRegisters-1.
ModelProgram emit_model_program(const Layout& layout, const WeightScales& scales,
                                const Scaling& scaling);

}  // namespace sterna
