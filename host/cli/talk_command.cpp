// SPDX-License-Identifier: Apache-2.0
#include "host/cli/talk_command.h"

#include <algorithm>
#include <limits>

#include "host/cli/numbers.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

void set(const std::string& name, const std::string& value, TalkSettings& settings) {
  runtime::SamplerOptions& sampler = settings.sampler;
  if (name == "/temp") {
    sampler.temperature = parse_real_number(value, name, 0, runtime::kMaxTemperature);
  } else if (name == "/top-k") {
    sampler.top_k = static_cast<std::uint32_t>(
        parse_whole_number(value, name, 0, std::numeric_limits<std::uint32_t>::max()));
  } else if (name == "/top-p") {
    sampler.top_p = parse_real_number(value, name, 0, 1);
  } else if (name == "/seed") {
    sampler.seed = parse_whole_number(value, name);
  } else if (name == "/count") {
    settings.count = parse_whole_number(value, name, 1);
  } else {
    throw Error("no command '{}': /help lists them", printable(name));
  }
  runtime::Sampler{sampler};  // are its options in range?
}

}  // namespace

TalkCommand parse_talk_command(const std::string& line, TalkSettings& settings) {
  const std::size_t blank = std::min(line.find(' '), line.size());
  const std::string name = line.substr(0, blank);
  const std::size_t begin = std::min(line.find_first_not_of(' ', blank), line.size());
  const std::string value = line.substr(begin, line.find_last_not_of(' ') + 1 - begin);
  if (value.empty()) {
    if (name == "/help") return TalkCommand::kHelp;
    if (name == "/reset") return TalkCommand::kReset;
    if (name == "/stats") return TalkCommand::kStats;
  }
  TalkSettings changed = settings;
  set(name, value, changed);
  settings = changed;
  return TalkCommand::kSetting;
}

std::string talk_help(const TalkSettings& settings) {
  const runtime::SamplerOptions& sampler = settings.sampler;
  return fmt::format(
      "/reset          forget what was said\n"
      "/count N        tokens of an answer at most ({})\n"
      "/temp T         sample at this temperature; 0 takes the most probable token ({:g})\n"
      "/top-k K        sample among the K most probable tokens; 0 for all ({})\n"
      "/top-p P        sample among the most probable tokens that reach P together ({:g})\n"
      "/seed N         of the sampling ({})\n"
      "/stats          what was read so far, and how fast\n"
      "An empty line goes on with the answer. A line that ends in \\ goes on in the next one.\n",
      settings.count, sampler.temperature, sampler.top_k, sampler.top_p, sampler.seed);
}

}  // namespace sterna::cli
