// SPDX-License-Identifier: Apache-2.0
// sterna sim: any program on golden, on the Verilated RTL or on a card.
#include <CLI/CLI.hpp>
#include <memory>

#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/program_setup.h"
#include "host/cli/simulation.h"
#include "host/cli/verbs.h"
#include "support/error.h"

namespace sterna::cli {

void add_sim_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("sim", "Run a program on golden, on the RTL or on a card");
  const auto o = std::make_shared<SimOptions>();
  add_program_options(*verb, o->program);
  add_device_options(*verb, o->backend);  // the RTL always runs in lockstep here
  add_repeated_option(
      *verb, "--output", o->outputs,
      "NAME=FILE: write an .output of the program as text, in place of printing it");
  add_repeated_option(*verb, "--dump", o->dumps,
                      "ADDRESS:BYTES=FILE: write memory to a file, however the program ended");
  verb->add_flag("--trace", o->trace, "Print every instruction with what it wrote");
  verb->add_option("--runs", o->runs,
                   "Run the program so often, each time on what the last one left, and show the "
                   "last one's counters")
      ->transform(whole_number<unsigned>(1))
      ->capture_default_str();
  verb->add_option("--wave", o->wave, "Waveform to write (rtl; FST)");
  verb->add_option("--timeout", o->timeout, "rtl, xrt, serial: seconds after which to give up")
      ->transform(whole_number<unsigned>(1))
      ->capture_default_str();
  verb->footer(
      "Prints the program's outputs by name when it ended well. Exits with 1 when it ended with "
      "another status than OK.");
  verb->callback([verb, o] {
    if (verb->count("--lanes") == 0) o->backend.lanes = o->program.active_lanes;
    if (verb->count("--wave") != 0 && o->backend.name != "rtl") {
      throw Error("--wave is for --backend rtl");
    }
    if (verb->count("--timeout") != 0 && o->backend.name == "golden") {
      throw Error(
          "--timeout is for --backend rtl, xrt and serial: golden runs to the program's end");
    }
    prepare_device(*verb, o->backend);
    if (!o->trace) o->backend.progress = lockstep_progress();
    if (const Status status = Simulation(*o).run(); status != Status::kOk) {
      throw Error("{}: the program ended with {}", o->program.program, name(status));
    }
  });
}

}  // namespace sterna::cli
