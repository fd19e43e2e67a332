// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/program_runner.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>

#include "host/program/program.h"
#include "isa/trees.h"
#include "sim/rtl/rtl_device.h"
#include "support/error.h"
#include "tests/rtl/random_layout.h"
#include "tests/rtl/random_program.h"

namespace sterna::rtl {
namespace {

constexpr unsigned kProgramsPerPowerUp = 8;
constexpr unsigned kSettledCycles = 300;  // what was on its way has come by then
constexpr std::uint64_t kMemoryBytes = 16 << 20;
constexpr std::chrono::hours kNoTimeLimit{1};  // the cycle budget is the limit

RtlOptions platform(std::mt19937_64& random) {
  RtlOptions options;
  options.memory_bytes = kMemoryBytes;
  options.latency = std::array{1u, 7u, 40u, 200u}[random() % 4];
  options.latency_step = std::array{0u, 3u, 50u}[random() % 3];
  options.jitter = std::array{0u, 0u, 300u}[random() % 3];
  options.stall_probability = std::array{0.0, 0.0, 0.1, 0.5}[random() % 4];
  options.reorder = random() % 2 == 0;
  options.behaviour.write_order = static_cast<AxiWriteOrder>(random() % 4);
  options.behaviour.ready_waits = random() % 3 == 0;
  options.seed = random();
  options.lockstep = true;
  return options;
}

// A reset of whatever length brings the hardware to rest, from whatever its registers powered up
// with: nothing of a start, a write or a request that seemed to be under way goes on.
void expect_rest_after_power_up(RtlModel& model, const Capabilities& capabilities,
                                std::mt19937_64& random) {
  const auto cycle = [&model] {
    model.settle();
    model.rise();
  };
  for (unsigned i = 1 + static_cast<unsigned>(random() % 3); i > 0; --i) cycle();
  model.reset_n = true;
  std::vector<std::vector<std::vector<std::int32_t>>> words;  // of each lane's registers
  for (unsigned lane = 0; lane < capabilities.lanes; ++lane) {
    words.emplace_back();
    for (unsigned r = 0; r < capabilities.registers; ++r) {
      const auto now = model.register_words(r, lane);
      words.back().emplace_back(now.begin(), now.end());
    }
  }
  for (unsigned i = 0; i < kSettledCycles; ++i) {
    cycle();
    if (model.trace.issue || model.trace.retire != 0 || model.interrupt) {
      throw Error("after power-up and a reset something runs");
    }
    for (const AxiPins& port : model.memory) {
      if (port.ar.valid || port.aw.valid || port.wvalid) {
        throw Error("after power-up and a reset a memory port is used");
      }
    }
  }
  for (unsigned lane = 0; lane < capabilities.lanes; ++lane) {
    for (unsigned r = 0; r < capabilities.registers; ++r) {
      if (!std::ranges::equal(model.register_words(r, lane), words[lane][r])) {
        throw Error("after power-up and a reset register v{} of lane {} is written", r, lane);
      }
    }
  }
}

void expect_cleared(RtlDevice& device, const Capabilities& capabilities) {
  for (const CounterInfo& counter : kCounters) {
    if ((device.read_register(counter.offset) | device.read_register(counter.offset + 4)) != 0) {
      throw Error("after a reset counter {} is not 0", counter.name);
    }
  }
  for (const std::uint32_t offset : {reg::kStatus, reg::kStatusPc, reg::kEntry, reg::kRomAddr}) {
    const std::uint32_t value = device.read_register(offset);
    if (value != 0) throw Error("after a reset register {:#x} is {:#x}", offset, value);
  }
  for (unsigned lane = 0; lane < capabilities.lanes; ++lane) {
    for (unsigned r = 0; r < capabilities.registers; ++r) {
      const std::uint32_t scale = device.register_scale(r, lane);
      if (scale != 0) {
        throw Error("after a reset the scale of v{} of lane {} is {}", r, lane, scale);
      }
    }
  }
}

// Starts the program, and resets the hardware somewhere on its way.
void cut_off(RtlDevice& device, const Capabilities& capabilities, std::mt19937_64& random) {
  device.run();
  const auto order = static_cast<unsigned>(random() % 13);  // of the cycles until then
  device.advance(static_cast<unsigned>((1u << order) + random() % (1u << order)));
  device.reset(static_cast<unsigned>(1 + random() % 3));
  expect_cleared(device, capabilities);
}

// The program must not notice: its arguments are those of its start, and what it does not reach of
// the ROM is not its own.
void write_anything(RtlDevice& device, const RandomProgram& program,
                    const Capabilities& capabilities, std::mt19937_64& random) {
  const auto word = [&] { return static_cast<std::uint32_t>(random()); };
  for (unsigned i = 0; i < 6; ++i) {
    device.advance(static_cast<unsigned>(random() % 200));
    const std::uint32_t s = word() % kSegments;
    const std::array offsets = {
        reg::seg_base_lo(s),     reg::seg_base_hi(s), reg::seg_size(s),
        reg::seg_lane_stride(s), reg::kEntry,         reg::kLaneMaskLo,
        reg::kLaneMaskHi,        reg::kPrefill,       reg::token(word() % kMaxLanes)};
    device.write_register(offsets[random() % offsets.size()], word());
  }
  const auto end = program.entry + static_cast<std::uint32_t>(program.code.size());
  if (end == capabilities.rom_depth) return;
  device.write_register(reg::kRomAddr, 4 * end);
  for (unsigned i = 0; i < 4; ++i) device.write_register(reg::kRomData, word());
}

void write_lane_mask(RtlDevice& device, std::uint64_t mask) {
  device.write_register(reg::kLaneMaskLo, static_cast<std::uint32_t>(mask));
  device.write_register(reg::kLaneMaskHi, static_cast<std::uint32_t>(mask >> 32));
}

// A line of a root's block, and another one of that block, to be written over it.
struct TreeLines {
  std::uint32_t to_segment, from_segment;
  std::uint32_t to, from;  // in their segments
};

TreeLines lines_of_root(const Instruction& tree, const Capabilities& capabilities,
                        std::mt19937_64& random) {
  const auto segment = tree.get(Field::kSeg);
  const auto offset = tree.get(Field::kOff);
  const auto channel = static_cast<std::uint32_t>(random() % capabilities.channels);
  const std::uint32_t lines =
      static_cast<std::uint32_t>(q8_lines(tree.get(Field::kLen))) * 4 / capabilities.channels;
  const auto line = static_cast<std::uint32_t>(random() % lines);
  // The next channel's, or, where all of the block lies in one, the next one.
  return {segment + channel, segment + (channel + 1) % capabilities.channels, offset + line,
          offset + (capabilities.channels == 1 ? (line + 1) % lines : line)};
}

// Another program does it, at the end of the ROM that the first one leaves. Returns false where
// there is no room.
bool store_into_tree(RtlDevice& device, const RandomProgram& program, const TreeLines& lines,
                     const Capabilities& capabilities) {
  const auto end = program.entry + static_cast<std::uint32_t>(program.code.size());
  if (end + 3 > capabilities.rom_depth) return false;
  const auto access = [&](Opcode op, std::uint32_t segment, std::uint32_t line) {
    Instruction in;
    in.set(Field::kOp, static_cast<std::uint32_t>(op));
    in.set(Field::kSeg, segment);
    in.set(Field::kOff, line);
    in.set(Field::kLen, kLineBytes / 4);
    return in;
  };
  const Instruction load = access(Opcode::kLdv, lines.from_segment, lines.from);
  const Instruction store = access(Opcode::kSv, lines.to_segment, lines.to);
  Instruction halt;
  halt.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kHalt));
  program::load_program(device, std::array{load, store, halt}, end);
  device.write_register(reg::kEntry, end);
  write_lane_mask(device, 1);
  program::run_program(device, kNoTimeLimit);
  device.write_register(reg::kEntry, program.entry);
  write_lane_mask(device, program.lane_mask);
  return true;
}

