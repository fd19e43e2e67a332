// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/random_program.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "asm/disassembler.h"
#include "host/program/program.h"
#include "isa/numerics.h"
#include "isa/trees.h"
#include "support/error.h"
#include "tests/rtl/random_choices.h"
#include "tests/rtl/random_faults.h"
#include "tests/rtl/random_layout.h"

namespace sterna::rtl {
namespace {

constexpr std::uint32_t kWordsPerLine = kLineBytes / 4;

class Generator {
 public:
  Generator(const RandomProgramOptions& options, const Capabilities& capabilities)
      : options_(options),
        capabilities_(capabilities),
        choices_(options.seed, options.typical_length),
        registers_(capabilities.registers) {}

  RandomProgram make() {
    layout_ = lay_out_memory(program_, choices_, capabilities_);
    token_ = greatest_token(program_);
    give_every_register_a_value();
    const std::size_t body = program_.code.size();
    const unsigned count = pick(options_.min_instructions, options_.max_instructions);
    for (unsigned i = 0; options_.about && i < 3; ++i) emit_about(*options_.about);
    while (!options_.about && program_.code.size() < body + count) {
      if (chance(4)) {
        emit_products();
      } else if (chance(4)) {
        emit_norms();
      } else if (capabilities_.fff != 0 && chance(8)) {
        emit_trees();
      } else {
        emit(random_instruction());
      }
    }
    for (unsigned i = 0; i < 2; ++i) emit(store());
    const bool overrun = options_.faulty && chance(10);
    if (!overrun) emit(blank(Opcode::kHalt));
    if (options_.faulty && !overrun) {
      plant_faults(program_, layout_, choices_, capabilities_, body);
    }
    const auto room = capabilities_.rom_depth - static_cast<std::uint32_t>(program_.code.size());
    program_.entry = overrun ? room : pick(0u, room);
    return std::move(program_);
  }

 private:
  // What the generator knows of a register.
  struct Register {
    std::uint32_t words = 0;  // written from element 0 on
    std::uint32_t q8 = 0;     // of these, words that hold four q8 elements, from element 0 on
    bool scaled = false;      // has a scale that is not 0
  };

  template <typename T>
  T pick(T low, T high) {
    return choices_.pick(low, high);
  }
  bool chance(unsigned percent) { return choices_.chance(percent); }
  std::uint32_t length(std::uint32_t limit) { return choices_.length(limit); }
  std::uint32_t length() { return length(capabilities_.vector_length); }

  // Registers: one that the last instructions used, half of the time.
  std::uint32_t any_register() {
    if (chance(50) && !recent_.empty()) return recent_[pick(std::size_t{0}, recent_.size() - 1)];
    return pick(0u, capabilities_.registers - 1);
  }
  void remember(std::uint32_t r) {
    recent_.push_back(r);
    if (recent_.size() > 4) recent_.erase(recent_.begin());
  }

  static std::uint32_t lines(std::uint32_t elements) {
    return static_cast<std::uint32_t>(fix_lines(elements));
  }

  // A memory operand of `count` lines that lies inside the segment.
  void set_memory(Instruction& in, Role role, std::uint32_t count, std::uint32_t skip = 0) {
    const std::uint32_t size = program_.segments[layout_.number[role]].lines;
    in.set(Field::kSeg, layout_.number[role]);
    in.set(Field::kOff, pick(0u, size - count - skip));
  }

  void wrote_fix(std::uint32_t vd, std::uint32_t len) {
    registers_[vd].words = std::max(registers_[vd].words, lines(len) * kWordsPerLine);
    registers_[vd].q8 = 0;
    remember(vd);
  }
  void wrote_q8(std::uint32_t vd, std::uint32_t words) {
    words = lines(words) * kWordsPerLine;
    registers_[vd].words = std::max(registers_[vd].words, words);
    registers_[vd].q8 = std::max(registers_[vd].q8, words);
    remember(vd);
  }

  void emit(const Instruction& in) { program_.code.push_back(in); }

  void give_every_register_a_value() {
    for (std::uint32_t r = 0; r < capabilities_.registers; ++r) {
      const std::uint32_t len = chance(30) ? length() : capabilities_.vector_length;
      emit(r % 4 == 3 ? set(r, len) : load(r, len));
    }
  }

