// SPDX-License-Identifier: Apache-2.0
#include "host/replay/probe.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "support/error.h"

namespace sterna::replay {
namespace {

constexpr std::size_t kLineWords = kLineBytes / 4;
constexpr std::chrono::minutes kTimeout{5};  // a simulated board is slow

Instruction make(Opcode opcode, std::initializer_list<std::pair<Field, std::uint32_t>> fields) {
  Instruction in;
  in.set(Field::kOp, static_cast<std::uint32_t>(opcode));
  for (const auto& [field, value] : fields) in.set(field, value);
  return in;
}

}  // namespace

std::uint64_t Probe::scratch_bytes(const Capabilities& has) {
  return std::uint64_t{has.lanes} * has.registers * fix_lines(has.vector_length) * kLineBytes;
}

Probe::Probe(Device& device, const Capabilities& capabilities, std::uint64_t scratch)
    : device_(device),
      capabilities_(capabilities),
      scratch_(scratch),
      rom_(capabilities.rom_depth) {
  if (rom_.size() <= capabilities.registers) {
    throw Error("{}: a ROM of {} instructions is too small to look at {} registers", device.name(),
                rom_.size(), capabilities.registers);
  }
}

std::uint64_t Probe::register_lines() const { return fix_lines(capabilities_.vector_length); }

void Probe::write_rom(std::uint32_t first, std::span<const Instruction> program) {
  bool addressed = false;  // does ROM_ADDR stand at the next instruction?
  for (std::size_t i = 0; i < program.size() && first + i < rom_.size(); ++i) {
    std::optional<Instruction>& there = rom_[first + i];
    if (there == program[i]) {
      addressed = false;
      continue;
    }
    if (!addressed) {
      device_.write_register(reg::kRomAddr, static_cast<std::uint32_t>(4 * (first + i)));
    }
    there.reset();  // until all of it is written
    for (const std::uint32_t word : program[i].words) device_.write_register(reg::kRomData, word);
    there = program[i];
    addressed = true;
  }
}

program::ProgramEnd Probe::run(const Arguments& arguments, std::chrono::milliseconds timeout) {
  for (std::uint32_t offset = Arguments::kBegin; offset < Arguments::kEnd; offset += 4) {
    std::optional<std::uint32_t>& there = arguments_[offset / 4];
    if (there == arguments[offset]) continue;
    there.reset();
    device_.write_register(offset, arguments[offset]);
    there = arguments[offset];
  }
  return program::run_program(device_, timeout);
}

void Probe::forget() {
  std::ranges::fill(rom_, std::nullopt);
  arguments_.fill(std::nullopt);
}

// At the end of the ROM, where programs mostly do not come; one that does is written again.
void Probe::run_own(std::vector<Instruction> program, std::uint64_t lanes) {
  program.push_back(make(Opcode::kHalt, {}));
  const auto entry = static_cast<std::uint32_t>(rom_.size() - program.size());
  write_rom(entry, program);
  Arguments arguments;
  const std::uint64_t stride = capabilities_.registers * register_lines();
  arguments.set_base(0, scratch_);
  arguments[reg::seg_size(0)] = static_cast<std::uint32_t>(stride);
  arguments[reg::seg_lane_stride(0)] = static_cast<std::uint32_t>(stride);
  arguments[reg::kEntry] = entry;
  arguments[reg::kLaneMaskLo] = static_cast<std::uint32_t>(lanes);
  arguments[reg::kLaneMaskHi] = static_cast<std::uint32_t>(lanes >> 32);
  const program::ProgramEnd end = run(arguments, kTimeout);
  if (end.status != Status::kOk) {
    throw Error("{}: a program that only moves registers ended with {} at pc {}", device_.name(),
                name(end.status), end.pc);
  }
}

std::vector<std::vector<std::int32_t>> Probe::read(std::span<const unsigned> lanes,
                                                   std::span<const RegisterPart> parts) {
  std::vector<Instruction> program;
  std::uint64_t lines = 0, mask = 0;
  for (const RegisterPart& part : parts) {
    const std::uint64_t words =
        std::min<std::uint64_t>(part.lines * kLineWords, capabilities_.vector_length);
    program.push_back(make(Opcode::kSv, {{Field::kVa, part.number},
                                         {Field::kOff, static_cast<std::uint32_t>(lines)},
                                         {Field::kLen, static_cast<std::uint32_t>(words)}}));
    lines += part.lines;
  }
  for (const unsigned lane : lanes) mask |= std::uint64_t{1} << lane;
  run_own(std::move(program), mask);
  std::vector<std::vector<std::int32_t>> all;
  const std::uint64_t stride = capabilities_.registers * register_lines() * kLineBytes;
  for (const unsigned lane : lanes) {
    all.emplace_back(lines * kLineWords);
    device_.download(scratch_ + lane * stride, std::as_writable_bytes(std::span(all.back())));
  }
  return all;
}

void Probe::write(std::span<const std::uint32_t> registers, const Words& words) {
  if (registers.empty()) return;
  std::vector<Instruction> program;
  const std::uint64_t bytes = register_lines() * kLineBytes;
  for (const std::uint32_t r : registers) {
    bool zero = true;
    for (unsigned lane = 0; lane < capabilities_.lanes && zero; ++lane) {
      zero = std::ranges::all_of(words(r, lane), [](std::int32_t word) { return word == 0; });
    }
    const std::pair<Field, std::uint32_t> vd{Field::kVd, r},
        len{Field::kLen, capabilities_.vector_length};
    if (zero) {
      program.push_back(make(Opcode::kSet, {vd, len}));
      continue;
    }
    for (unsigned lane = 0; lane < capabilities_.lanes; ++lane) {
      device_.upload(scratch_ + (lane * capabilities_.registers + r) * bytes,
                     std::as_bytes(words(r, lane)));
    }
    const auto place = static_cast<std::uint32_t>(r * register_lines());
    program.push_back(make(Opcode::kLdv, {vd, {Field::kOff, place}, len}));
  }
  run_own(std::move(program), ~std::uint64_t{0} >> (kMaxLanes - capabilities_.lanes));
}

}  // namespace sterna::replay
