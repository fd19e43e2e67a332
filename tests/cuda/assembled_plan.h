// SPDX-License-Identifier: Apache-2.0
// A plan of a few lines of assembly: a state in b0 that every column has of its own, matrices in
// b4; b3 is the host's.
#pragma once

#include <filesystem>
#include <string>

#include "asm/assembler.h"
#include "host/plan/plan.h"

namespace sterna::cuda {

inline plan::Plan plan_of(const std::string& source) {
  plan::Target target;
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    target.segments[s] = {std::uint64_t{s} << 40, 1024, s == 0 ? std::uint64_t{1024} : 0};
  }
  target.segments[3].result = true;
  const auto no_files = [](const std::filesystem::path&) -> std::string { return {}; };
  return plan::make_plan(assembly::assemble_text(source, "test.s", no_files).program.instructions,
                         0, target);
}

}  // namespace sterna::cuda
