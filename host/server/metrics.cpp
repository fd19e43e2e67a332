// SPDX-License-Identifier: Apache-2.0
#include "host/server/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace sterna::server {
namespace {

// A label's value, quoted.
std::string label(std::string_view name, std::string_view value) {
  std::string text = fmt::format("{}=\"", name);
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

struct Family {
  const char* name;
  const char* type;
  const char* help;
};

void head(std::string& text, const Family& family) {
  text += fmt::format("# HELP sterna_{0} {2}\n# TYPE sterna_{0} {1}\n", family.name, family.type,
                      family.help);
}

}  // namespace

void Histogram::add(double seconds) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++counts_.at(static_cast<std::size_t>(bound - kBounds.begin()));
  microseconds_ += static_cast<std::uint64_t>(seconds * 1e6);
}

std::string Histogram::text(std::string_view name, std::string_view labels) const {
  std::string text;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    sum += counts_.at(i);
    const std::string bound = i < kBounds.size() ? fmt::format("{:g}", kBounds.at(i)) : "+Inf";
    text += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", name, labels, bound, sum);
  }
  return text + fmt::format("{0}_sum{{{1}}} {2}\n{0}_count{{{1}}} {3}\n", name, labels,
                            1e-6 * static_cast<double>(microseconds_), sum);
}

void ResponseCounts::add(int status) {
  const std::lock_guard lock(mutex_);
  ++counts_[status];
}

std::map<int, std::uint64_t> ResponseCounts::all() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::string metrics_text(const std::map<std::string, const ModelMetrics*>& models,
                         const ResponseCounts& responses) {
  static constexpr struct {
    Family family;
    Count ModelMetrics::*count;
  } kCounts[] = {
      {{"prompt_tokens_total", "counter", "Tokens of prompts."}, &ModelMetrics::prompt_tokens},
      {{"generated_tokens_total", "counter", "Tokens that were generated."},
       &ModelMetrics::generated_tokens},
      {{"engine_steps_total", "counter", "Steps of the engine."}, &ModelMetrics::steps},
      {{"engine_failures_total", "counter", "Steps in which the engine failed."},
       &ModelMetrics::failures},
      {{"saturated_total", "counter", "Instructions that saturated, where they are counted."},
       &ModelMetrics::saturated},
      {{"answers_running", "gauge", "Answers that have a sequence of the engine."},
       &ModelMetrics::running},
      {{"answers_waiting", "gauge", "Answers that wait for one."}, &ModelMetrics::waiting},
  };
  static constexpr struct {
    const char* reason;
    Count ModelMetrics::*count;
  } kEnds[] = {{"stop", &ModelMetrics::stopped},
               {"length", &ModelMetrics::full},
               {"cancelled", &ModelMetrics::cancelled},
               {"failed", &ModelMetrics::failed}};
  std::string text;
  for (const auto& [family, count] : kCounts) {
    head(text, family);
    for (const auto& [name, metrics] : models) {
      text += fmt::format("sterna_{}{{{}}} {}\n", family.name, label("model", name),
                          (metrics->*count).load());
    }
  }
  head(text, {"answers_total", "counter", "Answers that ended, by the reason."});
  for (const auto& [name, metrics] : models) {
    for (const auto& [reason, count] : kEnds) {
      text += fmt::format("sterna_answers_total{{{},{}}} {}\n", label("model", name),
                          label("reason", reason), (metrics->*count).load());
    }
  }
  head(text, {"engine_busy_seconds_total", "counter", "Time in steps of the engine."});
  for (const auto& [name, metrics] : models) {
    text += fmt::format("sterna_engine_busy_seconds_total{{{}}} {}\n", label("model", name),
                        1e-6 * static_cast<double>(metrics->busy_microseconds));
  }
  head(text, {"first_token_seconds", "histogram", "From a request to its first token."});
  for (const auto& [name, metrics] : models) {
    text += metrics->first_token.text("sterna_first_token_seconds", label("model", name));
  }
  head(text, {"responses_total", "counter", "Responses, by their status."});
  for (const auto& [status, count] : responses.all()) {
    text += fmt::format("sterna_responses_total{{code=\"{}\"}} {}\n", status, count);
  }
  return text;
}

}  // namespace sterna::server
