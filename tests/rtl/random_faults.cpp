#include "tests/rtl/random_faults.h"

#include <algorithm>

#include "sim/golden/numerics.h"

namespace sterna {
namespace {

class FaultPlanter {
 public:
  FaultPlanter(RandomProgram& program, const RandomLayout& layout, RandomChoices& choices,
               const Capabilities& capabilities)
      : program_(program), layout_(layout), choices_(choices), capabilities_(capabilities) {}

  void plant(std::size_t first) {
    auto at = static_cast<std::ptrdiff_t>(choices_.pick(first, program_.code.size() - 2));
    if (choices_.chance(25)) {  // two that are in flight at once, in two units
      const bool matmul_first = choices_.chance(50);
      program_.code.insert(program_.code.begin() + at, bus_error(!matmul_first));
      program_.code.insert(program_.code.begin() + at, bus_error(matmul_first));
      return;
    }
    for (unsigned i = choices_.pick(1u, 3u); i > 0; --i) {
      program_.code.insert(program_.code.begin() + at, fault());
      at = std::min<std::ptrdiff_t>(at + choices_.pick(1, 3),
                                    static_cast<std::ptrdiff_t>(program_.code.size()) - 1);
    }
  }

 private:
  Instruction fault() {
    if (choices_.chance(40)) return bus_error(choices_.chance(25));
    return choices_.chance(50) ? bad_address() : illegal();
  }

  // A legal instruction with a memory operand of its own, with any register.
  Instruction memory_instruction(bool is_matmul) {
    Instruction in =
        blank(is_matmul ? Opcode::kTmatmul
                        : choices_.one_of(std::array{Opcode::kLdv, Opcode::kSv, Opcode::kEmb}));
    const auto op = static_cast<Opcode>(in.get(Field::kOp));
    in.set(Field::kLen, choices_.length(capabilities_.vector_length));
    const std::uint32_t r = choices_.pick(0u, capabilities_.registers - 1);
    if (op != Opcode::kSv) in.set(Field::kVd, r);
    if (op == Opcode::kSv) in.set(Field::kVa, r);
    if (op == Opcode::kTmatmul) {
      in.set(Field::kVa, (r + 1) % capabilities_.registers);
      in.set(Field::kRows, choices_.length(capabilities_.vector_length));
      in.set(Field::kImm, numerics::pack_scale({1280, 38}));
    }
    return in;
  }
  std::uint64_t lines_of(const Instruction& in) const {
    return lines_touched(in, program_.token).count;
  }

  // Inside the edge segment, but partly outside memory.
  Instruction bus_error(bool is_matmul) {
    const std::uint32_t size = program_.segments[layout_.number[kEdge]].lines;
    Instruction in = memory_instruction(is_matmul);
    in.set(Field::kSeg, layout_.number[kEdge]);
    if (static_cast<Opcode>(in.get(Field::kOp)) == Opcode::kTmatmul) {
      while (lines_of(in) > size) in.set(Field::kRows, (in.get(Field::kRows) + 1) / 2);
    }
    const auto first = static_cast<std::uint32_t>(lines_touched(in, program_.token).first);
    const auto count = static_cast<std::uint32_t>(lines_of(in));
    const std::uint32_t highest = size - first - count;
    const std::uint32_t lowest =
        layout_.edge_inside + 1 > first + count ? layout_.edge_inside + 1 - first - count : 0;
    in.set(Field::kOff, choices_.pick(std::min(lowest, highest), highest));
    return in;
  }

  Instruction bad_address() {
    Instruction in = memory_instruction(choices_.chance(25));
    const Role role = choices_.one_of(std::array{kFixData, kScratch, kTable, kClosed});
    in.set(Field::kSeg, layout_.number[role]);
    const std::uint64_t size = program_.segments[layout_.number[role]].lines;
    const LineRange range = lines_touched(in, program_.token);
    const std::uint64_t needed = range.first + range.count;
    if (choices_.chance(70) && needed <= size + 1) {
      in.set(Field::kOff, static_cast<std::uint32_t>(size + 1 - needed));  // one line too far
    } else {
      in.set(Field::kOff, choices_.chance(50) ? 0xFFFFFFFFu : static_cast<std::uint32_t>(size));
    }
    return in;
  }

  Instruction illegal() {
    // One of the program, but not its HALT.
    Instruction in = program_.code[choices_.pick(std::size_t{0}, program_.code.size() - 2)];
    const auto op = static_cast<Opcode>(in.get(Field::kOp));
    switch (choices_.pick(0, 9)) {
      case 0:  // an opcode that is not there
        do in.set(Field::kOp, choices_.pick(0u, 255u));
        while (find_instruction(in.get(Field::kOp)) != nullptr);
        return in;
      case 1: {  // a bit that is not used
        const auto& used = find_instruction(in.get(Field::kOp))->used;
        unsigned bit = 0;
        do bit = choices_.pick(0u, 127u);
        while (used[bit / 32] >> (bit % 32) & 1);
        in.words[bit / 32] |= 1u << (bit % 32);
        return in;
      }
      case 2:
        in.set(Field::kLen, 0);
        return in;
      case 3:
        in.set(Field::kLen, choices_.one_of(std::array{capabilities_.vector_length + 1, 0xFFFFu}));
        return in;
      case 4:
        if (capabilities_.registers == kMaxRegisters) break;
        in.set(op == Opcode::kSv ? Field::kVa : Field::kVd,
               choices_.pick(capabilities_.registers, kMaxRegisters - 1));
        return in;
      default:
        break;
    }
    in = blank(Opcode::kTmatmul);  // legal but for one thing
    in.set(Field::kVd, 1);
    in.set(Field::kLen, choices_.length(capabilities_.vector_length));
    in.set(Field::kRows, choices_.pick(1u, 5u));
    in.set(Field::kSeg, layout_.number[kMatrices]);
    in.set(Field::kImm, numerics::pack_scale({1792, 38}));
    switch (choices_.pick(0, 4)) {
      case 0:
        in.set(Field::kVa, 1);
        break;
      case 1:
        in.set(Field::kRows, 0);
        break;
      case 2:
        in.set(Field::kRows, capabilities_.vector_length + 1);
        break;
      case 3:
        in.set(Field::kImm,
               numerics::pack_scale({7, choices_.chance(50) ? 12u : choices_.pick(0u, 12u)}));
        break;
      default:
        in.set(Field::kImm, 1u << choices_.pick(30u, 31u) | numerics::pack_scale({0, 38}));
        break;
    }
    return in;
  }

  RandomProgram& program_;
  const RandomLayout& layout_;
  RandomChoices& choices_;
  const Capabilities& capabilities_;
};

}  // namespace

void plant_faults(RandomProgram& program, const RandomLayout& layout, RandomChoices& choices,
                  const Capabilities& capabilities, std::size_t first) {
  FaultPlanter(program, layout, choices, capabilities).plant(first);
}

}  // namespace sterna
