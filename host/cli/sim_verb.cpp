// sterna sim: any program on golden or on the Verilated RTL, with memory from files and to files.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asm/assembler.h"
#include "host/cli/sim_arguments.h"
#include "host/cli/step_text.h"
#include "host/cli/verbs.h"
#include "host/device/program.h"
#include "host/runtime/counter_table.h"
#include "host/support/error.h"
#include "host/support/files.h"
#include "sim/golden/golden_device.h"
#include "sim/golden/program_checker.h"
#include "sim/rtl/rtl_device.h"

namespace sterna {
namespace {

struct Options {
  std::string program;
  std::string backend = "golden";
  std::optional<std::string> configuration;
  std::vector<std::string> loads, dumps, segments;
  std::uint32_t token = 0;
  std::string memory = "0x1000000";
  bool trace = false;
  std::string wave;
  unsigned timeout = 600;  // seconds
};

class Simulation {
 public:
  explicit Simulation(const Options& options)
      : rtl_(options.backend == "rtl"),
        trace_(options.trace),
        program_(load_program(std::filesystem::path(options.program))),
        token_(options.token),
        memory_bytes_(parse_number(options.memory, "--memory")),
        timeout_(options.timeout) {
    if (!rtl_ && options.backend != "golden") {
      throw Error("--backend: '{}' is neither golden nor rtl", printable(options.backend));
    }
    if (!rtl_ && (options.configuration || !options.wave.empty())) {
      throw Error("{} is for --backend rtl", options.configuration ? "--config" : "--wave");
    }
    segments_.push_back({0, 0, memory_bytes_});
    for (const std::string& text : options.segments) segments_.push_back(parse_segment(text));
    for (const std::string& text : options.loads) {
      loads_.push_back({parse_load(text), MappedFile(parse_load(text).file)});
      check_range("--load", loads_.back().to.address, loads_.back().file.bytes().size());
    }
    for (const std::string& text : options.dumps) {
      const DumpArgument dump = parse_dump(text);
      check_range("--dump", dump.address, dump.bytes);
      dumps_.emplace_back(dump);
    }
    make_devices(options);
  }

  // How the program ended.
  Status run() {
    // Golden always runs, and first: it watches for mistakes, and says what each instruction gives.
    ProgramEnd end = run_on(*golden_);
    Device& device = rtl_ ? static_cast<Device&>(*hardware_) : *golden_;
    if (rtl_) end = run_on(device);
    print_end(device, end);
    for (Dump& dump : dumps_) write(device, dump);
    return end.status;
  }

 private:
  struct Load {
    LoadArgument to;
    MappedFile file;
  };
  struct Dump {
    explicit Dump(const DumpArgument& argument) : from(argument), file(argument.file) {}
    DumpArgument from;
    AtomicFile file;  // opened before the program runs: what cannot be written is told at once
  };

  void check_range(const char* option, std::uint64_t address, std::uint64_t bytes) const {
    if (address > memory_bytes_ || bytes > memory_bytes_ - address) {
      throw Error("{}: {} bytes at {:#x} do not fit the memory of {:#x} bytes (see --memory)",
                  option, bytes, address, memory_bytes_);
    }
  }

  void make_devices(const Options& options) {
    GoldenOptions golden;
    golden.memory_bytes = memory_bytes_;
    golden.observer = [this](const Step& step) { observe(step); };
    if (rtl_) {
      RtlOptions rtl;
      rtl.configuration = options.configuration.value_or(rtl.configuration);
      rtl.memory_bytes = memory_bytes_;
      rtl.wave = options.wave;
      rtl.lockstep = true;
      if (trace_) rtl.trace = [this](const RtlEvent& event) { show(event); };
      hardware_ = make_rtl_device(rtl);
      const Capabilities shape = read_capabilities(*hardware_);
      golden.shape = {shape.vector_length, shape.registers, shape.rom_depth};
    }
    golden_ = make_golden_device(golden);
  }

  void observe(const Step& step) {
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
  void show(const RtlEvent& event) const {
    if (event.retired && event.pc < results_.size()) {
      fmt::print("cycle {:>7}  {}\n", event.cycle, results_[event.pc]);
    }
  }

  ProgramEnd run_on(Device& device) {
    if (const std::uint64_t base = device.alloc(memory_bytes_); base != 0) {
      throw Error("{}: memory begins at {:#x}, not at 0", device.name(), base);
    }
    for (const Load& load : loads_) device.upload(load.to.address, load.file.bytes());
    load_program(device, program_.instructions);
    device.write_register(reg::kEntry, program_.entry);
    device.write_register(reg::token(0), token_);
    for (const SegmentArgument& s : segments_) set_segment(device, s.number, s.address, s.bytes);
    return run_program(device, timeout_);
  }

  void print_end(Device& device, const ProgramEnd& end) const {
    const Counters counters = read_counters(device);
    fmt::print("{}: {} at pc {}, {} instructions", device.name(), name(end.status), end.pc,
               counters[Counter::kInstructions]);
    if (!rtl_) {
      fmt::print("\n");
      return;
    }
    fmt::print(", {} cycles; {} instructions compared with golden, all equal\n\n{}",
               counters[Counter::kCycles], hardware_->compared(),
               counter_table(counters, 1, "value"));
  }

  static void write(Device& device, Dump& dump) {
    std::vector<std::byte> data(dump.from.bytes);
    device.download(dump.from.address, data);
    dump.file.write(data);
    dump.file.commit();
  }

  const bool rtl_, trace_;
  const Program program_;
  const std::uint32_t token_;
  const std::uint64_t memory_bytes_;
  const std::chrono::seconds timeout_;
  std::vector<SegmentArgument> segments_;  // later ones win
  std::vector<Load> loads_;
  std::list<Dump> dumps_;
  ProgramChecker checker_{
      [](const std::string& line) { fmt::print(stderr, "warning: {}\n", line); }};
  std::vector<std::string> results_;  // by address; what --trace shows for rtl
  std::unique_ptr<Device> golden_;
  std::unique_ptr<RtlDevice> hardware_;
};

}  // namespace

void add_sim_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("sim", "Run a program on golden or on the RTL");
  const auto o = std::make_shared<Options>();
  verb->add_option("program", o->program, "Assembly source, or a program file of sterna asm")
      ->required();
  verb->add_option("--backend", o->backend, "golden or rtl")->capture_default_str();
  verb->add_option("--config", o->configuration, "The RTL's configuration: demo (default) or tiny");
  verb->add_option("--load", o->loads, "ADDRESS=FILE: put a file into memory (may be repeated)");
  verb->add_option("--dump", o->dumps,
                   "ADDRESS:BYTES=FILE: write memory to a file, however the program ended (may be "
                   "repeated)");
  verb->add_option("--seg", o->segments,
                   "NUMBER=ADDRESS:BYTES: place a segment; without it segment 0 is all of memory "
                   "and the others are closed");
  verb->add_option("--token", o->token, "Token id that EMB reads");
  verb->add_option("--memory", o->memory, "Bytes of memory, from address 0 on")
      ->capture_default_str();
  verb->add_flag("--trace", o->trace, "Print every instruction with what it wrote");
  verb->add_option("--wave", o->wave, "Waveform to write (rtl; FST)");
  verb->add_option("--timeout", o->timeout, "Seconds after which to give up")
      ->capture_default_str();
  verb->footer("Exits with 1 when the program ends with another status than OK.");
  verb->callback([o] {
    if (Simulation(*o).run() != Status::kOk) throw CLI::RuntimeError(1);
  });
}

}  // namespace sterna
