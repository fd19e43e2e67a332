// SPDX-License-Identifier: Apache-2.0
#include "host/replay/replay.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "asm/disassembler.h"
#include "sim/golden/step_counters.h"
#include "support/error.h"

namespace sterna::replay {
namespace {

// "pc 12: ADD v1, v2, v3, 64"
std::string describe(std::uint32_t pc, const Instruction& instruction) {
  return fmt::format("pc {}: {}", pc, assembly::disassemble(instruction));
}

Instruction halt() {
  Instruction in;
  in.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kHalt));
  return in;
}

bool bus_error(Status status) {
  return status == Status::kReadError || status == Status::kWriteError;
}

// Calls work(address, bytes) for each stretch of neighbouring lines that `chosen` takes.
template <typename Lines, typename Chosen, typename Work>
void for_each_stretch(const Lines& lines, Chosen chosen, Work work) {
  std::uint64_t begin = 0, end = 0;
  for (const auto& [address, line] : lines) {
    if (!chosen(line)) continue;
    if (address != end) {
      if (begin != end) work(begin, end - begin);
      begin = address;
    }
    end = address + kLineBytes;
  }
  if (begin != end) work(begin, end - begin);
}

}  // namespace

Replay::Replay(Device& device, const SteppedDevice& golden, const Capabilities& capabilities,
               const Places& places, std::uint64_t scratch, bool lockstep)
    : device_(device),
      golden_(golden),
      capabilities_(capabilities),
      places_(places),
      probe_(device, capabilities, scratch),
      lockstep_(lockstep) {
  stale_.fill(true);  // golden's are zero
}

template <typename Work>
auto Replay::attempt(Work work) {
  try {
    return work();
  } catch (...) {
    forget();
    throw;
  }
}

void Replay::forget() {
  probe_.forget();
  known_ = begun_ = counted_ = settled_ = false;
  ran_ = std::numeric_limits<std::size_t>::max();
  stale_.fill(true);
}

void Replay::start(const Arguments& arguments) {
  settle();
  arguments_ = arguments;
  registers_.clear();
  for (unsigned lane = 0; lane < capabilities_.lanes; ++lane) {
    std::vector<std::int32_t>& all = registers_.emplace_back();
    for (unsigned r = 0; r < capabilities_.registers; ++r) {
      const auto words = golden_.register_words(r, lane);
      all.insert(all.end(), words.begin(), words.end());
    }
  }
  for (std::size_t r = 0; r < stale_.size(); ++r) stale_[r] = stale_[r] || lines_written_[r] != 0;
  executed_.clear();
  lines_.clear();
  lines_written_.fill(0);
  read_early_.fill(false);
  pending_.clear();
  touched_.fill(false);
  known_ = begun_ = counted_ = false;
  ran_ = 0;
}

void Replay::settle() {
  if (settled_) return;
  attempt([&] {
    for_each_stretch(
        lines_, [](const Line&) { return true; },
        [&](std::uint64_t address, std::uint64_t bytes) {
          std::vector<std::byte> now(bytes);
          golden_.peek(places_.in_golden(address), now);
          device_.upload(address, now);
        });
  });
  settled_ = true;
}

Replay::Effect Replay::effect_of(const golden::Step& step) const {
  Effect effect{.pc = step.pc,
                .instruction = step.instruction,
                .quantised = false,
                .lanes = {},
                .memory = {}};
  for (const golden::Step::RegisterWrite& write : step.registers) {
    effect.quantised = write.scale_written;
    effect.lanes.push_back({write.lane, {write.words.begin(), write.words.end()}});
  }
  for (const golden::Step::MemoryWrite& write : step.memory_written) {
    effect.memory.push_back(
        {places_.in_device(write.range.address), {write.bytes.begin(), write.bytes.end()}});
  }
  return effect;
}

