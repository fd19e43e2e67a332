// SPDX-License-Identifier: Apache-2.0
// A program's data as the directives that give it again.
#pragma once

#include <string>
#include <string_view>

#include "asm/program_data.h"

namespace sterna::assembly {

std::string data_source(const ProgramData& data);

// The nodes of trees, a line each: its trits and, of FFFIN, its bias.
std::string node_lines(const DataItem& trees, std::string_view indent = {});

}  // namespace sterna::assembly
