// SPDX-License-Identifier: Apache-2.0
// The hardware's counters, for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "device/counters.h"

namespace sterna::runtime {

// A table of where the cycles went: the router's, of which each has one cause, then each unit's, in
// cycles per program and as a share of all cycles. `programs`: how many runs the counters were
// summed over; `column`: what the figures are called.
std::string counter_table(const Counters& counters, std::uint64_t programs,
                          std::string_view column = "per token");

}  // namespace sterna::runtime
