// SPDX-License-Identifier: Apache-2.0
// A program's data as the directives that give it again.
#pragma once

#include <string>

#include "asm/program_data.h"

namespace sterna::assembly {

std::string data_source(const ProgramData& data);

}  // namespace sterna::assembly
