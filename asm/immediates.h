// SPDX-License-Identifier: Apache-2.0
// Real numbers as the immediates of instructions, and back.
#pragma once

#include <cstdint>
#include <optional>

#include "isa/generated/isa.h"

namespace sterna::assembly {

// Rounded to the nearest; nothing when the number does not fit (or is not a number).
std::optional<std::uint32_t> encode_fix(double value);    // SET: signed, kFractionBits
std::optional<std::uint32_t> encode_eps(double value);    // NORM: unsigned, 40 fractional bits
std::optional<std::uint32_t> encode_scale(double value);  // TMATMUL: mantissa and exponent
std::optional<std::uint32_t> encode_immediate(ImmKind kind, double value);

// The number that an immediate stands for, exactly; a raw word for ImmKind::kNone.
double decode_immediate(ImmKind kind, std::uint32_t imm);

}  // namespace sterna::assembly
