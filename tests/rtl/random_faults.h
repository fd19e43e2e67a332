// SPDX-License-Identifier: Apache-2.0
// Instructions that end a random program early.
#pragma once

#include "device/device.h"
#include "tests/rtl/random_choices.h"
#include "tests/rtl/random_layout.h"
#include "tests/rtl/random_program.h"

namespace sterna::rtl {

// Inserts one to three of them at or after instruction `first`, close together, so that a later one
// is often met while an earlier one is still on its way. program.code ends with HALT.
void plant_faults(RandomProgram& program, const RandomLayout& layout, RandomChoices& choices,
                  const Capabilities& capabilities, std::size_t first);

}  // namespace sterna::rtl
