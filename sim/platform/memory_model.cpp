// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/memory_model.h"

#include <charconv>
#include <string_view>

#include "sim/platform/ddr4_platform.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::platform {
namespace {

constexpr std::string_view kLatency = "ddr4:latency=";
constexpr std::string_view kUnit = "ns";

unsigned memory_cycles(unsigned ns) { return ns * 12 / 10; }  // of 1,200 MHz

}  // namespace

MemoryModel parse_memory_model(const std::string& text) {
  if (text == "fast") return {};
  if (text == "ddr4") return {.timed = true, .latency = {}};
  if (!text.starts_with(kLatency)) {
    throw Error("'{}' is none of {}", printable(text), kMemoryModels);
  }
  const char* const end = text.data() + text.size();
  unsigned ns = 0;
  const auto [unit, error] = std::from_chars(text.data() + kLatency.size(), end, ns);
  if (error != std::errc() || std::string_view(unit, end) != kUnit || ns > kMaxControllerNs) {
    throw Error(
        "'{}': the latency is a whole number of nanoseconds up to {} and its unit, as in {}80ns",
        printable(text), kMaxControllerNs, kLatency);
  }
  const unsigned read = memory_cycles(ns);
  return {.timed = true, .latency = {.read = read, .write = read / 2}};
}

rtl::PlatformFactory ddr4_platform(const ControllerLatency& latency) {
  return [latency](const rtl::PlatformParts& parts) { return make_ddr4_platform(parts, latency); };
}

}  // namespace sterna::platform
