// SPDX-License-Identifier: Apache-2.0
#include "sim/dram/trace.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "support/error.h"
#include "support/files.h"
#include "support/lines.h"

namespace sterna::dram {
namespace {

constexpr std::string_view kSpace = " \t";
// Leaves room for any sum of times.
constexpr std::uint64_t kLastCycle = std::uint64_t{1} << 62;

std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kSpace), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(kSpace));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> parse_number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::uint64_t last_data(DramChannel& channel, std::uint64_t last) {
  for (const DramChannel::Completion& done : channel.completions())
    last = std::max(last, done.cycle);
  channel.completions().clear();
  return last;
}

}  // namespace

double TraceReport::bytes_per_second() const {
  const double seconds = static_cast<double>(cycles) / (1e3 * kMemoryClockKhz);
  return static_cast<double>(accesses()) * kDramLineBytes / seconds;
}

double TraceReport::average_latency() const {
  return static_cast<double>(stats.latency_sum) / static_cast<double>(accesses());
}

TraceAccess parse_trace_line(std::string_view line, const std::string& where) {
  std::string_view rest = line;
  const std::string_view address = next_word(rest), op = next_word(rest), cycle = next_word(rest);
  if (cycle.empty() || !next_word(rest).empty()) {
    throw Error("{}: '{}' is not 0xADDRESS READ|WRITE CYCLE", where, printable(line));
  }
  const bool hex = address.starts_with("0x") || address.starts_with("0X");
  const auto place = hex ? parse_number(address.substr(2), 16) : std::nullopt;
  if (!place) throw Error("{}: '{}' is not an address 0x...", where, printable(address));
  if (op != "READ" && op != "WRITE") {
    throw Error("{}: '{}' is neither READ nor WRITE", where, printable(op));
  }
  const auto time = parse_number(cycle, 10);
  if (!time || *time > kLastCycle) {
    throw Error("{}: '{}' is not a cycle (a whole number up to 2^62)", where, printable(cycle));
  }
  return {*place, op == "WRITE", *time};
}

TraceReport replay_trace(std::string_view trace, const std::string& name,
                         const DramOptions& options) {
  DramChannel channel(options);
  std::optional<std::uint64_t> first;
  std::uint64_t previous = 0, last = 0;
  std::uint64_t refreshes_before = 0;  // what came before the first access is no part of the report
  for_each_line(without_mark(trace), [&](std::string_view line, unsigned number) {
    if (line.find_first_not_of(kSpace) == std::string_view::npos) return;
    const std::string where = fmt::format("{}:{}", name, number);
    const TraceAccess access = parse_trace_line(line, where);
    if (access.cycle < previous) {
      throw Error("{}: cycle {} comes after cycle {}", where, access.cycle, previous);
    }
    previous = access.cycle;
    channel.advance(access.cycle);
    while (!channel.can_accept(access.write)) channel.advance(channel.next_action() + 1);
    if (!first) {
      first = channel.now();
      refreshes_before = channel.stats().refreshes;
    }
    channel.submit(access.address, access.write, number);
    last = last_data(channel, last);
  });
  if (!first) throw Error("{}: no access in the trace", name);
  while (!channel.idle()) channel.advance(channel.next_action() + 1);
  last = last_data(channel, last);
  TraceReport report{last - *first, channel.stats()};
  report.stats.refreshes -= refreshes_before;
  return report;
}

}  // namespace sterna::dram
