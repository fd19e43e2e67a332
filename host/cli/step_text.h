// SPDX-License-Identifier: Apache-2.0
// One executed instruction as a line for people.
#pragma once

#include <string>

#include "sim/golden/simulator.h"

namespace sterna::cli {

// "pc 3: ADD v2, v0, v1, 64  ->  v2 = 1.5 -0.25 3 0 ..": the instruction and the first elements of
// what it wrote.
std::string step_text(const golden::Step& step);

}  // namespace sterna::cli
