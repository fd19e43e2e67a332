// SPDX-License-Identifier: Apache-2.0
// What is said of numbers that left, or may leave, the machine's range (docs/numerics.md,
// Saturation).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "host/model/sterna_file.h"

namespace sterna::model {

// "lm_head, model.layers.0.mlp.gate_proj and 12 more".
std::string list_of(std::span<const std::string> names);

// One line, with its end, about `instructions` that saturated while the model ran, and where its
// bounds allow that; empty when none did.
std::string saturation_line(const SternaFile& file, std::uint64_t instructions);

}  // namespace sterna::model