  Instruction set(std::uint32_t vd, std::uint32_t len) {
    Instruction in = blank(Opcode::kSet);
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    in.set(Field::kImm, static_cast<std::uint32_t>(choices_.fix_value()));
    wrote_fix(vd, len);
    return in;
  }

  Instruction load(std::uint32_t vd, std::uint32_t len) {
    Instruction in = blank(Opcode::kLdv);
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    const Role role = choices_.one_of(std::array{kFixData, kScratch, kTable});
    set_memory(in, role, lines(len));
    // Straight after a store: from where it went.
    if (role == kScratch && chance(70)) {
      const std::uint32_t size = program_.segments[layout_.number[role]].lines;
      in.set(Field::kOff, std::min(last_store_, size - lines(len)));
    }
    wrote_fix(vd, len);
    return in;
  }

  Instruction load_q8(std::uint32_t vd) {
    Instruction in = blank(Opcode::kLdv);
    const std::uint32_t len = length();
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    set_memory(in, kQ8Data, lines(len));
    wrote_q8(vd, len);
    return in;
  }

  Instruction embed(std::uint32_t vd) {
    Instruction in = blank(Opcode::kEmb);
    const std::uint32_t len = length();
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    set_memory(in, kTable, lines(len), token_ * lines(len));
    wrote_fix(vd, len);
    return in;
  }

  Instruction store() { return store(any_register()); }
  Instruction store(std::uint32_t va) {
    Instruction in = blank(Opcode::kSv);
    const std::uint32_t len = length(registers_[va].words);
    in.set(Field::kVa, va);
    in.set(Field::kLen, len);
    set_memory(in, kScratch, lines(len));
    last_store_ = in.get(Field::kOff);
    remember(va);
    return in;
  }

  Instruction row_wise(Opcode op) {
    Instruction in = blank(op);
    const InstructionInfo& info = *find_instruction(static_cast<std::uint32_t>(op));
    std::uint32_t limit = capabilities_.vector_length;
    for (const auto& [operand, field] : {std::pair{Operand::kVa, Field::kVa},
                                         {Operand::kVb, Field::kVb},
                                         {Operand::kVc, Field::kVc}}) {
      if (!info.has(operand)) continue;
      const std::uint32_t r = any_register();
      in.set(field, r);
      limit = std::min(limit, registers_[r].words);
    }
    const std::uint32_t vd = chance(25) ? in.get(Field::kVa) : any_register();
    const std::uint32_t len = op == Opcode::kDiv ? length(std::min(limit, 20u)) : length(limit);
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    if (info.imm_kind == ImmKind::kEps) {
      in.set(Field::kImm, any_eps());
    } else if (info.has(Operand::kImm)) {  // a power or a headroom, in the low bits
      in.set(Field::kImm, chance(50) ? pick(0u, 15u) : choices_.any_word());
    }
    remember(in.get(Field::kVa));
    wrote_fix(vd, len);
    return in;
  }

  Instruction quantise(std::uint32_t va, std::uint32_t vd) {
    return quantise(va, vd, length(registers_[va].words));
  }
  Instruction quantise(std::uint32_t va, std::uint32_t vd, std::uint32_t len) {
    Instruction in = blank(Opcode::kQuant);
    in.set(Field::kVa, va);
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    if (vd == va) registers_[vd].q8 = 0;
    wrote_q8(vd, static_cast<std::uint32_t>(q8_lines(len)) * kWordsPerLine);
    registers_[vd].scaled = true;
    return in;
  }

