#include "host/cli/step_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "asm/disassembler.h"
#include "sim/golden/numerics.h"

namespace sterna {
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

}  // namespace

std::string step_text(const Step& step) {
  if (step.status == Status::kPcOverrun) {
    return fmt::format("pc {:>4}  {}", step.pc, name(step.status));
  }
  const Instruction& in = step.instruction;
  std::string head = fmt::format("pc {:>4}  {:<36}", step.pc, disassemble(in));
  if (step.status != Status::kOk) return fmt::format("{}  {}", head, name(step.status));

  const bool matmul = find_instruction(in.get(Field::kOp))->opcode == Opcode::kTmatmul;
  const std::size_t count = in.get(matmul ? Field::kRows : Field::kLen);
  if (step.scale_written) {
    const auto* q = reinterpret_cast<const std::int8_t*>(step.register_words.data());
    return fmt::format(
        "{}  v{}.q8 ={}, scale {:.6g}", head, in.get(Field::kVd),
        first_elements(count, [&](std::size_t i) { return static_cast<double>(q[i]); }),
        real(static_cast<std::int32_t>(step.scale)));
  }
  if (!step.register_words.empty()) {
    return fmt::format(
        "{}  v{} ={}", head, in.get(Field::kVd),
        first_elements(count, [&](std::size_t i) { return real(step.register_words[i]); }));
  }
  if (step.memory_written.bytes != 0) {
    return fmt::format("{}  {:#x} ={}", head, step.memory_written.address,
                       first_elements(count, [&](std::size_t i) {
                         std::int32_t element = 0;
                         std::memcpy(&element, &step.written_bytes[4 * i], 4);
                         return real(element);
                       }));
  }
  return head;
}

}  // namespace sterna
