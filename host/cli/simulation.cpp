// SPDX-License-Identifier: Apache-2.0
#include "host/cli/simulation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "host/cli/output.h"
#include "host/cli/step_text.h"
#include "host/cli/vector_print.h"
#include "host/runtime/counter_table.h"
#include "sim/rtl/fst_signals.h"
#include "sim/rtl/wave_view.h"
#include "support/error.h"

namespace sterna::cli {

Simulation::Simulation(const SimOptions& options)
    : rtl_(options.backend.name == "rtl"),
      on_card_(options.backend.name == "xrt" || options.backend.name == "serial"),
      trace_(options.trace),
      runs_(options.runs),
      setup_(options.program),
      wave_(options.wave),
      timeout_(options.timeout),
      checker_([](const std::string& line) { remark("warning: " + line); }) {
  for (const std::string& text : options.dumps) dumps_.emplace_back(parse_dump(text));
  choose_outputs(options.outputs);
  make_devices(options);
  for (const Dump& dump : dumps_) {
    setup_.check_range("--dump", dump.from.address, dump.from.bytes);
  }
}

void Simulation::choose_outputs(const std::vector<std::string>& files) {
  for (const assembly::DataItem& item : setup_.data().items) {
    if (item.output) outputs_.push_back({&item});
  }
  for (const std::string& text : files) {
    const OutputArgument argument = parse_output(text);
    const auto output = std::find_if(outputs_.begin(), outputs_.end(), [&](const Output& o) {
      return o.item->name == argument.name;
    });
    if (output == outputs_.end()) {
      throw Error("--output: the program has no .output '{}'", printable(argument.name));
    }
    if (output->file) throw Error("--output: '{}' twice", argument.name);
    output->file = std::make_unique<AtomicFile>(argument.file);
  }
}

Status Simulation::run() {
  // Golden always runs, and first: it watches for mistakes, and says what each instruction gives.
  program::ProgramEnd end = run_on(*golden_);
  Device* device = golden_.get();
  if (rtl_ || on_card_) {
    device = hardware_;
    const program::ProgramEnd expected = std::exchange(end, run_on(*device));
    if (on_card_) compare(expected, end);
  }
  print_end(*device, end);
  if (end.status == Status::kOk) {
    for (Output& output : outputs_) show(*device, output);
  }
  finish_output();
  for (Dump& dump : dumps_) write(*device, dump);
  for (Output& output : outputs_) {
    if (output.file && end.status == Status::kOk) output.file->commit();
  }
  if (rtl_) stepped_->close_wave();
  if (!wave_.empty()) rtl::write_wave_view(wave_, rtl::fst_signals(wave_));
  return end.status;
}

void Simulation::make_devices(const SimOptions& options) {
  backends::BackendOptions golden;
  golden.memory_bytes = setup_.memory_bytes();
  golden.steps = [this](const golden::Step& step) { observe(step); };
  golden.lanes = options.backend.lanes;
  golden.channels = options.backend.channels;
  if (rtl_) {
    backends::BackendOptions rtl = options.backend;
    rtl.memory_bytes = setup_.memory_bytes();
    rtl.wave = options.wave;
    rtl.lockstep = true;
    if (trace_) rtl.observer = this;
    stepped_ = backends::make_stepped_device(rtl);
    hardware_ = stepped_.get();
  }
  if (on_card_) {
    backends::BackendOptions card = options.backend;
    card.memory_bytes = setup_.memory_bytes();
    if (card.lockstep) {
      stepped_ = backends::make_stepped_device(card);
      hardware_ = stepped_.get();
    } else {
      plain_ = backends::make_device(card);
      hardware_ = plain_.get();
    }
  }
  if (hardware_ != nullptr) golden.like = read_capabilities(*hardware_);
  golden_ = backends::make_device(golden);
  setup_.fit(read_capabilities(*golden_), on_card_);
}

void Simulation::observe(const golden::Step& step) {
  checker_.observe(step);
  if (!trace_) return;
  if (rtl_) {
    // A program has no loops: an address is executed once at most.
    results_.resize(std::max<std::size_t>(results_.size(), step.pc + 1));
    results_[step.pc] = step_text(step);
  } else {
    fmt::print("{}\n", step_text(step));
  }
}

// Lockstep has compared the hardware's result with golden's by now: they are the same.
void Simulation::retired(std::uint64_t cycle, unsigned, std::uint32_t pc) {
  if (pc < results_.size()) fmt::print("cycle {:>7}  {}\n", cycle, results_[pc]);
}

program::ProgramEnd Simulation::run_on(Device& device) {
  setup_.load(device, on_card_ ? ProgramSetup::Clear::kAll : ProgramSetup::Clear::kNothing);
  try {
    program::ProgramEnd end = program::run_program(device, timeout_);
    for (unsigned i = 1; i < runs_ && end.status == Status::kOk; ++i) {
      end = program::run_program(device, timeout_);
    }
    return end;
  } catch (const Error&) {
    if (rtl_) stepped_->close_wave();  // it shows what went wrong
    throw;
  }
}

// What a card cannot show instruction by instruction: how the program ended, and all of memory.
void Simulation::compare(const program::ProgramEnd& expected, const program::ProgramEnd& end) {
  if (end.status != expected.status || end.pc != expected.pc) {
    throw Error("{}: {} at pc {}, but golden ends with {} at pc {}", hardware_->name(),
                name(end.status), end.pc, name(expected.status), expected.pc);
  }
  const std::uint64_t bytes = setup_.memory_bytes();
  std::vector<std::byte> memory(bytes), golden(bytes);
  for (unsigned c = 0; c < setup_.channels(); ++c) {
    hardware_->download(setup_.place(c * bytes), memory);
    golden_->download(c * bytes, golden);
    if (const auto [at, other] = std::ranges::mismatch(memory, golden); at != memory.end()) {
      throw Error("{}: memory at {:#x} holds {:#04x}, golden has {:#04x}", hardware_->name(),
                  c * bytes + static_cast<std::uint64_t>(at - memory.begin()),
                  std::to_integer<int>(*at), std::to_integer<int>(*other));
    }
  }
}

void Simulation::print_end(Device& device, const program::ProgramEnd& end) const {
  const Counters counters = read_counters(device);
  fmt::print("{}: {} at pc {}, {} instructions", device.name(), name(end.status), end.pc,
             counters[Counter::kInstructions]);
  if (!rtl_ && !on_card_) {
    fmt::print("\n");
    return;
  }
  std::vector<std::string> equal;
  if (on_card_) equal.emplace_back("memory equal to golden's");
  if (stepped_) {
    equal.push_back(
        fmt::format("{} instructions compared with golden, all equal", stepped_->compared()));
  }
  fmt::print(", {} cycles; {}\n{}\n{}", counters[Counter::kCycles], fmt::join(equal, ", "),
             on_card_ ? "" : hardware_->report(), runtime::counter_table(counters, 1, "value"));
}

void Simulation::write(Device& device, Dump& dump) const {
  std::vector<std::byte> data(dump.from.bytes);
  device.download(setup_.place(dump.from.address), data);
  dump.file.write(data);
  dump.file.commit();
}

void Simulation::show(Device& device, Output& output) const {
  const unsigned copies = setup_.placement().copies(*output.item);
  for (unsigned lane = 0; lane < copies; ++lane) {
    const std::vector<std::uint32_t> elements = setup_.read_vector(
        [&](std::uint64_t at, std::span<std::byte> data) { device.download(at, data); },
        *output.item, lane);
    if (output.file) {
      output.file->write(copies > 1 ? fmt::format("# lane {}\n", lane) : "");
      output.file->write(vector_lines(elements));
    } else {
      fmt::print("{}", vector_block(fmt::format("{}[{}]{}", output.item->name, elements.size(),
                                                copies > 1 ? fmt::format(" lane {}", lane) : ""),
                                    elements));
    }
  }
}

}  // namespace sterna::cli
