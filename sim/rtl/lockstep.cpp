// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl/lockstep.h"

#include <algorithm>
#include <cstring>

#include "asm/disassembler.h"
#include "sim/golden/step_counters.h"
#include "support/error.h"

namespace sterna::rtl {
namespace {

constexpr std::uint32_t kInstructionWords = kInstructionBits / 32;

// "pc 12: ADD r1, r2, r3, 64"
std::string describe(std::uint32_t pc, const Instruction& instruction) {
  return fmt::format("pc {}: {}", pc, assembly::disassemble(instruction));
}

std::string when(std::uint64_t cycle) {
  return fmt::format("cycle {}, {} ns in the waveform", cycle, cycle);
}

}  // namespace

Lockstep::Lockstep(const RtlModel& model, const golden::Memory& memory,
                   const Capabilities& capabilities)
    : model_(model),
      memory_(memory),
      golden_memory_(memory.bytes()),
      golden_(golden::GoldenMachine::shape_of(capabilities), golden_memory_) {}

std::vector<golden::Step::Range> Lockstep::used_ranges() const {
  const std::uint64_t channel_bytes = memory_.bytes() / golden_.shape().channels;
  std::vector<golden::Step::Range> ranges;
  for (std::size_t c = 0; c < used_.size(); ++c) {
    if (used_[c] != 0) ranges.push_back({c * channel_bytes, used_[c]});
  }
  return ranges;
}

void Lockstep::start(std::span<const std::uint64_t> used) {
  used_.assign(used.begin(), used.end());
  for (const golden::Step::Range& range : used_ranges()) {
    std::memcpy(golden_memory_.at(range.address, range.bytes),
                memory_.at(range.address, range.bytes), range.bytes);
  }
  for (unsigned lane = 0; lane < golden_.shape().lanes; ++lane) {
    for (unsigned r = 0; r < golden_.shape().registers; ++r) {
      const auto golden = golden_.mutable_register_words(r, lane);
      std::ranges::copy(model_.register_words(r, lane).first(golden.size()), golden.begin());
    }
  }
  for (auto& queue : in_flight_) queue.clear();
  golden_finished_ = false;
  counted_ = {};
  golden_.start();
}

void Lockstep::reset() {
  golden_.control() = {};
  rom_address_ = 0;
  for (auto& queue : in_flight_) queue.clear();
}

Lockstep::Effect Lockstep::step() {
  const golden::Step step = golden_.step();
  golden::count(step, counted_);
  Effect effect{.pc = step.pc,
                .instruction = step.instruction,
                .finished = step.finished,
                .status = step.status,
                .registers = {},
                .memory = {}};
  for (const golden::Step::RegisterWrite& write : step.registers) {
    effect.registers.push_back({.lane = write.lane,
                                .words = {write.words.begin(), write.words.end()},
                                .scale_written = write.scale_written,
                                .scale = write.scale});
  }
  for (const golden::Step::MemoryWrite& write : step.memory_written) {
    effect.memory.push_back({write.range.address, {write.bytes.begin(), write.bytes.end()}});
  }
  if (effect.finished) {
    golden_finished_ = true;
    last_ = effect;
  }
  return effect;
}

void Lockstep::compare(std::uint64_t cycle) {
  const TracePins& trace = model_.trace;
  for (unsigned unit = 0; unit < kTracedUnits; ++unit) {
    if (trace.retire >> unit & 1) retire(unit, trace.retire_pc[unit], cycle);
  }
  if (trace.issue) issue(cycle);
}

void Lockstep::issue(std::uint64_t cycle) {
  const std::uint32_t pc = model_.trace.issue_pc;
  // After a bus error in golden the hardware may issue a little further, until the error reaches
  // it.
  if (golden_finished_) {
    if (last_.status == Status::kReadError || last_.status == Status::kWriteError) return;
    throw Error("lockstep: rtl issued pc {} after the program had ended at {} ({})", pc,
                describe(last_.pc, last_.instruction), when(cycle));
  }
  Effect effect = step();
  if (effect.pc != pc) {
    throw Error("lockstep: rtl issued pc {}, golden is at {} ({})", pc,
                describe(effect.pc, effect.instruction), when(cycle));
  }
  const InstructionInfo* info = find_instruction(effect.instruction.get(Field::kOp));
  const bool bus_error =
      effect.status == Status::kReadError || effect.status == Status::kWriteError;
  if (info == nullptr || (effect.status != Status::kOk && !bus_error)) {
    throw Error("lockstep: rtl issued {}, which golden refuses with {} ({})",
                describe(effect.pc, effect.instruction), name(effect.status), when(cycle));
  }
  if (info->unit == Unit::kCtl) return;  // HALT does not retire
  in_flight_[static_cast<unsigned>(info->unit)].push_back(std::move(effect));
}

void Lockstep::retire(unsigned unit, std::uint32_t pc, std::uint64_t cycle) {
  auto& queue = in_flight_[unit];
  if (queue.empty()) {
    if (golden_finished_) return;  // issued after golden's bus error
    throw Error("lockstep: rtl retired pc {} in unit {}, which had issued nothing ({})", pc,
                kUnits[unit].name, when(cycle));
  }
  const Effect effect = std::move(queue.front());
  queue.pop_front();
  if (effect.status != Status::kOk) return;  // a bus error leaves its destination undefined
  if (effect.pc != pc) {
    throw Error("lockstep: rtl retired pc {} in unit {}, which had issued {} ({})", pc,
                kUnits[unit].name, describe(effect.pc, effect.instruction), when(cycle));
  }
  for (const Effect::Register& written : effect.registers) {
    compare_register(effect, written, cycle);
  }
  for (const Effect::Bytes& written : effect.memory) compare_memory(effect, written, cycle);
  ++retired_;
}

void Lockstep::compare_register(const Effect& effect, const Effect::Register& written,
                                std::uint64_t cycle) const {
  const std::uint32_t vd = effect.instruction.get(Field::kVd);
  const auto rtl = model_.register_words(vd, written.lane).first(written.words.size());
  const auto [r, g] = std::ranges::mismatch(rtl, written.words);
  if (r != rtl.end()) {
    throw Error("lockstep: {}: lane {} v{}{}[{}] is {:#010x} in rtl, {:#010x} in golden ({})",
                describe(effect.pc, effect.instruction), written.lane, vd,
                written.scale_written ? ".q8 word " : "", r - rtl.begin(),
                static_cast<std::uint32_t>(*r), static_cast<std::uint32_t>(*g), when(cycle));
  }
  const std::uint32_t scale = model_.register_scale(vd, written.lane);
  if (written.scale_written && scale != written.scale) {
    throw Error("lockstep: {}: lane {} v{}.scale is {:#010x} in rtl, {:#010x} in golden ({})",
                describe(effect.pc, effect.instruction), written.lane, vd, scale, written.scale,
                when(cycle));
  }
}

void Lockstep::compare_memory(const Effect& effect, const Effect::Bytes& written,
                              std::uint64_t cycle) const {
  const std::byte* rtl = memory_.at(written.address, written.bytes.size());
  const std::byte* rtl_end = rtl + written.bytes.size();
  const auto [r, g] = std::mismatch(rtl, rtl_end, written.bytes.begin());
  if (r == rtl_end) return;
  throw Error("lockstep: {}: memory byte {:#x} is {:#04x} in rtl, {:#04x} in golden ({})",
              describe(effect.pc, effect.instruction),
              written.address + static_cast<std::uint64_t>(r - rtl), static_cast<unsigned>(*r),
              static_cast<unsigned>(*g), when(cycle));
}

void Lockstep::finish(Status status, std::uint32_t status_pc, const Counters& counters,
                      std::uint64_t cycle) {
  // Only an instruction that does not issue may be left: a fault, or HALT where it does not count
  // as issued.
  if (!golden_finished_) step();
  if (!golden_finished_) {
    throw Error("lockstep: rtl ended with {} at pc {}, golden would go on ({})", name(status),
                status_pc, when(cycle));
  }
  if (status != last_.status || status_pc != last_.pc) {
    throw Error("lockstep: rtl ended with {} at pc {}, golden with {} at {} ({})", name(status),
                status_pc, name(last_.status), describe(last_.pc, last_.instruction), when(cycle));
  }
  for (const auto& queue : in_flight_) {
    for (const Effect& effect : queue) {
      if (effect.status != Status::kOk) continue;
      throw Error("lockstep: rtl ended without retiring {} ({})",
                  describe(effect.pc, effect.instruction), when(cycle));
    }
  }
  const bool bus_error = status == Status::kReadError || status == Status::kWriteError;
  for (const Counter counter : golden::kCountedBySteps) {
    const bool known = counter == Counter::kSaturated ? !bus_error : status == Status::kOk;
    if (known && counters[counter] != counted_[counter]) {
      throw Error("lockstep: {} is {} in rtl, {} in golden ({})",
                  kCounters[static_cast<std::size_t>(counter)].name, counters[counter],
                  counted_[counter], when(cycle));
    }
  }
  if (status == Status::kOk) compare_everything(cycle);
}

// A write to where no instruction should have written shows here.
void Lockstep::compare_everything(std::uint64_t cycle) const {
  const std::vector<unsigned> active = golden_.active_lanes();
  for (unsigned lane = 0; lane < golden_.shape().lanes; ++lane) {
    compare_lane(lane, std::ranges::find(active, lane) != active.end(), cycle);
  }
  for (const golden::Step::Range& range : used_ranges()) {
    const std::byte* rtl = memory_.at(range.address, range.bytes);
    const std::byte* golden = golden_memory_.at(range.address, range.bytes);
    if (std::memcmp(rtl, golden, range.bytes) == 0) continue;
    const auto at =
        static_cast<std::uint64_t>(std::mismatch(rtl, rtl + range.bytes, golden).first - rtl);
    throw Error("lockstep: at the end memory byte {:#x} is {:#04x} in rtl, {:#04x} in golden ({})",
                range.address + at, static_cast<unsigned>(rtl[at]),
                static_cast<unsigned>(golden[at]), when(cycle));
  }
}

void Lockstep::compare_lane(unsigned lane, bool active, std::uint64_t cycle) const {
  for (unsigned r = 0; r < golden_.shape().registers; ++r) {
    const auto rtl = model_.register_words(r, lane);
    const auto golden = golden_.register_words(r, lane);
    const auto [a, b] = std::ranges::mismatch(rtl, golden);
    if (a != rtl.end() && b != golden.end()) {
      throw Error(
          "lockstep: at the end lane {} v{}[{}] is {:#010x} in rtl, {:#010x} in golden ({})", lane,
          r, a - rtl.begin(), static_cast<std::uint32_t>(*a), static_cast<std::uint32_t>(*b),
          when(cycle));
    }
    const std::uint32_t scale = model_.register_scale(r, lane);
    if (active && scale != golden_.register_scale(r, lane)) {
      throw Error(
          "lockstep: at the end lane {} v{}.scale is {:#010x} in rtl, {:#010x} in golden ({})",
          lane, r, scale, golden_.register_scale(r, lane), when(cycle));
    }
  }
}

void Lockstep::write_register(std::uint32_t offset, std::uint32_t value) {
  golden::ControlState& control = golden_.control();
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    auto& segment = control.segments[s];
    if (offset == reg::seg_base_lo(s)) {
      segment.base = (segment.base & ~std::uint64_t{0xFFFFFFFF}) | value;
    } else if (offset == reg::seg_base_hi(s)) {
      segment.base = (segment.base & 0xFFFFFFFF) | std::uint64_t{value} << 32;
    } else if (offset == reg::seg_size(s)) {
      segment.lines = value;
    } else if (offset == reg::seg_lane_stride(s)) {
      segment.lane_stride = value;
    }
  }
  if (offset == reg::kEntry) control.entry = value;
  write_lane_register(offset, value);
  if (offset == reg::kRomAddr) rom_address_ = value;
  if (offset == reg::kRomData) {
    const std::uint32_t index = rom_address_ / kInstructionWords;
    const std::uint32_t word = rom_address_++ % kInstructionWords;
    rom_word_.words[word] = value;
    if (word == kInstructionWords - 1 && index < golden_.rom().size()) {
      golden_.rom()[index] = rom_word_;
    }
  }
}

void Lockstep::write_lane_register(std::uint32_t offset, std::uint32_t value) {
  golden::ControlState& control = golden_.control();
  for (std::uint32_t lane = 0; lane < kMaxLanes; ++lane) {
    if (offset == reg::token(lane)) control.tokens[lane] = value;
  }
  if (offset == reg::kLaneMaskLo) {
    control.lane_mask = (control.lane_mask & ~std::uint64_t{0xFFFFFFFF}) | value;
  } else if (offset == reg::kLaneMaskHi) {
    control.lane_mask = (control.lane_mask & 0xFFFFFFFF) | std::uint64_t{value} << 32;
  } else if (offset == reg::kPrefill) {
    control.prefill = (value & 1) != 0;
  }
}

}  // namespace sterna::rtl