// Which registers are read early, and what memory held before.
void Replay::note(const golden::Step& step) {
  for (const RegisterRead& read : registers_read(step.instruction)) {
    if (read.lines > lines_written_[read.number]) read_early_[read.number] = true;
  }
  if (!step.registers.empty()) {
    std::uint64_t& written = lines_written_[step.instruction.get(Field::kVd)];
    written = std::max(written, step.registers.front().words.size_bytes() / kLineBytes);
  }
  for (const golden::Step::MemoryWrite& write : step.memory_written) {
    const std::uint64_t address = places_.in_device(write.range.address);
    for (std::uint64_t at = 0; at < write.range.bytes; at += kLineBytes) {
      const auto [line, fresh] = lines_.try_emplace(address + at);
      line->second.last = executed_.size();
      if (!fresh) continue;
      line->second.first = executed_.size();
      std::ranges::copy(write.before.subspan(at, kLineBytes), line->second.before.begin());
    }
  }
}

void Replay::take(const golden::Step& step) {
  settled_ = false;
  if (step.finished) {
    end_ = {};
    end_.pc = step.pc;
    end_.instruction = step.instruction;
    end_.status = step.status;
    return;
  }
  note(step);
  executed_.push_back(step.instruction);
  if (!lockstep_) return;
  Effect effect = effect_of(step);
  std::vector<Effect> due;
  if (hides_pending(effect)) due = std::exchange(pending_, {});
  pending_.push_back(std::move(effect));
  if (due.empty()) return;
  attempt([&] {
    run_to(executed_.size() - 1);
    compare(due);
  });
}

// Would what is to be compared be written over?
bool Replay::hides_pending(const Effect& effect) const {
  const auto hides = [&](const Effect& other) {
    if (!effect.lanes.empty() && !other.lanes.empty() &&
        effect.instruction.get(Field::kVd) == other.instruction.get(Field::kVd)) {
      return true;
    }
    for (const Effect::Bytes& a : effect.memory) {
      for (const Effect::Bytes& b : other.memory) {
        if (a.address < b.address + b.bytes.size() && b.address < a.address + a.bytes.size()) {
          return true;
        }
      }
    }
    return false;
  };
  return std::ranges::any_of(pending_, hides);
}

void Replay::catch_up() {
  if (known_ && ran_ == executed_.size() && pending_.empty()) return;
  attempt([&] {
    if (!known_ || ran_ != executed_.size()) run_to(executed_.size());
    compare(std::exchange(pending_, {}));
  });
}

// The first instructions of the program, and behind them `end`.
program::ProgramEnd Replay::run(std::size_t instructions, const Instruction& end) {
  put_registers_back();
  put_memory_back();
  const std::uint32_t entry = arguments_[reg::kEntry];
  probe_.write_rom(entry, std::span(executed_).first(instructions));
  probe_.write_rom(entry + static_cast<std::uint32_t>(instructions), {&end, 1});
  known_ = false;
  for (const Instruction& in : std::span(executed_).first(instructions)) {
    if (find_instruction(in.get(Field::kOp))->result != Result::kNone) {
      touched_[in.get(Field::kVd)] = true;
    }
  }
  const program::ProgramEnd how = probe_.run(arguments_, timeout_);
  ++runs_;
  ran_ = instructions;
  known_ = begun_ = counted_ = true;
  return how;
}

void Replay::run_to(std::size_t instructions) {
  const program::ProgramEnd how = run(instructions, halt());
  const auto stop = arguments_[reg::kEntry] + static_cast<std::uint32_t>(instructions);
  const Status expected = stop < capabilities_.rom_depth ? Status::kOk : Status::kPcOverrun;
  if (how.status == expected && how.pc == stop) return;
  const std::uint32_t at = how.pc - arguments_[reg::kEntry];
  throw Error("{} ended with {} at {}, golden goes on", device_.name(), name(how.status),
              at < instructions ? describe(how.pc, executed_[at]) : fmt::format("pc {}", how.pc));
}