  // The instruction with what it needs, and a store of its result.
  void emit_about(Opcode op) {
    const auto is_it = [&](const Instruction& in) {
      return in.get(Field::kOp) == static_cast<std::uint32_t>(op);
    };
    const auto before = static_cast<std::ptrdiff_t>(program_.code.size());
    while (std::none_of(program_.code.begin() + before, program_.code.end(), is_it)) {
      switch (op) {
        case Opcode::kHalt:
          return;  // every program has one
        case Opcode::kLdv:
          emit(chance(50) ? load(any_register(), length()) : load_q8(any_register()));
          break;
        case Opcode::kSv:
          emit(store());
          return;
        case Opcode::kEmb:
          emit(embed(any_register()));
          break;
        case Opcode::kSet:
          emit(set(any_register(), length()));
          break;
        case Opcode::kQuant:
          emit(quantise(any_register(), any_register()));
          break;
        case Opcode::kTmatmul:
          emit(matmul(any_register()));
          break;
        case Opcode::kFffin:
        case Opcode::kFffout:
          emit_trees();
          break;
        case Opcode::kTopk:
          emit(top());
          break;
        default:
          emit(row_wise(op));
      }
    }
    emit(store(std::ranges::find_if(program_.code.rbegin(), program_.code.rend(), is_it)
                   ->get(Field::kVd)));
  }

  // Products back to back, each from what the one before gave, or from the same register, or onto
  // it: the stream of weights must not get ahead of the registers.
  void emit_products() {
    for (unsigned i = pick(2u, 5u); i > 0; --i) {
      const Instruction product = matmul(any_register());
      emit(product);
      if (static_cast<Opcode>(product.get(Field::kOp)) != Opcode::kTmatmul) continue;
      if (chance(50)) continue;
      const std::uint32_t vd = product.get(Field::kVd);
      emit(quantise(vd, chance(50) ? vd : any_register()));
      if (chance(70)) emit(matmul(program_.code.back().get(Field::kVd)));
    }
  }

