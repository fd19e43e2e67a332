// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/random_faults.h"

#include <algorithm>
#include <span>

#include "isa/numerics.h"

namespace sterna::rtl {
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
      program_.code.insert(program_.code.begin() + at, bus_error(!matmul_first, at));
      program_.code.insert(program_.code.begin() + at, bus_error(matmul_first, at));
      return;
    }
    for (unsigned i = choices_.pick(1u, 3u); i > 0; --i) {
      program_.code.insert(program_.code.begin() + at, fault(at));
      at = std::min<std::ptrdiff_t>(at + choices_.pick(1, 3),
                                    static_cast<std::ptrdiff_t>(program_.code.size()) - 1);
    }
  }

 private:
  // For a place in the program.
  Instruction fault(std::ptrdiff_t at) {
    if (choices_.chance(40)) return bus_error(choices_.chance(25), at);
    return choices_.chance(50) ? bad_address() : illegal();
  }

  // A legal instruction with a memory operand of its own, with any register.
  Instruction memory_instruction(bool matmul) {
    Instruction in =
        blank(matmul ? Opcode::kTmatmul
                     : choices_.one_of(std::array{Opcode::kLdv, Opcode::kSv, Opcode::kEmb}));
    const auto op = static_cast<Opcode>(in.get(Field::kOp));
    in.set(Field::kLen, choices_.length(capabilities_.vector_length));
    const std::uint32_t r = choices_.pick(0u, capabilities_.registers - 1);
    if (op != Opcode::kSv) in.set(Field::kVd, r);
    if (op == Opcode::kSv) in.set(Field::kVa, r);
    if (matmul) {
      in.set(Field::kVa, (r + 1) % capabilities_.registers);
      in.set(Field::kRows, choices_.length(capabilities_.vector_length));
      in.set(Field::kImm, numerics::pack_scale({1280, 38}));
    }
    return in;
  }
  // The lines of the active lane that reaches furthest, or of each channel's part of a matrix.
  LineRange touched(const Instruction& in) const {
    return lines_touched(in, greatest_token(program_), capabilities_.channels);
  }
  static bool is_matmul(const Instruction& in) {
    return static_cast<Opcode>(in.get(Field::kOp)) == Opcode::kTmatmul;
  }

  // An FFFOUT of what the last FFFIN before `at` walks, or an FFFIN of few trees where there is
  // none, or by chance: small enough for `lines`. Another one of FFFIN's trees may end a program
  // whose FFFOUT is further on.
  Instruction tree(std::ptrdiff_t at, std::uint32_t lines) {
    const auto before = std::span(program_.code).first(static_cast<std::size_t>(at));
    const auto walk = std::find_if(before.rbegin(), before.rend(), [](const Instruction& in) {
      return static_cast<Opcode>(in.get(Field::kOp)) == Opcode::kFffin;
    });
    const bool out = walk != before.rend() && choices_.chance(70);
    Instruction in = blank(out ? Opcode::kFffout : Opcode::kFffin);
    const std::uint32_t r = choices_.pick(0u, capabilities_.registers - 1);
    in.set(Field::kVd, r);
    in.set(Field::kVa, (r + 1) % capabilities_.registers);
    in.set(Field::kImm, numerics::pack_scale({1280, 38}));
    const Field size = out ? Field::kRows : Field::kLen;
    in.set(size, choices_.length(capabilities_.vector_length));
    in.set(out ? Field::kLen : Field::kRows,
           out ? walk->get(Field::kRows) : choices_.pick(1u, std::min(capabilities_.fff, 3u)));
    in.set(Field::kDepth, out ? walk->get(Field::kDepth) : choices_.pick(0u, 5u));
    while (touched(in).count > lines && in.get(size) > 1) in.set(size, (in.get(size) + 1) / 2);
    return in;
  }

  // Inside the edge segment, but partly outside memory.
  Instruction bus_error(bool matmul, std::ptrdiff_t at) {
    matmul = matmul && layout_.product_lines != 0;
    const std::uint32_t size =
        matmul ? layout_.product_lines : program_.segments[layout_.edge.front()].lines;
    const std::uint32_t inside = matmul ? layout_.product_inside : layout_.edge_inside;
    Instruction in = memory_instruction(matmul);
    if (matmul && capabilities_.fff != 0 && choices_.chance(50)) {
      const Instruction walk = tree(at, size);
      if (touched(walk).count <= size) in = walk;
    }
    in.set(Field::kSeg, matmul ? layout_.product_edge : any_of(layout_.edge));
    while (is_matmul(in) && touched(in).count > size) {
      in.set(Field::kRows, (in.get(Field::kRows) + 1) / 2);
    }
    const auto first = static_cast<std::uint32_t>(touched(in).first);
    const auto count = static_cast<std::uint32_t>(touched(in).count);
    const std::uint32_t highest = size - first - count;
    const std::uint32_t lowest = inside + 1 > first + count ? inside + 1 - first - count : 0;
    in.set(Field::kOff, choices_.pick(std::min(lowest, highest), highest));
    return in;
  }

  std::uint32_t any_of(const std::vector<std::uint32_t>& segments) {
    return segments[choices_.pick(std::size_t{0}, segments.size() - 1)];
  }

  // Lines of a closed segment that may be named: those of the last lane's copy below 2^64.
  std::uint64_t closed_size(const Instruction& in) const {
    const std::uint64_t copy =
        is_matmul(in) ? 0
                      : std::uint64_t{program_.segments[in.get(Field::kSeg)].lane_stride} *
                            active_lanes(program_).back();
    return layout_.closed_room > copy ? layout_.closed_room - copy : 0;
  }

  Instruction bad_address() {
    Instruction in = memory_instruction(choices_.chance(25));
    std::uint64_t size = layout_.matrix_size;
    if (is_matmul(in)) {
      const bool closed = choices_.chance(20) && layout_.product_closed;
      in.set(Field::kSeg, closed ? layout_.closed.front() : layout_.number[kMatrices]);
      if (closed) size = closed_size(in);
    } else {
      const Role role = choices_.one_of(std::array{kFixData, kScratch, kTable, kClosed});
      in.set(Field::kSeg, role == kClosed ? any_of(layout_.closed) : layout_.number[role]);
      size = role == kClosed ? closed_size(in) : program_.segments[in.get(Field::kSeg)].lines;
    }
    const std::uint64_t needed = touched(in).first + touched(in).count;
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
    if (choices_.chance(25)) return trees();
    in = blank(Opcode::kTmatmul);  // legal but for one thing
    in.set(Field::kVd, 1);
    in.set(Field::kLen, choices_.length(capabilities_.vector_length));
    in.set(Field::kRows, choices_.pick(1u, 5u));
    in.set(Field::kSeg, layout_.number[kMatrices]);
    in.set(Field::kImm, numerics::pack_scale({1792, 38}));
    switch (choices_.pick(capabilities_.channels > 1 ? 0 : 1, 5)) {
      case 0:  // not a multiple of the channels
        in.set(Field::kSeg,
               layout_.number[kMatrices] + choices_.pick(1u, capabilities_.channels - 1));
        break;
      case 5:
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

  // An FFFIN that is legal where there are any such, or an FFFOUT of trees that no FFFIN walked.
  Instruction trees() {
    const bool out = capabilities_.fff != 0 || choices_.chance(50);
    Instruction in = blank(out ? Opcode::kFffout : Opcode::kFffin);
    in.set(Field::kVd, 1);
    in.set(Field::kLen, 1);
    in.set(Field::kRows, 1);
    in.set(Field::kDepth, out ? 14 : 0);
    in.set(Field::kSeg, layout_.number[kMatrices]);
    in.set(Field::kImm, numerics::pack_scale({1792, 38}));
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

}  // namespace sterna::rtl
