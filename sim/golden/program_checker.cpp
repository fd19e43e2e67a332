// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/program_checker.h"

#include <algorithm>
#include <utility>

#include "support/error.h"

namespace sterna::golden {
namespace {

bool overlap(const Step::Range& a, const Step::Range& b) {
  return a.address < b.address + b.bytes && b.address < a.address + a.bytes;
}

bool overlaps_any(const Step::Range& range, const std::vector<Step::Range>& others) {
  return std::ranges::any_of(others,
                             [&](const Step::Range& other) { return overlap(range, other); });
}

}  // namespace

ProgramChecker::ProgramChecker(std::function<void(const std::string&)> warn)
    : warn_(std::move(warn)) {}

void ProgramChecker::observe(const Step& step) {
  if (step.status != Status::kOk) return;
  const Instruction& in = step.instruction;
  const InstructionInfo& info = *find_instruction(in.get(Field::kOp));
  for (const RegisterRead& read : registers_read(in)) check_read(step, read);
  if (striped(info)) {
    check_matrix(step);
    matrices_.insert(matrices_.end(), step.memory_read.begin(), step.memory_read.end());
  }
  check_stores(step);
  if (!step.registers.empty()) {  // what one lane writes, all do
    const std::uint32_t vd = in.get(Field::kVd);
    const std::uint64_t lines = step.registers.front().words.size_bytes() / kLineBytes;
    lines_written_[vd] = std::max(lines_written_[vd], lines);
    if (step.registers.front().scale_written) quantised_[vd] = true;
  }
}

void ProgramChecker::check_read(const Step& step, const RegisterRead& read) {
  const std::uint64_t written = lines_written_[read.number];
  if (read.lines <= written) return;
  warn(step, fmt::format("reads v{}, of which the program has written only the first {} bytes",
                         read.number, written * kLineBytes));
}

void ProgramChecker::check_stores(const Step& step) {
  const auto spoils = [&](const Step::MemoryWrite& write) {
    return overlaps_any(write.range, matrices_);
  };
  if (std::ranges::any_of(step.memory_written, spoils)) {
    warn(step, "stores to memory that an earlier product reads");
  }
  for (const Step::MemoryWrite& write : step.memory_written) stored_.push_back(write.range);
}

void ProgramChecker::check_matrix(const Step& step) {
  const std::uint32_t va = step.instruction.get(Field::kVa);
  if (!quantised_[va]) {
    warn(step,
         fmt::format("v{} was never written by QUANT: its scale is 0, and so is the product", va));
  }
  if (std::ranges::any_of(step.memory_read,
                          [&](const Step::Range& part) { return overlaps_any(part, stored_); })) {
    warn(step, "reads a matrix from memory that the program stored to before");
  }
}

void ProgramChecker::warn(const Step& step, const std::string& what) const {
  const InstructionInfo& info = *find_instruction(step.instruction.get(Field::kOp));
  warn_(fmt::format("pc {}: {} {}", step.pc, info.mnemonic, what));
}

}  // namespace sterna::golden