  // The trees of an FFF layer, over whatever the matrices' memory holds: a walk, an activation or
  // none, and once or more the nodes on its paths.
  void emit_trees() {
    TreeShape shape{.trees = pick(1u, std::min(capabilities_.fff, 8u)), .depth = pick(0u, 9u)};
    const std::uint32_t channels = capabilities_.channels;
    const auto fits = [&] {
      return shape.elements() <= capabilities_.vector_length &&
             tree_out_lines(shape, 64, channels) <= layout_.matrix_lines;
    };
    while (!fits()) shape = {(shape.trees + 1) / 2, shape.depth / 2};
    const Instruction product = matmul(any_register());
    emit(product);
    if (static_cast<Opcode>(product.get(Field::kOp)) != Opcode::kTmatmul) return;
    Instruction in = product;  // its source and columns, or fewer
    in.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kFffin));
    std::uint32_t columns = in.get(Field::kLen);
    while (tree_in_lines(shape, columns, channels) > layout_.matrix_lines)
      columns = (columns + 1) / 2;
    in.set(Field::kLen, columns);
    in.set(Field::kRows, shape.trees);
    in.set(Field::kDepth, shape.depth);
    set_place(in, tree_in_lines(shape, columns, channels));
    emit(in);
    const std::uint32_t vd = in.get(Field::kVd);
    wrote_fix(vd, shape.elements());
    for (unsigned i = pick(0u, 2u); i > 0; --i) {
      const std::uint32_t q = chance(50) ? vd : any_register();
      emit(quantise(vd, q, shape.elements()));
      Instruction out = in;
      out.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kFffout));
      std::uint32_t rows = length();
      while (tree_out_lines(shape, rows, channels) > layout_.matrix_lines) rows = (rows + 1) / 2;
      out.set(Field::kVa, q);
      out.set(Field::kVd, (q + 1) % capabilities_.registers);
      out.set(Field::kLen, shape.trees);
      out.set(Field::kRows, rows);
      set_place(out, tree_out_lines(shape, rows, channels));
      emit(out);
      wrote_fix(out.get(Field::kVd), rows);
      if (q == vd) return;
      if (out.get(Field::kVd) == vd) return;
    }
  }
  void set_place(Instruction& in, std::uint64_t lines) {
    in.set(Field::kOff, pick(0u, layout_.matrix_lines - static_cast<std::uint32_t>(lines)));
  }

  // Norms of one register, or almost, and what they give quantised: the RMS unit must know when
  // what it found in a register is no longer so.
  void emit_norms() {
    const std::uint32_t x = any_register();
    std::uint32_t len = length(registers_[x].words);
    std::uint32_t eps = any_eps();
    for (unsigned i = pick(2u, 5u); i > 0; --i) {
      if (chance(15)) len = length(registers_[x].words);
      if (chance(15)) eps = any_eps();
      if (chance(15)) emit(row_wise(Opcode::kLift));
      const std::uint32_t va = chance(85) ? x : any_register();
      const std::uint32_t vb = any_register();
      const std::uint32_t vd = any_register();
      const std::uint32_t n = std::min({len, registers_[va].words, registers_[vb].words});
      Instruction in = blank(chance(80) ? Opcode::kNorm : Opcode::kNorml);
      in.set(Field::kVd, vd);
      in.set(Field::kVa, va);
      in.set(Field::kVb, vb);
      in.set(Field::kLen, n);
      in.set(Field::kImm, eps);
      emit(in);
      wrote_fix(vd, n);
      if (chance(25)) emit(in_between(x, vd));
      if (chance(60)) {
        const std::uint32_t from = chance(85) ? vd : va;
        const std::uint32_t to = chance(50) ? from : any_register();
        emit(chance(80) ? quantise(from, to, n) : quantise(from, to));
      }
      if (chance(25)) emit(in_between(x, vd));
    }
  }
  Instruction in_between(std::uint32_t source, std::uint32_t result) {
    if (chance(50)) return random_instruction();
    const std::uint32_t vd = chance(50) ? source : result;
    return chance(50) ? set(vd, length()) : load(vd, length());
  }
  std::uint32_t any_eps() {
    return choices_.one_of(std::array{0u, 1u, 0xFFFFFFFFu, 1'099'512u, choices_.any_word()});
  }

  // List after list, with ids that run on, that come again or that wrap around.
  Instruction top() {
    Instruction in = blank(Opcode::kTopk);
    const std::uint32_t va = any_register();
    in.set(Field::kVa, va);
    in.set(Field::kVd, any_register());
    in.set(Field::kLen, length(registers_[va].words));
    if (chance(20)) next_id_ = choices_.one_of(std::array{0u, 7u, 0xFFFFFFF0u, 0x7FFFFFF0u});
    in.set(Field::kImm, next_id_);
    if (chance(80)) next_id_ += in.get(Field::kLen);
    remember(va);
    wrote_fix(in.get(Field::kVd), 2 * kTopEntries);
    return in;
  }

  // From `va`, or the next register that holds q8; if there is none, one is quantised first. Now
  // and then the scale is still 0.
  Instruction matmul(std::uint32_t va) {
    const bool any_scale = chance(10);
    const auto fits = [&](const Register& r) { return r.q8 != 0 && (r.scaled || any_scale); };
    for (std::uint32_t i = 0; i < capabilities_.registers && !fits(registers_[va]); ++i) {
      va = (va + 1) % capabilities_.registers;
    }
    if (!fits(registers_[va])) return quantise(any_register(), any_register());
    std::uint32_t vd = any_register();
    if (vd == va) vd = (va + 1) % capabilities_.registers;
    Instruction in = blank(Opcode::kTmatmul);
    const std::uint32_t cols = length(std::min(capabilities_.vector_length, 4 * registers_[va].q8));
    std::uint32_t rows = length();
    const std::uint32_t channels = capabilities_.channels;
    while (matrix_lines(rows, cols, channels) > layout_.matrix_lines) rows = (rows + 1) / 2;
    in.set(Field::kVd, vd);
    in.set(Field::kVa, va);
    in.set(Field::kLen, cols);
    in.set(Field::kRows, rows);
    in.set(Field::kSeg, layout_.number[kMatrices]);
    in.set(Field::kOff, pick(0u, layout_.matrix_lines - static_cast<std::uint32_t>(
                                                            matrix_lines(rows, cols, channels))));
    const std::uint32_t exponent = chance(70) ? pick(28u, 48u) : pick(kMinScaleExponent, 63u);
    in.set(Field::kImm, numerics::pack_scale({pick(0u, 0xFFFFFFu), exponent}));
    remember(va);
    wrote_fix(vd, rows);
    return in;
  }

  Instruction random_instruction() {
    const unsigned kind = pick(0u, 99u);
    if (kind < 10) return load(any_register(), length());
    if (kind < 14) return load_q8(any_register());
    if (kind < 18) return embed(any_register());
    if (kind < 30) return store();
    if (kind < 35) return set(any_register(), length());
    if (kind < 44) return quantise(any_register(), any_register());
    if (kind < 55) return matmul(any_register());
    if (kind < 58) return row_wise(Opcode::kNorm);
    if (kind < 61) return row_wise(chance(50) ? Opcode::kLift : Opcode::kNorml);
    if (kind < 64) return row_wise(Opcode::kDiv);
    if (kind < 70) return row_wise(Opcode::kScan);
    if (kind < 76) return top();
    const std::vector<Opcode>& plain = plain_row_wise();
    return row_wise(plain[pick(std::size_t{0}, plain.size() - 1)]);
  }

  // Row-wise instructions that have no turn of their own above.
  static const std::vector<Opcode>& plain_row_wise() {
    static const std::vector<Opcode> plain = [] {
      std::vector<Opcode> found;
      for (const InstructionInfo& info : kInstructionSet) {
        const bool own_turn = info.opcode == Opcode::kDiv || info.opcode == Opcode::kScan ||
                              info.opcode == Opcode::kSet;
        if (info.unit == Unit::kRow && !own_turn) found.push_back(info.opcode);
      }
      return found;
    }();
    return plain;
  }

  RandomProgramOptions options_;
  Capabilities capabilities_;
  RandomChoices choices_;
  RandomProgram program_;
  RandomLayout layout_;
  std::uint32_t token_ = 0;  // the greatest of the active lanes
  std::uint32_t last_store_ = 0;
  std::uint32_t next_id_ = 0;  // of TOPK
  std::vector<Register> registers_;
  std::vector<std::uint32_t> recent_;
};

}  // namespace

