// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/counter_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace sterna::runtime {

std::string counter_table(const Counters& counters, std::uint64_t programs,
                          std::string_view column) {
  const auto runs = static_cast<double>(std::max<std::uint64_t>(1, programs));
  const auto cycles = static_cast<double>(std::max<std::uint64_t>(1, counters[Counter::kCycles]));
  std::string table = fmt::format("{:<16}{:>14}{:>10}\n", "counter", column, "share");
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    const auto value = static_cast<double>(counters.values[i]);
    // Beats are not cycles: they have no share.
    const bool beats = kCounters[i].name.ends_with("_BEATS");
    const std::string share = beats ? "" : fmt::format("{:.1f} %", 100 * value / cycles);
    table += fmt::format("{:<16}{:>14.1f}{:>10}  {}\n", kCounters[i].name, value / runs, share,
                         kCounters[i].doc);
  }
  return table;
}

}  // namespace sterna::runtime
