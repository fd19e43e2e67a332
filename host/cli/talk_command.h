// SPDX-License-Identifier: Apache-2.0
// What may be said to `sterna run` on a terminal beside text: lines that begin with /.
#pragma once

#include <cstdint>
#include <string>

#include "host/runtime/sampler.h"

namespace sterna::cli {

struct TalkSettings {
  std::uint64_t count = 0;  // tokens of an answer at most
  runtime::SamplerOptions sampler;
};

enum class TalkCommand {
  kHelp,
  kReset,  // forget what was said
  kStats,
  kSetting,  // the settings have changed already
};

// Throws Error, and leaves the settings as they are, when the line is no command.
TalkCommand parse_talk_command(const std::string& line, TalkSettings& settings);

// The commands, a line each, with what is set.
std::string talk_help(const TalkSettings& settings);

}  // namespace sterna::cli
