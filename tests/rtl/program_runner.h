// SPDX-License-Identifier: Apache-2.0
// Runs random programs on a model of the hardware, in lockstep with golden.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/rtl/rtl_model.h"
#include "sim/rtl/rtl_platform.h"

namespace sterna::rtl {

struct RunnerOptions {
  std::function<std::unique_ptr<RtlModel>(const RtlModelOptions&)> make_model;
  std::uint64_t seed = 1;
  unsigned programs = 100;
  bool faulty = false;  // every second program ends with a planted fault
  // Of one program. A wall clock would find a slow machine instead of a fault.
  std::uint64_t cycle_budget = 5'000'000;
  PlatformFactory platform{};  // empty: the fast one
};

struct RunnerResult {
  unsigned programs = 0;                  // run to their end
  std::uint64_t instructions = 0;         // compared
  std::uint64_t cycles = 0, longest = 0;  // of all, and of the longest program
  std::uint64_t kept_blocks = 0;          // of trees, that were on chip
  std::string
      failure;  // what went wrong, with the seed and the program's listing; empty if nothing
};

// Powers the hardware up with fresh random values, memory latency and stalls for every few
// programs. Stops at the first failure.
RunnerResult run_random_programs(const RunnerOptions& options);

// The number that an environment variable holds, else `fallback`.
std::uint64_t environment_number(const char* variable, std::uint64_t fallback);

}  // namespace sterna::rtl
