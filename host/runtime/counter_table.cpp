// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/counter_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace sterna::runtime {
namespace {

// Beats, blocks and records are no cycles: they have no share.
bool counts_cycles(std::string_view counter) {
  return !counter.ends_with("_BEATS") &&
         (!counter.starts_with("FFF_") || counter.starts_with("FFF_WAIT_"));
}

}  // namespace

std::string counter_table(const Counters& counters, std::uint64_t programs,
                          std::string_view column) {
  const auto runs = static_cast<double>(std::max<std::uint64_t>(1, programs));
  const auto cycles = static_cast<double>(std::max<std::uint64_t>(1, counters[Counter::kCycles]));
  std::string table = fmt::format("{:<19}{:>14}{:>10}\n", "counter", column, "share");
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    const auto value = static_cast<double>(counters.values[i]);
    const std::string share =
        counts_cycles(kCounters[i].name) ? fmt::format("{:.1f} %", 100 * value / cycles) : "";
    table += fmt::format("{:<19}{:>14.1f}{:>10}  {}\n", kCounters[i].name, value / runs, share,
                         kCounters[i].doc);
  }
  return table;
}

}  // namespace sterna::runtime
