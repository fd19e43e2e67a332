// sterna sim: any program on golden, on the Verilated RTL or on a card, with memory from files and
// to files.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asm/assembler.h"
#include "host/backends/backends.h"
#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/output.h"
#include "host/cli/sim_arguments.h"
#include "host/cli/step_text.h"
#include "host/cli/verbs.h"
#include "host/device/program.h"
#include "host/runtime/counter_table.h"
#include "host/support/error.h"
#include "host/support/files.h"
#include "sim/golden/golden_device.h"
#include "sim/golden/program_checker.h"
#include "sim/platform/ddr4_platform.h"
#include "sim/rtl/rtl_device.h"

namespace sterna {
namespace {

constexpr std::uint64_t kDefaultMemory = 16 << 20;

struct Options {
  std::string program;
  BackendOptions backend;
  std::vector<std::string> loads, dumps, segments, tokens;
  unsigned active_lanes = 1;
  bool prefill = false;
  std::uint64_t memory_bytes = kDefaultMemory;
  bool trace = false;
  std::string wave;
  unsigned timeout = 600;  // seconds
};

// Refuses what would have no effect with the other options.
void check_effects(const CLI::App& verb, const Options& options) {
  if (verb.count("--wave") != 0 && options.backend.name != "rtl") {
    throw Error("--wave is for --backend rtl");
  }
  if (options.prefill && options.active_lanes == 1) {
    throw Error("--prefill is about the order of several lanes: it needs --active-lanes");
  }
}

class Simulation final : private RtlObserver {
 public:
  explicit Simulation(const Options& options)
      : rtl_(options.backend.name == "rtl"),
        xrt_(options.backend.name == "xrt"),
        trace_(options.trace),
        program_(load_program(std::filesystem::path(options.program))),
        lanes_(options.active_lanes),
        prefill_(options.prefill),
        memory_bytes_(options.memory_bytes),
        timeout_(options.timeout) {
    for (const std::string& text : options.tokens) {
      tokens_.push_back(parse_token(text));
      if (tokens_.back().lane >= lanes_) {
        throw Error("--token: lane {} takes no part: see --active-lanes", tokens_.back().lane);
      }
    }
    make_devices(options);
    segments_.push_back({0, 0, memory_bytes_});
    for (const std::string& text : options.segments) {
      segments_.push_back(parse_segment(text));
      // What lies around our memory on a card is somebody else's.
      if (xrt_) check_range("--seg", segments_.back().address, segments_.back().bytes);
    }
    for (const std::string& text : options.loads) {
      loads_.push_back({parse_load(text), MappedFile(parse_load(text).file)});
      check_range("--load", loads_.back().to.address, loads_.back().file.bytes().size());
    }
    for (const std::string& text : options.dumps) {
      const DumpArgument dump = parse_dump(text);
      check_range("--dump", dump.address, dump.bytes);
      dumps_.emplace_back(dump);
    }
  }

  // How the program ended.
  Status run() {
    // Golden always runs, and first: it watches for mistakes, and says what each instruction gives.
    ProgramEnd end = run_on(*golden_);
    if (!rtl_ && !xrt_) {
      print_end(*golden_, end);
      for (Dump& dump : dumps_) write(*golden_, dump);
      return end.status;
    }
    Device& device = rtl_ ? static_cast<Device&>(*hardware_) : *card_;
    const ProgramEnd expected = std::exchange(end, run_on(device));
    if (xrt_) compare(expected, end);
    print_end(device, end);
    for (Dump& dump : dumps_) write(device, dump);
    if (rtl_) hardware_->close_wave();
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
    for (std::uint64_t channel = 0; channel < channels_; ++channel) {
      const std::uint64_t begin = channel * memory_bytes_;
      const bool inside = address >= begin && address - begin <= memory_bytes_ &&
                          bytes <= memory_bytes_ - (address - begin);
      if (inside) return;
    }
    throw Error("{}: {} bytes at {:#x} do not fit {} of {:#x} bytes (see --memory-bytes)", option,
                bytes, address, channels_ == 1 ? "the memory" : "a channel's memory",
                memory_bytes_);
  }

