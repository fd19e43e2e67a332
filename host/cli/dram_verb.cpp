// SPDX-License-Identifier: Apache-2.0
// sterna dram: a trace of accesses on one DDR4-2400 channel.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "host/cli/verbs.h"
#include "sim/dram/trace.h"
#include "support/files.h"
#include "support/json.h"
#include "support/lines.h"

namespace sterna::cli {
namespace {

struct DramArguments {
  std::string trace;
  bool json = false;
};

double nanoseconds(double cycles) {
  return cycles * 1e6 / static_cast<double>(dram::kMemoryClockKhz);
}

double percent(double part, double whole) { return 100 * part / whole; }

void print_json(const dram::TraceReport& report) {
  const dram::DramStats& s = report.stats;
  const Json json = {{"cycles", report.cycles},
                     {"bytes_per_second", report.bytes_per_second()},
                     {"share_of_peak", report.bytes_per_second() / dram::kPeakBytesPerSecond},
                     {"reads", s.reads},
                     {"writes", s.writes},
                     {"row_hits", s.hits},
                     {"row_misses", s.misses},
                     {"row_conflicts", s.conflicts},
                     {"forwarded", s.forwarded},
                     {"activates", s.activates},
                     {"refreshes", s.refreshes},
                     {"average_latency", report.average_latency()},
                     {"max_latency", s.latency_max}};
  fmt::print("{}\n", json.dump());
}

void print(const dram::TraceReport& report) {
  const dram::DramStats& s = report.stats;
  const auto total = static_cast<double>(report.accesses());
  const auto cycles = static_cast<double>(report.cycles);
  fmt::print("cycles         {} of the {:g} MHz memory clock, {:.3f} us\n", report.cycles,
             1e-3 * static_cast<double>(dram::kMemoryClockKhz), 1e-3 * nanoseconds(cycles));
  fmt::print("accesses       {} reads, {} writes of {} bytes\n", s.reads, s.writes,
             dram::kDramLineBytes);
  fmt::print("bandwidth      {:.3f} GB/s, {:.1f} % of {:.1f}\n", 1e-9 * report.bytes_per_second(),
             percent(report.bytes_per_second(), dram::kPeakBytesPerSecond),
             1e-9 * dram::kPeakBytesPerSecond);
  fmt::print("row hits       {} ({:.1f} %)\n", s.hits, percent(static_cast<double>(s.hits), total));
  fmt::print("row misses     {} ({:.1f} %), the bank was closed\n", s.misses,
             percent(static_cast<double>(s.misses), total));
  fmt::print("row conflicts  {} ({:.1f} %), another row was open\n", s.conflicts,
             percent(static_cast<double>(s.conflicts), total));
  fmt::print("forwarded      {} reads of lines that waited to be written\n", s.forwarded);
  fmt::print("activates      {}\n", s.activates);
  fmt::print("refreshes      {}, {:.2f} % of the time\n", s.refreshes,
             percent(static_cast<double>(s.refreshes) * dram::DramOptions{}.timing.tRFC, cycles));
  fmt::print("latency        {:.1f} cycles on average ({:.1f} ns), {} at most ({:.1f} ns)\n",
             report.average_latency(), nanoseconds(report.average_latency()), s.latency_max,
             nanoseconds(static_cast<double>(s.latency_max)));
}

void replay(const DramArguments& options) {
  const MappedFile file(options.trace);
  const dram::TraceReport report = dram::replay_trace(as_text(file.bytes()), options.trace);
  options.json ? print_json(report) : print(report);
}

}  // namespace

void add_dram_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("dram", "Replay a memory trace on one DDR4-2400 channel");
  const auto o = std::make_shared<DramArguments>();
  verb->add_option("--trace", o->trace,
                   "Lines '0xADDRESS READ|WRITE CYCLE', cycles of the 1,200 MHz memory clock in "
                   "rising order; an access whose queue is full waits; addresses wrap at 8 GiB")
      ->required();
  verb->add_flag("--json", o->json, "Print one line of JSON");
  verb->callback([o] { replay(*o); });
}

}  // namespace sterna::cli
