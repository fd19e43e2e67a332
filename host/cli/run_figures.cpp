// SPDX-License-Identifier: Apache-2.0
#include "host/cli/run_figures.h"

#include <fmt/format.h>

#include "support/json.h"

namespace sterna::cli {
namespace {

Json to_json(const Sequence& s) {
  return {{"tokens", s.tokens}, {"text", s.text}, {"prompt_tokens", s.prompt}};
}

}  // namespace

std::string figures_text(const RunFigures& figures, const RunOptions& options,
                         const engine::Engine& engine) {
  const profile::Profile& profile = figures.profile;
  const auto positions = static_cast<double>(profile.positions);
  std::string text = fmt::format("{} tokens", figures.generated);
  if (profile.machine.lanes > 1) {
    text += fmt::format(", {} positions in {} passes of {} lanes", profile.positions,
                        profile.passes, profile.machine.lanes);
  }
  if (profile.cycles() > 0) {
    const double cycles_per_token = profile.cycles() / positions;
    text += fmt::format(", {:.0f} cycles per token, {:.1f} tok/s at {:g} MHz", cycles_per_token,
                        profile.clock_hz() / cycles_per_token, 1e-6 * profile.clock_hz());
    const bool on_card = options.backend.name == "serial" ||
                         (options.backend.name == "xrt" && !options.backend.emulate);
    text += on_card ? fmt::format(", {:.1f} tok/s measured", positions / figures.seconds)
                    : fmt::format(", simulated at {:.1f} kHz",
                                  1e-3 * profile.cycles() / figures.seconds);
  } else {
    text += fmt::format(", {:.2f} s for {} positions, {:.1f} tok/s on {}", figures.seconds,
                        profile.positions, positions / figures.seconds, engine.name());
  }
  return fmt::format("{}{}\n{}", text, options.backend.check ? ", bit-exact: yes" : "",
                     engine.report());
}

std::string figures_json(const RunFigures& figures, const RunOptions& options,
                         const engine::Engine& engine, const std::vector<Sequence>& sequences) {
  Json json = Json::object();
  if (options.batch.empty()) {
    json = to_json(sequences[0]);
  } else {
    for (const Sequence& s : sequences) json["sequences"].push_back(to_json(s));
  }
  json["backend"] = options.backend.name;
  json["positions"] = figures.profile.positions;
  json["passes"] = figures.profile.passes;
  json["cycles"] = figures.profile.counters[Counter::kCycles];
  json["saturated"] = figures.profile.counters[Counter::kSaturated];
  json["clock_khz"] = figures.profile.machine.clock_khz;
  json["seconds"] = figures.seconds;
  if (options.backend.check) json["bit_exact"] = true;
  if (const std::string text = engine.report(); !text.empty()) json["platform"] = text;
  if (options.profile) {
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
      json["counters"][std::string(kCounters[i].name)] = figures.profile.counters.values[i];
    }
  }
  // A token may be part of a character: what is no UTF-8 becomes U+FFFD.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sterna::cli
