// SPDX-License-Identifier: Apache-2.0
// What `sterna run` says at its end.
#pragma once

#include <string>
#include <vector>

#include "host/cli/prompts.h"
#include "host/cli/run_options.h"
#include "host/engine/engine.h"
#include "host/profile/profile.h"

namespace sterna::cli {

struct RunFigures {
  profile::Profile profile;
  double seconds = 0;           // by the clock on the wall
  std::uint64_t generated = 0;  // tokens
};

// One line, for people, and what the engine has to say.
std::string figures_text(const RunFigures& figures, const RunOptions& options,
                         const engine::Engine& engine);

// One line of JSON.
std::string figures_json(const RunFigures& figures, const RunOptions& options,
                         const engine::Engine& engine, const std::vector<Sequence>& sequences);

}  // namespace sterna::cli