// The host does it.
void upload_into_tree(RtlDevice& device, const TreeLines& lines) {
  const auto address = [&](std::uint32_t segment, std::uint32_t line) {
    const std::uint64_t base = std::uint64_t{device.read_register(reg::seg_base_hi(segment))}
                                   << 32 |
                               device.read_register(reg::seg_base_lo(segment));
    return base + std::uint64_t{line} * kLineBytes;
  };
  std::array<std::byte, kLineBytes> data;
  device.download(address(lines.from_segment, lines.from), data);
  device.upload(address(lines.to_segment, lines.to), data);
}

// What hardware keeps of trees on chip must be what memory holds: the program that has just run
// again with its first lane alone, until the blocks of that lane's paths are kept, and then with
// all, whose paths are others; and when the first tree has been written. Returns how many blocks
// were on chip.
std::uint64_t run_again(RtlDevice& device, const RandomProgram& program,
                        const Capabilities& capabilities, std::mt19937_64& random) {
  const auto is_tree = [](const Instruction& in) {
    return static_cast<Opcode>(in.get(Field::kOp)) == Opcode::kFffin;
  };
  const auto tree = std::ranges::find_if(program.code, is_tree);
  if (tree == program.code.end()) return 0;
  std::uint64_t kept = 0;
  const auto run = [&](unsigned times) {
    for (; times > 0; --times) {
      program::run_program(device, kNoTimeLimit);
      kept += device.counters()[Counter::kFffBlocksHit];
    }
  };
  write_lane_mask(device, program.lane_mask & -program.lane_mask);
  run(3);
  write_lane_mask(device, program.lane_mask);
  run(2);
  const TreeLines lines = lines_of_root(*tree, capabilities, random);
  if (random() % 2 == 0 || !store_into_tree(device, program, lines, capabilities)) {
    upload_into_tree(device, lines);
  }
  run(1);
  return kept;
}

}  // namespace

