// SPDX-License-Identifier: Apache-2.0
#include "host/profile/timeline.h"

#include <algorithm>

#include "asm/disassembler.h"
#include "support/error.h"
#include "support/json.h"

namespace sterna::profile {
namespace {

// The unit's place among the tracks, as the observer counts them; HALT has none.
unsigned unit_of(const Instruction& instruction) {
  const InstructionInfo* info = find_instruction(instruction.get(Field::kOp));
  return info == nullptr ? kTracedUnits : static_cast<unsigned>(info->unit);
}

}  // namespace

void Timeline::describe(std::vector<Instruction> program, const Capabilities& capabilities,
                        std::string device) {
  program_ = std::move(program);
  capabilities_ = capabilities;
  device_ = std::move(device);
}

void Timeline::issued(std::uint64_t cycle, std::uint32_t pc) {
  if (pc >= program_.size()) return;
  const unsigned unit = unit_of(program_[pc]);
  if (unit < kTracedUnits) open_[unit].push_back({cycle, cycle, unit, pc});
}

void Timeline::retired(std::uint64_t cycle, unsigned unit, std::uint32_t) {
  if (open_[unit].empty()) return;
  Span span = open_[unit].front();
  open_[unit].pop_front();
  span.end = cycle;
  spans_.push_back(span);
}

void Timeline::memory(std::uint64_t cycle, std::span<const Beats> channels) {
  if (cycle / kWindow != window_) flush_window(cycle / kWindow);
  current_.resize(channels.size());
  for (unsigned c = 0; c < channels.size(); ++c) {
    current_[c].read += channels[c].read;
    current_[c].written += channels[c].written;
  }
}

void Timeline::flush_window(std::uint64_t next) {
  for (unsigned c = 0; c < current_.size(); ++c) {
    traffic_.push_back({window_, c, current_[c].read, current_[c].written});
  }
  std::fill(current_.begin(), current_.end(), Traffic{});
  window_ = next;
}

void Timeline::write(AtomicFile& file) {
  flush_window(window_);  // the last one
  // Microseconds of the configuration's clock.
  const double microseconds = 1e3 / capabilities_.clock_khz;
  Json events = Json::array();
  const auto name = [&](const char* what, unsigned track, const std::string& text) {
    events.push_back(
        {{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", track}, {"args", {{"name", text}}}});
  };
  name("process_name", 0, device_);
  for (unsigned unit = 0; unit < kTracedUnits; ++unit)
    name("thread_name", unit + 1, std::string(kUnits[unit].name));
  for (const Span& span : spans_) {
    const std::string text = assembly::disassemble(program_[span.pc]);
    events.push_back({{"name", text.substr(0, text.find(' '))},
                      {"ph", "X"},
                      {"pid", 1},
                      {"tid", span.unit + 1},
                      {"ts", static_cast<double>(span.begin) * microseconds},
                      {"dur", static_cast<double>(span.end - span.begin) * microseconds},
                      {"args", {{"instruction", text}, {"pc", span.pc}, {"cycle", span.begin}}}});
  }
  for (const Traffic& t : traffic_) {
    events.push_back({{"name", fmt::format("channel {}: beats in {} cycles", t.channel, kWindow)},
                      {"ph", "C"},
                      {"pid", 1},
                      {"ts", static_cast<double>(t.window * kWindow) * microseconds},
                      {"args", {{"read", t.read}, {"written", t.written}}}});
  }
  const Json trace = {{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}};
  file.write(std::string_view(trace.dump()));
  file.commit();
}

}  // namespace sterna::profile
