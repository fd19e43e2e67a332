// SPDX-License-Identifier: Apache-2.0
// Figures in Prometheus' text form. Whoever works counts; whoever asks reads at any time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace sterna::server {

using Count = std::atomic<std::uint64_t>;

// Seconds, in buckets.
class Histogram {
 public:
  void add(double seconds);
  // The lines of it; `labels` such as model="x".
  std::string text(std::string_view name, std::string_view labels) const;

 private:
  static constexpr std::array kBounds = {0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0};
  std::array<Count, kBounds.size() + 1> counts_{};  // above the last bound, too
  Count microseconds_{};
};

// Of one model.
struct ModelMetrics {
  Count prompt_tokens{}, generated_tokens{};
  Count stopped{}, full{}, cancelled{}, failed{};               // answers, by how they ended
  Count steps{}, failures{}, saturated{}, busy_microseconds{};  // of the engine
  Count running{}, waiting{};                                   // answers, now
  Histogram first_token;                                        // from the request on
};

// Responses by their status.
class ResponseCounts {
 public:
  void add(int status);
  std::map<int, std::uint64_t> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<int, std::uint64_t> counts_;
};

std::string metrics_text(const std::map<std::string, const ModelMetrics*>& models,
                         const ResponseCounts& responses);

}  // namespace sterna::server
