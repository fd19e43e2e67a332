// SPDX-License-Identifier: Apache-2.0
#include "host/plan/plan.h"

#include <algorithm>
#include <utility>

namespace sterna::plan {
namespace {

constexpr std::uint64_t kAddressLines = std::uint64_t{1} << 58;  // that 64-bit addresses reach

Kind kind_of(Opcode opcode) {
  switch (opcode) {
    case Opcode::kSet:
      return Kind::kConstant;
    case Opcode::kLdv:
    case Opcode::kEmb:
      return Kind::kLoad;
    case Opcode::kSv:
      return Kind::kStore;
    case Opcode::kScan:
      return Kind::kScan;
    case Opcode::kNorm:
    case Opcode::kNorml:
      return Kind::kNorm;
    case Opcode::kLift:
      return Kind::kLift;
    case Opcode::kQuant:
      return Kind::kQuantise;
    case Opcode::kTmatmul:
      return Kind::kProduct;
    case Opcode::kFffin:
      return Kind::kWalk;
    case Opcode::kFffout:
      return Kind::kSumPath;
    case Opcode::kTopk:
      return Kind::kTop;
    default:
      return Kind::kElementwise;
  }
}

// Products read q8, everything else fix.
std::uint64_t lines_read(const Operation& op) {
  switch (op.kind) {
    case Kind::kProduct:
    case Kind::kWalk:
      return q8_lines(op.length);
    case Kind::kSumPath:
      return q8_lines(op.trees.elements());
    default:
      return fix_lines(op.length);
  }
}

std::uint64_t lines_written(const Instruction& in) {
  switch (find_instruction(in.get(Field::kOp))->result) {
    case Result::kNone:
      return 0;
    case Result::kQ8:
      return q8_lines(values_written(in));
    case Result::kList:
      return fix_lines(std::uint64_t{2} * kTopEntries);
    default:
      return fix_lines(values_written(in));
  }
}

class Builder {
 public:
  explicit Builder(const Target& target) : target_(target) {
    plan_.segments = target.segments;
    plan_.channels = target.limits.channels;
    plan_.keeps_registers = target.registers;
  }

  Plan build(std::span<const Instruction> program, std::uint32_t entry) {
    for (std::uint32_t pc = entry;; ++pc) {
      if (pc >= program.size()) throw Refused(Status::kPcOverrun, pc);
      const Instruction& in = program[pc];
      check_legal(in, pc);
      if (static_cast<Opcode>(in.get(Field::kOp)) == Opcode::kHalt) break;
      add(in, pc);
    }
    mark_head();
    return std::move(plan_);
  }

 private:
  void check_legal(const Instruction& in, std::uint32_t pc) {
    if (check(in, target_.limits) != Status::kOk || !follow_trees(in, walked_)) {
      throw Refused(Status::kIllegalInstruction, pc);
    }
    const InstructionInfo& info = *find_instruction(in.get(Field::kOp));
    if (info.access == Access::kNone) return;
    const bool matrix = striped(info);
    const LineRange lines = lines_touched(in, target_.greatest_token, target_.limits.channels);
    for (std::uint32_t c = 0; c < (matrix ? target_.limits.channels : 1); ++c) {
      const Segment& segment = target_.segments[in.get(Field::kSeg) + c];
      const std::uint64_t skipped = matrix ? 0 : segment.stride * (target_.copies - 1);
      if (!lines.within(segment.lines) ||
          segment.first + skipped + lines.first + lines.count > kAddressLines) {
        throw Refused(Status::kBadAddress, pc);
      }
    }
  }

  void add(const Instruction& in, std::uint32_t pc) {
    const InstructionInfo& info = *find_instruction(in.get(Field::kOp));
    Operation op;
    op.opcode = info.opcode;
    op.kind = kind_of(info.opcode);
    op.pc = pc;
    op.length = in.get(Field::kLen);
    op.rows = in.get(Field::kRows);
    op.imm = in.get(Field::kImm);
    if (op.kind == Kind::kWalk || op.kind == Kind::kSumPath) op.trees = tree_shape(in);
    if (info.access != Access::kNone) {
      op.segment = in.get(Field::kSeg);
      op.lines = lines_touched(in, 0, target_.limits.channels);
    }
    const std::pair<Operand, Field> sources[] = {
        {Operand::kVa, Field::kVa}, {Operand::kVb, Field::kVb}, {Operand::kVc, Field::kVc}};
    for (std::size_t i = 0; i < std::size(sources); ++i) {
      if (info.has(sources[i].first)) {
        op.in[i] = read(in.get(sources[i].second), lines_read(op), pc);
      }
    }
    if (op.kind == Kind::kProduct || op.kind == Kind::kWalk || op.kind == Kind::kSumPath) {
      op.scale = scales_[in.get(Field::kVa)];
    }
    if (op.opcode == Opcode::kNorml) op.before = lift_;
    if (op.kind == Kind::kSumPath) op.before = path_;
    if (op.kind == Kind::kTop) op.before = list_;
    const Value out = append(op, lines_written(in));
    if (out == kNoValue) return;
    write(in.get(Field::kVd), out);
    if (op.kind == Kind::kQuantise) scales_[in.get(Field::kVd)] = out;
    if (op.kind == Kind::kLift) lift_ = out;
    if (op.kind == Kind::kWalk) path_ = out;
    if (op.kind == Kind::kTop) list_ = out;
  }

