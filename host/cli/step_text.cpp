// SPDX-License-Identifier: Apache-2.0
#include "host/cli/step_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "asm/disassembler.h"
#include "isa/numerics.h"

namespace sterna::cli {
namespace {

constexpr std::size_t kShown = 4;  // elements

double real(numerics::fix value) { return static_cast<double>(value) / numerics::kOne; }

// The first elements of `count`, each made text by `element(i)`.
template <typename Element>
std::string first_elements(std::size_t count, Element element) {
  std::string text;
  for (std::size_t i = 0; i < std::min(count, kShown); ++i) {
    text += fmt::format(" {:.6g}", element(i));
  }
  return text + (count > kShown ? " .." : "");
}

// "  lane 2 v3 = .."
std::string register_text(const Instruction& in, const golden::Step::RegisterWrite& write,
                          bool with_lane) {
  const std::size_t count = values_written(in);
  const std::string lane = with_lane ? fmt::format("  lane {}", write.lane) : "";
  if (write.scale_written) {
    const auto* q = reinterpret_cast<const std::int8_t*>(write.words.data());
    return fmt::format(
        "{}  v{}.q8 ={}, scale {:.6g}", lane, in.get(Field::kVd),
        first_elements(count, [&](std::size_t i) { return static_cast<double>(q[i]); }),
        real(static_cast<std::int32_t>(write.scale)));
  }
  return fmt::format("{}  v{} ={}", lane, in.get(Field::kVd),
                     first_elements(count, [&](std::size_t i) { return real(write.words[i]); }));
}

std::string memory_text(const Instruction& in, const golden::Step::MemoryWrite& write) {
  return fmt::format("  {:#x} ={}", write.range.address,
                     first_elements(in.get(Field::kLen), [&](std::size_t i) {
                       std::int32_t element = 0;
                       std::memcpy(&element, &write.bytes[4 * i], 4);
                       return real(element);
                     }));
}

}  // namespace

std::string step_text(const golden::Step& step) {
  if (step.status == Status::kPcOverrun) {
    return fmt::format("pc {:>4}  {}", step.pc, name(step.status));
  }
  const Instruction& in = step.instruction;
  std::string head = fmt::format("pc {:>4}  {:<36}", step.pc, assembly::disassemble(in));
  if (step.status != Status::kOk) return fmt::format("{}  {}", head, name(step.status));

  const std::size_t lanes = std::max(step.registers.size(), step.memory_written.size());
  for (std::size_t i = 0; i < lanes; ++i) {
    if (i > 0) head += fmt::format("\n{:<46}", "");
    head += i < step.registers.size() ? register_text(in, step.registers[i], lanes > 1)
                                      : memory_text(in, step.memory_written[i]);
  }
  return head;
}

}  // namespace sterna::cli