  void make_devices(const Options& options) {
    GoldenOptions golden;
    golden.memory_bytes = memory_bytes_;
    golden.observer = [this](const Step& step) { observe(step); };
    if (xrt_) {
      card_ = make_device(options.backend);
      golden.shape = shape_of(*card_);
    } else if (!rtl_) {
      golden.shape.lanes = options.backend.lanes;
      golden.shape.channels = options.backend.channels;
    }
    if (rtl_) {
      RtlOptions rtl;
      rtl.configuration = options.backend.configuration;
      rtl.memory_bytes = memory_bytes_;
      if (options.backend.memory == "ddr4") rtl.platform = make_ddr4_platform;
      rtl.wave = options.wave;
      rtl.lockstep = true;
      if (trace_) rtl.observer = this;
      hardware_ = make_rtl_device(rtl);
      golden.shape = shape_of(*hardware_);
    }
    if (lanes_ > golden.shape.lanes) {
      throw Error("--active-lanes {}: there are {}", lanes_, golden.shape.lanes);
    }
    channels_ = golden.shape.channels;
    golden_ = make_golden_device(golden);
  }

  static GoldenMachine::Shape shape_of(Device& device) {
    const Capabilities shape = read_capabilities(device);
    return {shape.vector_length, shape.registers, shape.rom_depth, shape.channels, shape.lanes};
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
  void retired(std::uint64_t cycle, unsigned, std::uint32_t pc) override {
    if (pc < results_.size()) fmt::print("cycle {:>7}  {}\n", cycle, results_[pc]);
  }
  void issued(std::uint64_t, std::uint32_t) override {}

  ProgramEnd run_on(Device& device) {
    bases_.clear();
    for (unsigned c = 0; c < channels_; ++c) {
      bases_.push_back(device.alloc(memory_bytes_, c));
      // A card's memory is not empty.
      if (xrt_) device.upload(bases_.back(), std::vector<std::byte>(memory_bytes_));
    }
    for (const Load& load : loads_) device.upload(place(load.to.address), load.file.bytes());
    load_program(device, program_.instructions);
    device.write_register(reg::kEntry, program_.entry);
    for (const TokenArgument& t : tokens_) device.write_register(reg::token(t.lane), t.id);
    const std::uint64_t mask = ~std::uint64_t{0} >> (kMaxLanes - lanes_);
    device.write_register(reg::kLaneMaskLo, static_cast<std::uint32_t>(mask));
    device.write_register(reg::kLaneMaskHi, static_cast<std::uint32_t>(mask >> 32));
    device.write_register(reg::kPrefill, prefill_ ? 1 : 0);
    for (const SegmentArgument& s : segments_) {
      set_segment(device, s.number, place(s.address), s.bytes);
      device.write_register(reg::seg_lane_stride(s.number), s.lane_stride);
    }
    return run_program(device, timeout_);
  }

  // Where an address of ours lies in the device that runs; what is in no channel stays outside.
  std::uint64_t place(std::uint64_t address) const {
    const std::uint64_t channel = memory_bytes_ == 0 ? 0 : address / memory_bytes_;
    if (channel >= bases_.size()) return bases_.front() + address;
    return bases_[channel] + (address - channel * memory_bytes_);
  }

  // What a card cannot show instruction by instruction: how the program ended, and all of memory.
  void compare(const ProgramEnd& expected, const ProgramEnd& end) {
    if (end.status != expected.status || end.pc != expected.pc) {
      throw Error("{}: {} at pc {}, but golden ends with {} at pc {}", card_->name(),
                  name(end.status), end.pc, name(expected.status), expected.pc);
    }
    std::vector<std::byte> memory(memory_bytes_), golden(memory_bytes_);
    for (unsigned c = 0; c < channels_; ++c) {
      card_->download(bases_[c], memory);
      golden_->download(c * memory_bytes_, golden);
      if (const auto [at, other] = std::ranges::mismatch(memory, golden); at != memory.end()) {
        throw Error("{}: memory at {:#x} holds {:#04x}, golden has {:#04x}", card_->name(),
                    c * memory_bytes_ + static_cast<std::uint64_t>(at - memory.begin()),
                    std::to_integer<int>(*at), std::to_integer<int>(*other));
      }
    }
  }

  void print_end(Device& device, const ProgramEnd& end) const {
    const Counters counters = read_counters(device);
    fmt::print("{}: {} at pc {}, {} instructions", device.name(), name(end.status), end.pc,
               counters[Counter::kInstructions]);
    if (!rtl_ && !xrt_) {
      fmt::print("\n");
      return;
    }
    fmt::print(", {} cycles; {}\n{}\n{}", counters[Counter::kCycles],
               xrt_ ? "memory equal to golden's"
                    : fmt::format("{} instructions compared with golden, all equal",
                                  hardware_->compared()),
               xrt_ ? "" : hardware_->platform_report(), counter_table(counters, 1, "value"));
  }

  void write(Device& device, Dump& dump) const {
    std::vector<std::byte> data(dump.from.bytes);
    device.download(place(dump.from.address), data);
    dump.file.write(data);
    dump.file.commit();
  }

  const bool rtl_, xrt_, trace_;
  const Program program_;
  const unsigned lanes_;  // that take part
  const bool prefill_;
  const std::uint64_t memory_bytes_;  // of each channel
  const std::chrono::seconds timeout_;
  unsigned channels_ = 1;
  // Of each channel's memory in the device that ran last: a card's are not one behind the other.
  std::vector<std::uint64_t> bases_;
  std::vector<TokenArgument> tokens_;
  std::vector<SegmentArgument> segments_;  // later ones win
  std::vector<Load> loads_;
  std::list<Dump> dumps_;
  ProgramChecker checker_{[](const std::string& line) { remark("warning: " + line); }};
  std::vector<std::string> results_;  // by address; what --trace shows for rtl
  std::unique_ptr<Device> golden_;
  std::unique_ptr<RtlDevice> hardware_;
  std::unique_ptr<Device> card_;
};

}  // namespace

void add_sim_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("sim", "Run a program on golden, on the RTL or on a card");
  const auto o = std::make_shared<Options>();
  verb->add_option("program", o->program, "Assembly source, or a program file of sterna asm")
      ->required();
  add_device_options(*verb, o->backend);
  // An occurrence takes one value, else it would take the program, too.
  const auto add_repeated = [&](const char* name, std::vector<std::string>& values,
                                const std::string& help) {
    verb->add_option(name, values, help + " (may be repeated)")->allow_extra_args(false);
  };
  add_repeated("--load", o->loads, "ADDRESS=FILE: put a file into memory");
  add_repeated("--dump", o->dumps,
               "ADDRESS:BYTES=FILE: write memory to a file, however the program ended");
  add_repeated("--seg", o->segments,
               "NUMBER=ADDRESS:BYTES[:STRIDE]: place a segment, with a copy for each lane every "
               "STRIDE bytes; without it segment 0 is all of memory and the others are closed");
  add_repeated("--token", o->tokens, "[LANE=]ID: token id that EMB reads, in lane 0 without LANE");
  verb->add_option("--active-lanes", o->active_lanes,
                   "Lanes that take part; golden has as many unless --lanes says another number")
      ->capture_default_str()
      ->transform(whole_number<unsigned>(1, kMaxLanes));
  verb->add_flag("--prefill", o->prefill, "The lanes are consecutive positions of one sequence");
  verb->add_option_function<std::string>(
      "--memory-bytes",
      [o](const std::string& text) { o->memory_bytes = parse_address(text, "--memory-bytes"); },
      fmt::format("Bytes of each channel's memory, that of channel c from c times as much on "
                  "({:#x})",
                  kDefaultMemory));
  verb->add_flag("--trace", o->trace, "Print every instruction with what it wrote");
  verb->add_option("--wave", o->wave, "Waveform to write (rtl; FST)");
  verb->add_option("--timeout", o->timeout, "Seconds after which to give up")
      ->transform(whole_number<unsigned>())
      ->capture_default_str();
  verb->footer("Exits with 1 when the program ends with another status than OK.");
  verb->callback([verb, o] {
    if (verb->count("--lanes") == 0) o->backend.lanes = o->active_lanes;
    check_effects(*verb, *o);
    prepare_device(*verb, o->backend);
    if (Simulation(*o).run() != Status::kOk) throw CLI::RuntimeError(1);
  });
}

}  // namespace sterna
