// The program of one token step.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "asm/instruction.h"
#include "host/model/layout.h"
#include "host/model/scaling.h"

namespace sterna {

inline constexpr std::uint32_t kProgramRegisters = 8;

// TMATMUL's immediate for every matrix, by tensor name.
using WeightScales = std::map<std::string, std::uint32_t, std::less<>>;

// Reads TOKEN's embedding row (scaled as `scaling` says), moves every layer's state one token on
// and leaves the logits in the output segment. Uses registers 0..kProgramRegisters-1.
std::vector<Instruction> emit_token_program(const Layout& layout, const WeightScales& scales,
                                            const Scaling& scaling);

}  // namespace sterna