// Later runs of a program write at least what earlier ones did. So a register that is not read
// before it is written holds what it should after each, once it did at the start.
void Replay::put_registers_back() {
  std::vector<std::uint32_t> registers;
  for (std::uint32_t r = 0; r < capabilities_.registers; ++r) {
    if (begun_ ? read_early_[r] && touched_[r] : stale_[r]) registers.push_back(r);
  }
  const std::size_t words = registers_.front().size() / capabilities_.registers;
  probe_.write(registers, [&](std::uint32_t r, unsigned lane) {
    return std::span<const std::int32_t>(registers_[lane]).subspan(r * words, words);
  });
  stale_.fill(false);
}

void Replay::put_memory_back() {
  for_each_stretch(
      lines_, [&](const Line& line) { return line.first < ran_; },
      [&](std::uint64_t address, std::uint64_t bytes) {
        std::vector<std::byte> before;
        for (auto line = lines_.find(address); before.size() < bytes; ++line) {
          before.insert(before.end(), line->second.before.begin(), line->second.before.end());
        }
        device_.upload(address, before);
      });
}

Replay::End Replay::finish() {
  return attempt([&] {
    // Instructions behind a bus error may have begun to write.
    if (bus_error(end_.status)) catch_up();
    End end;
    end.how = run(executed_.size(), end_.instruction);
    if (end.how.status != end_.status || end.how.pc != end_.pc) {
      throw Error("{} ended with {} at pc {}, golden with {} at {}", device_.name(),
                  name(end.how.status), end.how.pc, name(end_.status),
                  describe(end_.pc, end_.instruction));
    }
    end.counters = read_counters(device_);
    compare(std::exchange(pending_, {}));
    compare_written_memory();
    compare_counters(end.counters);
    if (lockstep_ && end_.status == Status::kOk) compare_all_registers();
    settled_ = true;
    return end;
  });
}

void Replay::compare(const std::vector<Effect>& effects) {
  std::vector<RegisterPart> parts;
  std::vector<unsigned> lanes;
  for (const Effect& effect : effects) {
    if (effect.lanes.empty()) continue;
    lanes.clear();
    for (const Effect::Lane& lane : effect.lanes) lanes.push_back(lane.number);
    parts.push_back({effect.instruction.get(Field::kVd),
                     effect.lanes.front().words.size() * sizeof(std::int32_t) / kLineBytes});
  }
  std::vector<std::vector<std::int32_t>> words;
  if (!parts.empty()) {
    words = probe_.read(lanes, parts);
    counted_ = false;
  }
  std::size_t at = 0;
  for (const Effect& effect : effects) {
    for (std::size_t lane = 0; lane < effect.lanes.size(); ++lane) {
      compare_registers(
          effect, lane,
          std::span<const std::int32_t>(words[lane]).subspan(at, effect.lanes[lane].words.size()));
    }
    if (!effect.lanes.empty()) at += effect.lanes.front().words.size();
    for (const Effect::Bytes& written : effect.memory) compare_memory(effect, written);
    ++compared_;
  }
}

void Replay::compare_registers(const Effect& effect, std::size_t lane,
                               std::span<const std::int32_t> words) const {
  const auto [there, here] = std::ranges::mismatch(words, effect.lanes[lane].words);
  if (there == words.end()) return;
  throw Error("lockstep: {}: lane {} v{}{}[{}] is {:#010x} in {}, {:#010x} in golden",
              describe(effect.pc, effect.instruction), effect.lanes[lane].number,
              effect.instruction.get(Field::kVd), effect.quantised ? ".q8 word " : "",
              there - words.begin(), static_cast<std::uint32_t>(*there), device_.name(),
              static_cast<std::uint32_t>(*here));
}

