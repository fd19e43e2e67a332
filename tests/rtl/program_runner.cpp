#include "tests/rtl/program_runner.h"

#include <algorithm>
#include <cstdlib>
#include <random>

#include "host/device/program.h"
#include "host/support/error.h"
#include "sim/rtl/rtl_device.h"
#include "tests/rtl/random_layout.h"
#include "tests/rtl/random_program.h"

namespace sterna {
namespace {

constexpr unsigned kProgramsPerPowerUp = 8;
constexpr std::uint64_t kMemoryBytes = 16 << 20;

RtlOptions platform(std::mt19937_64& random) {
  RtlOptions options;
  options.memory_bytes = kMemoryBytes;
  options.latency = std::array{1u, 7u, 40u, 200u}[random() % 4];
  options.latency_step = std::array{0u, 3u, 50u}[random() % 3];
  options.stall_probability = std::array{0.0, 0.0, 0.1, 0.5}[random() % 4];
  options.reorder = random() % 2 == 0;
  options.seed = random();
  options.lockstep = true;
  return options;
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
        device = make_rtl_device(
            platform_options,
            options.make_model({.seed = platform_options.seed, .wave = platform_options.wave}));
        capabilities = read_capabilities(*device);
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
      run_program(*device, options.patience);
      // Again at once, while weights that were fetched for the first run may still be coming.
      if (seed % 8 == 0) run_program(*device, options.patience);
      ++result.programs;
      result.instructions += device->compared() - compared;
      result.cycles += device->cycles() - cycles;
    } catch (const Error& e) {
      result.failure = fmt::format("seed {}: {}\n(again: STERNA_SEED={} STERNA_PROGRAMS={})\n{}",
                                   seed, e.what(), power_up, seed - power_up + 1, listing);
      return result;
    }
  }
  return result;
}

}  // namespace sterna
