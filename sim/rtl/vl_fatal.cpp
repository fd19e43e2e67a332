// SPDX-License-Identifier: Apache-2.0
// What Verilated code calls when an assertion of the RTL fails. Verilator's own ends the process;
// this one throws.
#include <verilated.h>

#include "support/error.h"

void vl_fatal(const char* file, int line, const char* hierarchy, const char* message) {
  throw sterna::Error("rtl: {} at {}:{} {}", message, file, line, hierarchy);
}