RandomProgram random_program(const RandomProgramOptions& options,
                             const Capabilities& capabilities) {
  return Generator(options, capabilities).make();
}

std::string RandomProgram::listing() const {
  std::string text = fmt::format("entry {}, lanes {:#x}, prefill {:#x}, tokens {}\n", entry,
                                 lane_mask, prefill, fmt::join(tokens, " "));
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const Segment& segment = segments[s];
    if (segment.lines == 0) continue;
    text +=
        fmt::format("b{}: {:#x}{}, {} lines, stride {}\n", s, segment.begin,
                    segment.from_end ? " from the end" : "", segment.lines, segment.lane_stride);
  }
  for (std::size_t i = 0; i < code.size(); ++i) {
    text += fmt::format("{:5}  {}\n", entry + i, assembly::disassemble(code[i]));
  }
  return text;
}

void load(Device& device, const RandomProgram& program, std::span<const std::uint64_t> addresses,
          std::uint64_t memory_bytes) {
  for (std::size_t c = 0; c < addresses.size(); ++c) device.upload(addresses[c], program.images[c]);
  program::load_program(device, program.code, program.entry);
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    const RandomProgram::Segment& segment = program.segments[s];
    const std::size_t channel = s % addresses.size();
    std::uint64_t base = segment.begin;
    if (!segment.absolute) {
      base += segment.from_end ? (channel + 1) * memory_bytes : addresses[channel];
    }
    device.write_register(reg::seg_base_lo(s), static_cast<std::uint32_t>(base));
    device.write_register(reg::seg_base_hi(s), static_cast<std::uint32_t>(base >> 32));
    device.write_register(reg::seg_size(s), segment.lines);
    device.write_register(reg::seg_lane_stride(s), segment.lane_stride);
  }
  device.write_register(reg::kEntry, program.entry);
  for (std::uint32_t lane = 0; lane < program.tokens.size(); ++lane) {
    device.write_register(reg::token(lane), program.tokens[lane]);
  }
  device.write_register(reg::kLaneMaskLo, static_cast<std::uint32_t>(program.lane_mask));
  device.write_register(reg::kLaneMaskHi, static_cast<std::uint32_t>(program.lane_mask >> 32));
  device.write_register(reg::kPrefill, program.prefill);
}

}  // namespace sterna::rtl