  Value append(Operation op, std::uint64_t lines) {
    if (lines != 0) {
      op.out = static_cast<Value>(plan_.values.size());
      plan_.values.push_back(
          {static_cast<std::uint32_t>(plan_.operations.size()), static_cast<std::uint32_t>(lines)});
    }
    plan_.operations.push_back(op);
    return op.out;
  }

  std::uint32_t lines_of(Value value) const { return plan_.values[value].lines; }

  // What the vector covers of older ones is gone.
  void write(std::uint32_t r, Value value) {
    std::vector<Value>& parts = plan_.registers[r];
    std::erase_if(parts, [&](Value part) { return lines_of(part) <= lines_of(value); });
    parts.insert(parts.begin(), value);
  }

  Value read(std::uint32_t r, std::uint64_t lines, std::uint32_t pc) {
    std::vector<Value>& parts = plan_.registers[r];
    if (parts.empty() || lines_of(parts.back()) < lines) {
      throw Error("instruction {} reads elements of v{} that no instruction wrote", pc, r);
    }
    while (lines_of(parts.front()) < lines) {
      Operation join;
      join.kind = Kind::kJoin;
      join.pc = pc;
      join.length = lines_of(parts[0]) * kLineBytes / 4;
      join.in = {parts[0], parts[1], kNoValue};
      const Value joined = append(join, lines_of(parts[1]));
      parts.erase(parts.begin(), parts.begin() + 2);
      parts.insert(parts.begin(), joined);
    }
    return parts.front();
  }

  // The operations behind which only results are stored.
  void mark_head() {
    std::vector<bool> needed(plan_.values.size(), false);
    if (target_.registers) {
      for (const auto& parts : plan_.registers) {
        for (const Value value : parts) needed[value] = true;
      }
    }
    for (auto op = plan_.operations.rbegin(); op != plan_.operations.rend(); ++op) {
      op->head = op->kind == Kind::kStore ? plan_.segments[op->segment].result : !needed[op->out];
      if (op->head) continue;
      for (const Value value : op->needs()) {
        if (value != kNoValue) needed[value] = true;
      }
    }
  }

  const Target& target_;
  Plan plan_;
  TreeShape walked_ = kNoTrees;
  std::array<Value, kMaxRegisters> scales_ = [] {
    std::array<Value, kMaxRegisters> none{};
    none.fill(kNoValue);
    return none;
  }();
  Value lift_ = kNoValue, path_ = kNoValue, list_ = kNoValue;
};

// All that the operation can touch, of any copy: line addresses, the end exclusive.
std::pair<std::uint64_t, std::uint64_t> reach(const Plan& plan, const Operation& op) {
  const Segment& segment = plan.segments[op.segment];
  if (segment.stride == 0 && op.opcode != Opcode::kEmb) {
    return {segment.first + op.lines.first, segment.first + op.lines.first + op.lines.count};
  }
  const std::uint64_t copies = segment.stride * (kMaxLanes - 1);
  return {segment.first, segment.first + segment.lines + copies};
}

}  // namespace

bool conflict(const Plan& plan, const Operation& a, const Operation& b) {
  // In one segment, whose copies lie apart from each other, lines say it.
  const Segment& segment = plan.segments[a.segment];
  if (a.segment == b.segment && segment.stride >= segment.lines && a.opcode != Opcode::kEmb &&
      b.opcode != Opcode::kEmb) {
    return a.lines.first < b.lines.first + b.lines.count &&
           b.lines.first < a.lines.first + a.lines.count;
  }
  const auto [a_begin, a_end] = reach(plan, a);
  const auto [b_begin, b_end] = reach(plan, b);
  return a_begin < b_end && b_begin < a_end;
}

Plan make_plan(std::span<const Instruction> program, std::uint32_t entry, const Target& target) {
  return Builder(target).build(program, entry);
}

}  // namespace sterna::plan