std::uint64_t environment_number(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 0);
}

RunnerResult run_random_programs(const RunnerOptions& options) {
  RunnerResult result;
  std::unique_ptr<RtlDevice> device;
  Capabilities capabilities;
  std::vector<std::uint64_t> addresses;  // of each channel's image
  for (unsigned i = 0; i < options.programs; ++i) {
    const std::uint64_t seed = options.seed + i;
    const std::uint64_t power_up = seed - seed % kProgramsPerPowerUp;
    std::string listing;
    try {
      if (i == 0 || seed == power_up) {
        std::mt19937_64 random(power_up);
        RtlOptions platform_options = platform(random);
        platform_options.platform = options.platform;
        platform_options.cycle_budget = options.cycle_budget;
        device = make_rtl_device(
            platform_options,
            options.make_model({.seed = platform_options.seed, .wave = platform_options.wave}));
        capabilities = read_capabilities(*device);
        expect_rest_after_power_up(*options.make_model({.seed = platform_options.seed}),
                                   capabilities, random);
        expect_cleared(*device, capabilities);
        addresses.clear();
        for (unsigned c = 0; c < capabilities.channels; ++c) {
          addresses.push_back(device->alloc(image_bytes(capabilities), c));
        }
      }
      const RandomProgram program = random_program(
          {.seed = seed, .faulty = options.faulty && seed % 2 == 0, .memory_bytes = kMemoryBytes},
          capabilities);
      listing = program.listing();
      load(*device, program, addresses, kMemoryBytes);
      const std::uint64_t compared = device->compared();
      const std::uint64_t cycles = device->cycles();
      std::mt19937_64 random(seed);
      if (random() % 4 == 0) {
        cut_off(*device, capabilities, random);
        load(*device, program, addresses, kMemoryBytes);
      }
      device->run();
      const bool written = seed % 8 != 0 && random() % 4 == 0;
      if (written) {
        write_anything(*device, program, capabilities, random);
      }
      device->wait(kNoTimeLimit);
      // Again at once, while weights that were fetched for the first run may still be coming.
      if (seed % 8 == 0) program::run_program(*device, kNoTimeLimit);
      if (seed % 16 == 1) {
        // As its arguments were.
        if (written) load(*device, program, addresses, kMemoryBytes);
        result.kept_blocks += run_again(*device, program, capabilities, random);
      }
      ++result.programs;
      result.instructions += device->compared() - compared;
      result.cycles += device->cycles() - cycles;
      result.longest = std::max(result.longest, device->cycles() - cycles);
    } catch (const Error& e) {
      result.failure = fmt::format("seed {}: {}\n(again: STERNA_SEED={} STERNA_PROGRAMS={})\n{}",
                                   seed, e.what(), power_up, seed - power_up + 1, listing);
      return result;
    }
  }
  return result;
}

}  // namespace sterna::rtl
