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
#include "host/cli/sim_arguments.h"
#include "host/cli/step_text.h"
#include "host/cli/verbs.h"
#include "host/cli/xrt_options.h"
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
  std::optional<std::string> configuration;
  std::vector<std::string> loads, dumps, segments, tokens;
  std::optional<unsigned> channels;
  unsigned lanes = 1;
  bool prefill = false;
  std::string memory = fmt::format("{:#x}", kDefaultMemory);
  bool trace = false;
  std::string wave;
  unsigned timeout = 600;  // seconds
};

class Simulation final : private RtlObserver {
 public:
  explicit Simulation(const Options& options)
      : rtl_(options.backend.name == "rtl"),
        xrt_(options.backend.name == "xrt"),
        trace_(options.trace),
        program_(load_program(std::filesystem::path(options.program))),
        lanes_(options.lanes),
        prefill_(options.prefill),
        timed_(options.memory.starts_with(kTimed)),
        memory_bytes_(parse_memory(options.memory)),
        timeout_(options.timeout) {
    if (!rtl_ && !xrt_ && options.backend.name != "golden") {
      throw Error("--backend: '{}' is neither golden, rtl nor xrt",
                  printable(options.backend.name));
    }
    if (!rtl_ && timed_) throw Error("--memory ddr4 is for --backend rtl");
    if (!rtl_ && !options.wave.empty()) throw Error("--wave is for --backend rtl");
    if (!rtl_ && !options.backend.emulate && options.configuration) {
      throw Error("--config is for --backend rtl and for --emulate");
    }
    if ((rtl_ || xrt_) && options.channels) {
      throw Error("--channels is for --backend golden: hardware has those of its configuration");
    }
    for (const std::string& text : options.tokens) tokens_.push_back(parse_token(text));
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
    throw Error("{}: {} bytes at {:#x} do not fit {} of {:#x} bytes (see --memory)", option, bytes,
                address, channels_ == 1 ? "the memory" : "a channel's memory", memory_bytes_);
  }

  void make_devices(const Options& options) {
    GoldenOptions golden;
    golden.memory_bytes = memory_bytes_;
    golden.observer = [this](const Step& step) { observe(step); };
    if (xrt_) {
      card_ = make_device(options.backend);
      golden.shape = shape_of(*card_);
    } else if (!rtl_) {
      golden.shape.lanes = lanes_;
      golden.shape.channels = options.channels.value_or(1);
    }
    if (rtl_) {
      RtlOptions rtl;
      rtl.configuration = options.configuration.value_or(rtl.configuration);
      rtl.memory_bytes = memory_bytes_;
      if (timed_) rtl.platform = make_ddr4_platform;
      rtl.wave = options.wave;
      rtl.lockstep = true;
      if (trace_) rtl.observer = this;
      hardware_ = make_rtl_device(rtl);
      golden.shape = shape_of(*hardware_);
    }
    if (lanes_ > golden.shape.lanes) {
      throw Error("--lanes {}: the hardware has {}", lanes_, golden.shape.lanes);
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

  // BYTES, ddr4:BYTES or ddr4.
  static std::uint64_t parse_memory(const std::string& text) {
    if (text == kTimed) return kDefaultMemory;
    return parse_number(text.starts_with(kTimed) ? text.substr(kTimed.size() + 1) : text,
                        "--memory");
  }

  static constexpr std::string_view kTimed = "ddr4";

  const bool rtl_, xrt_, trace_;
  const Program program_;
  const unsigned lanes_;  // that take part
  const bool prefill_;
  const bool timed_;
  const std::uint64_t memory_bytes_;  // of each channel
  const std::chrono::seconds timeout_;
  unsigned channels_ = 1;
  // Of each channel's memory in the device that ran last: a card's are not one behind the other.
  std::vector<std::uint64_t> bases_;
  std::vector<TokenArgument> tokens_;
  std::vector<SegmentArgument> segments_;  // later ones win
  std::vector<Load> loads_;
  std::list<Dump> dumps_;
  ProgramChecker checker_{
      [](const std::string& line) { fmt::print(stderr, "warning: {}\n", line); }};
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
  verb->add_option("--backend", o->backend.name, "golden, rtl or xrt")->capture_default_str();
  verb->add_option("--config", o->configuration, "The RTL's configuration: demo (default) or tiny");
  add_xrt_options(*verb, o->backend);
  verb->add_option("--load", o->loads, "ADDRESS=FILE: put a file into memory (may be repeated)");
  verb->add_option("--dump", o->dumps,
                   "ADDRESS:BYTES=FILE: write memory to a file, however the program ended (may be "
                   "repeated)");
  verb->add_option(
      "--seg", o->segments,
      "NUMBER=ADDRESS:BYTES[:STRIDE]: place a segment, with a copy for each lane every "
      "STRIDE bytes; without it segment 0 is all of memory and the others are closed");
  verb->add_option("--token", o->tokens,
                   "[LANE=]ID: token id that EMB reads, in lane 0 without LANE (may be repeated)");
  verb->add_option("--lanes", o->lanes, "Lanes that take part")
      ->capture_default_str()
      ->check(CLI::Range(1u, kMaxLanes));
  verb->add_option("--channels", o->channels, "Memory channels of golden: 1 (default), 2 or 4");
  verb->add_flag("--prefill", o->prefill, "The lanes are consecutive positions of one sequence");
  verb->add_option("--memory", o->memory,
                   "Bytes of each channel's memory, that of channel c from c times as much on; "
                   "ddr4 or ddr4:BYTES for memory with "
                   "DDR4-2400's timing (rtl)")
      ->capture_default_str();
  verb->add_flag("--trace", o->trace, "Print every instruction with what it wrote");
  verb->add_option("--wave", o->wave, "Waveform to write (rtl; FST)");
  verb->add_option("--timeout", o->timeout, "Seconds after which to give up")
      ->capture_default_str();
  verb->footer("Exits with 1 when the program ends with another status than OK.");
  verb->callback([verb, o] {
    o->backend.configuration = o->configuration.value_or(o->backend.configuration);
    prepare_xrt(*verb, o->backend);
    if (Simulation(*o).run() != Status::kOk) throw CLI::RuntimeError(1);
  });
}

}  // namespace sterna