void Replay::compare_memory(const Effect& effect, const Effect::Bytes& written) const {
  std::vector<std::byte> bytes(written.bytes.size());
  device_.download(written.address, bytes);
  const auto [there, here] = std::ranges::mismatch(bytes, written.bytes);
  if (there == bytes.end()) return;
  throw Error("lockstep: {}: memory byte {:#x} is {:#04x} in {}, {:#04x} in golden",
              describe(effect.pc, effect.instruction),
              written.address + static_cast<std::uint64_t>(there - bytes.begin()),
              static_cast<unsigned>(*there), device_.name(), static_cast<unsigned>(*here));
}

void Replay::compare_written_memory() const {
  for_each_stretch(
      lines_, [](const Line&) { return true; },
      [&](std::uint64_t address, std::uint64_t bytes) {
        std::vector<std::byte> ours(bytes), goldens(bytes);
        device_.download(address, ours);
        golden_.peek(places_.in_golden(address), goldens);
        const auto [there, here] = std::ranges::mismatch(ours, goldens);
        if (there == ours.end()) return;
        const std::uint64_t at = address + static_cast<std::uint64_t>(there - ours.begin());
        const std::size_t by = std::prev(lines_.upper_bound(at))->second.last;
        throw Error(
            "at the end memory byte {:#x} is {:#04x} in {}, {:#04x} in golden, by {}", at,
            static_cast<unsigned>(*there), device_.name(), static_cast<unsigned>(*here),
            describe(arguments_[reg::kEntry] + static_cast<std::uint32_t>(by), executed_[by]));
      });
}

void Replay::compare_counters(const Counters& counters) const {
  const Counters goldens = golden_.counters();
  for (const Counter counter : golden::kCountedBySteps) {
    const bool known =
        counter == Counter::kSaturated ? !bus_error(end_.status) : end_.status == Status::kOk;
    if (!known || counters[counter] == goldens[counter]) continue;
    throw Error("at the end {} is {} in {}, {} in golden",
                kCounters[static_cast<std::size_t>(counter)].name, counters[counter],
                device_.name(), goldens[counter]);
  }
}

// A write to where no instruction should have written shows here.
void Replay::compare_all_registers() {
  std::vector<unsigned> lanes(capabilities_.lanes);
  std::iota(lanes.begin(), lanes.end(), 0u);
  std::vector<RegisterPart> parts;
  for (std::uint32_t r = 0; r < capabilities_.registers; ++r) {
    parts.push_back({r, fix_lines(capabilities_.vector_length)});
  }
  const auto all = probe_.read(lanes, parts);
  counted_ = false;
  for (const unsigned lane : lanes) {
    std::span<const std::int32_t> rest = all[lane];
    for (std::uint32_t r = 0; r < capabilities_.registers; ++r) {
      const auto goldens = golden_.register_words(r, lane);
      const auto words = rest.first(goldens.size());
      rest = rest.subspan(goldens.size());
      const auto [there, here] = std::ranges::mismatch(words, goldens);
      if (there == words.end()) continue;
      throw Error("lockstep: at the end lane {} v{}[{}] is {:#010x} in {}, {:#010x} in golden",
                  lane, r, there - words.begin(), static_cast<std::uint32_t>(*there),
                  device_.name(), static_cast<std::uint32_t>(*here));
    }
  }
  lines_written_.fill(0);  // what the next program finds is golden's
}

std::vector<std::int32_t> Replay::read_register(std::uint32_t r, unsigned lane) {
  return attempt([&] {
    counted_ = false;
    const RegisterPart all{r, fix_lines(capabilities_.vector_length)};
    return probe_.read({&lane, 1}, {&all, 1}).front();
  });
}

Counters Replay::count() {
  if (executed_.empty()) return {};
  catch_up();
  return attempt([&] {
    if (!counted_) run_to(executed_.size());
    Counters counters = read_counters(device_);
    for (const Counter counter : {Counter::kCycles, Counter::kInstructions}) {
      std::uint64_t& value = counters.values[static_cast<std::size_t>(counter)];
      value -= std::min<std::uint64_t>(value, 1);
    }
    return counters;
  });
}

}  // namespace sterna::replay
