// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/memory_model.h"

#include <charconv>
#include <string_view>

#include "sim/dram/dram_timing.h"
#include "sim/platform/ddr4_platform.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::platform {
namespace {

constexpr std::string_view kShared = "shared";
constexpr std::string_view kLatency = "latency=";
constexpr std::string_view kUnit = "ns";

unsigned memory_cycles(unsigned ns) { return ns * 12 / 10; }  // of 1,200 MHz

ControllerLatency parse_latency(std::string_view number, const std::string& text) {
  const char* const end = number.data() + number.size();
  unsigned ns = 0;
  const auto [unit, error] = std::from_chars(number.data(), end, ns);
  if (error != std::errc() || std::string_view(unit, end) != kUnit || ns > kMaxControllerNs) {
    throw Error(
        "'{}': the latency is a whole number of nanoseconds up to {} and its unit, as in "
        "ddr4:{}80ns",
        printable(text), kMaxControllerNs, kLatency);
  }
  const unsigned read = memory_cycles(ns);
  return {.read = read, .write = read / 2};
}

}  // namespace

MemoryModel parse_memory_model(const std::string& text) {
  if (text == "fast") return {};
  const Error none("'{}' is none of {}", printable(text), kMemoryModels);
  MemoryModel model{.timed = true};
  std::string_view rest = text;
  if (rest.starts_with("hbm")) model.memory = {.name = "hbm", .timing = dram::kHbm2Timing};
  if (!rest.starts_with(model.memory.name)) throw none;
  rest.remove_prefix(model.memory.name.size());
  if (rest.empty()) return model;
  if (!rest.starts_with(':')) throw none;
  rest.remove_prefix(1);
  if (rest.starts_with(kShared)) {
    model.memory.shared = true;
    rest.remove_prefix(kShared.size());
    if (rest.empty()) return model;
    if (!rest.starts_with(':')) throw none;
    rest.remove_prefix(1);
  }
  if (!rest.starts_with(kLatency)) throw none;
  model.memory.latency = parse_latency(rest.substr(kLatency.size()), text);
  return model;
}

std::uint64_t port_bytes(const TimedMemory& memory, unsigned ports) {
  return dram::kChannelBytes / (memory.shared ? ports : 1);
}

rtl::PlatformFactory ddr4_platform(const TimedMemory& memory) {
  return [memory](const rtl::PlatformParts& parts) { return make_ddr4_platform(parts, memory); };
}

}  // namespace sterna::platform
