// SPDX-License-Identifier: Apache-2.0
// sterna debug: a program step by step, on anything that executes programs.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "host/backends/backends.h"
#include "host/cli/debugger.h"
#include "host/cli/device_options.h"
#include "host/cli/interrupts.h"
#include "host/cli/line_editor.h"
#include "host/cli/output.h"
#include "host/cli/program_setup.h"
#include "host/cli/verbs.h"
#include "sim/rtl/fst_signals.h"
#include "sim/rtl/wave_view.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/watched_files.h"

namespace sterna::cli {
namespace {

constexpr const char* kPrompt = "(sterna) ";

struct DebugArguments {
  ProgramOptions program;
  backends::BackendOptions backend;
  std::string script;
  std::string wave;
};

std::unique_ptr<SteppedDevice> make_device(const DebugArguments& options) {
  backends::BackendOptions backend = options.backend;
  backend.memory_bytes = options.program.memory_bytes;
  backend.wave = options.wave;
  backend.record = false;
  if (backend.name == "rtl") backend.lockstep = true;
  return backends::make_stepped_device(backend);
}

// A line of a script, or of what is piped in. A mistake in it ends all: what comes behind it was
// meant for another state. False: it was told to end.
bool obey_line(Debugger& debugger, std::string_view line, const std::string& name,
               unsigned number) {
  try {
    return debugger.obey(line);
  } catch (const Error& error) {
    throw Error("{}:{}: {}", name, number, error.what());
  }
}

void run_script(Debugger& debugger, const std::string& text, const std::string& name) {
  bool going_on = true;
  for_each_line(text, [&](std::string_view line, unsigned number) {
    // An empty line separates in a file; it repeats for who types, or makes a program type.
    if (!going_on || line.find_first_not_of(" \t") == std::string_view::npos) return;
    going_on = obey_line(debugger, line, name, number);
  });
}

// Each line is obeyed as it comes: who writes it may wait for what it gives.
void run_pipe(Debugger& debugger) {
  std::string text;
  for (unsigned number = 1; std::getline(std::cin, text); ++number) {
    std::string_view line = text;
    if (number == 1) line = without_mark(line);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!obey_line(debugger, line, "standard input", number)) return;
  }
  // std::cin, which reads through stdio, takes an error for the end.
  if (std::ferror(stdin) != 0) {
    throw Error("standard input: cannot read: {}", std::strerror(errno));
  }
}

void talk(Debugger& debugger, Interrupts& interrupts) {
  LineEditor editor({});
  while (const auto line = editor.read(kPrompt)) {
    interrupts.clear();
    try {
      if (!debugger.obey(*line)) return;
    } catch (const Error& error) {
      remark(error.what());
    }
  }
}

void debug(const DebugArguments& options) {
  const std::string script =
      options.script.empty() ? std::string() : read_text_file(options.script);
  if (options.script.empty()) watch_standard_input();
  ProgramSetup setup(options.program);
  const std::unique_ptr<SteppedDevice> device = make_device(options);
  const Capabilities capabilities = read_capabilities(*device);
  const bool shared = options.backend.name == "xrt" || options.backend.name == "serial";
  setup.fit(capabilities, shared);
  setup.load(*device, shared ? ProgramSetup::Clear::kSegments : ProgramSetup::Clear::kNothing);
  device->start();
  const bool talking =
      options.script.empty() && ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
  std::optional<Interrupts> interrupts;  // else Ctrl-C ends a script
  Debugger::Hooks hooks;
  if (!options.wave.empty()) hooks.record = [&](bool on) { device->record_wave(on); };
  if (talking) {
    interrupts.emplace();
    hooks.interrupted = [&] { return interrupts->pending(); };
  }
  Debugger debugger(*device, capabilities, setup, hooks);
  show(fmt::format("{}: {} instructions\n{}", device->name(),
                   setup.assembly().program.instructions.size(), debugger.where()));
  try {
    if (talking) {
      talk(debugger, *interrupts);
    } else if (!options.script.empty()) {
      run_script(debugger, script, options.script);
    } else {
      run_pipe(debugger);
    }
  } catch (const Error&) {
    device->close_wave();  // up to the mistake
    throw;
  }
  finish_output();
  device->close_wave();
  if (!options.wave.empty()) rtl::write_wave_view(options.wave, rtl::fst_signals(options.wave));
}

}  // namespace

void add_debug_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("debug", "Go through a program step by step");
  const auto o = std::make_shared<DebugArguments>();
  add_program_options(*verb, o->program);
  add_device_options(*verb, o->backend);  // the RTL always runs in lockstep here
  verb->add_option("-x,--script", o->script, "File of commands, in place of standard input");
  verb->add_option("--wave", o->wave, "Waveform of what is stepped through (rtl; FST)");
  verb->footer(
      "Its command help lists the others. A mistake in a script or a pipe ends it with 1.");
  verb->callback([verb, o] {
    if (verb->count("--lanes") == 0) o->backend.lanes = o->program.active_lanes;
    if (verb->count("--wave") != 0 && o->backend.name != "rtl") {
      throw Error("--wave is for --backend rtl");
    }
    prepare_device(*verb, o->backend);
    debug(*o);
  });
}

}  // namespace sterna::cli
