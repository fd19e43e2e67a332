// SPDX-License-Identifier: Apache-2.0
#include "asm/operands.h"

#include <charconv>
#include <limits>
#include <optional>

#include "isa/generated/isa.h"

namespace sterna::assembly {
namespace {

// The n of "v12" or "b3", whatever its size; nothing when the name is no such thing.
std::optional<std::uint32_t> numbered(std::string_view name, char letter) {
  if (name.size() < 2 || (name[0] | 0x20) != letter) return std::nullopt;
  std::uint32_t number = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + 1, end, number);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  return error == std::errc() ? number : std::numeric_limits<std::uint32_t>::max();
}

std::uint32_t read_numbered(Cursor& cursor, char letter, std::uint32_t count,
                            std::string_view what) {
  const Token& token = cursor.next();
  const auto number =
      token.kind == Token::Kind::kName ? numbered(token.text, letter) : std::nullopt;
  if (!number) {
    fail_at(token.place, "expected {} {}0..{}{}, found {}", what, letter, letter, count - 1,
            describe(token));
  }
  if (*number >= count) {
    fail_at(token.place, "there is no {} {}, only {}0..{}{}", what, token.text, letter, letter,
            count - 1);
  }
  return *number;
}

std::uint32_t read_ranged(Cursor& cursor, const Names& names, std::string_view what,
                          std::int64_t low, std::int64_t high) {
  const SourcePlace place = cursor.peek().place;
  const std::int64_t value = evaluate(cursor, names.value);
  if (value < low || value > high) {
    fail_at(place, "{} is {}, must be in {}..{}", what, value, low, high);
  }
  return static_cast<std::uint32_t>(value);
}

// b2, the name of a segment, or the name of data, which is left to be read: it begins an offset.
std::uint32_t read_segment(Cursor& cursor, const Names& names, bool& offset_follows) {
  const Token& token = cursor.peek();
  const auto named =
      token.kind == Token::Kind::kName ? names.memory(token.text) : std::optional<NamedMemory>();
  if (!named) {
    const std::uint32_t number = read_segment_number(cursor);
    offset_follows = cursor.accept("+");
    return number;
  }
  offset_follows = named->data;
  if (!named->data) {
    cursor.next();
    offset_follows = cursor.accept("+");
  }
  return named->segment;
}

// An offset is counted from the start of its segment: that of data elsewhere means nothing here.
void check_names(const Cursor& cursor, const Names& names, std::uint32_t segment) {
  for (std::size_t i = 0; cursor.peek(i).kind != Token::Kind::kEnd && !cursor.peek(i).is("]");
       ++i) {
    const Token& token = cursor.peek(i);
    if (token.kind != Token::Kind::kName) continue;
    const auto named = names.memory(token.text);
    if (named && named->data && named->segment != segment) {
      fail_at(token.place, "{} lies in segment b{}, not in b{}", describe(token), named->segment,
              segment);
    }
  }
}

// [b2], [b2 + bytes], [segment + bytes], [data], [data + bytes]
void read_memory(Cursor& cursor, const Names& names, Instruction& out) {
  cursor.expect("[");
  bool offset_follows = false;
  const std::uint32_t segment = read_segment(cursor, names, offset_follows);
  out.set(Field::kSeg, segment);
  if (offset_follows) {
    check_names(cursor, names, segment);
    const SourcePlace place = cursor.peek().place;
    const std::int64_t bytes = evaluate(cursor, names.value);
    const std::int64_t end = (std::int64_t{1} << 32) * kLineBytes;
    if (bytes < 0 || bytes >= end)
      fail_at(place, "offset {} is not in 0..{}", bytes, end - kLineBytes);
    if (bytes % kLineBytes != 0) {
      fail_at(place, "offset {} is not a multiple of {} bytes", bytes, kLineBytes);
    }
    out.set(Field::kOff, static_cast<std::uint32_t>(bytes / kLineBytes));
  }
  cursor.expect("]");
}

void read_operand(const InstructionInfo& info, Operand operand, Cursor& cursor, const Names& names,
                  Instruction& out) {
  switch (operand) {
    case Operand::kVd:
      return out.set(Field::kVd, read_numbered(cursor, 'v', kMaxRegisters, "register"));
    case Operand::kVa:
      return out.set(Field::kVa, read_numbered(cursor, 'v', kMaxRegisters, "register"));
    case Operand::kVb:
      return out.set(Field::kVb, read_numbered(cursor, 'v', kMaxRegisters, "register"));
    case Operand::kVc:
      return out.set(Field::kVc, read_numbered(cursor, 'v', kMaxRegisters, "register"));
    case Operand::kMem:
      return read_memory(cursor, names, out);
    case Operand::kLen:
      return out.set(Field::kLen, read_ranged(cursor, names, "len", 1, kMaxVectorLength));
    case Operand::kRows:
      return out.set(Field::kRows, read_ranged(cursor, names, "rows", 1, kMaxVectorLength));
    case Operand::kTrees:
      return out.set(info.trees, read_ranged(cursor, names, "trees", 1, kMaxTrees));
    case Operand::kDepth:
      return out.set(Field::kDepth, read_ranged(cursor, names, "depth", 0, kMaxTreeDepth));
    case Operand::kImm:
      return out.set(Field::kImm, read_ranged(cursor, names, "the immediate",
                                              std::numeric_limits<std::int32_t>::min(),
                                              std::numeric_limits<std::uint32_t>::max()));
  }
}

Instruction read_words(Cursor& cursor, const Names& names) {
  cursor.next();
  Instruction out;
  for (std::size_t i = 0; i < out.words.size(); ++i) {
    if (i > 0) cursor.expect(",");
    out.words[i] =
        read_ranged(cursor, names, "the word", 0, std::numeric_limits<std::uint32_t>::max());
  }
  cursor.expect_end();
  return out;
}

}  // namespace

std::uint32_t read_segment_number(Cursor& cursor) {
  return read_numbered(cursor, 'b', kSegments, "segment");
}

bool is_reserved(std::string_view name) {
  const auto reg = numbered(name, 'v');
  const auto segment = numbered(name, 'b');
  return (reg && *reg < kMaxRegisters) || (segment && *segment < kSegments);
}

Instruction encode_statement(Cursor& cursor, const Names& names) {
  const Token& mnemonic = cursor.peek();
  if (mnemonic.text == ".word") return read_words(cursor, names);
  if (mnemonic.kind != Token::Kind::kName) {
    fail_at(mnemonic.place, "expected an instruction, found {}", describe(mnemonic));
  }
  const InstructionInfo* info = find_instruction(mnemonic.text);
  if (info == nullptr) {
    fail_at(mnemonic.place, "unknown {} {}",
            mnemonic.text.starts_with('.') ? "directive" : "instruction", describe(mnemonic));
  }
  cursor.next();
  Instruction out;
  out.set(Field::kOp, static_cast<std::uint32_t>(info->opcode));
  bool first = true;
  for (const Operand operand : info->operands()) {
    if (!first) cursor.expect(",");
    first = false;
    read_operand(*info, operand, cursor, names, out);
  }
  cursor.expect_end();
  if (info->distinct && out.get(Field::kVd) == out.get(Field::kVa)) {
    fail_at(mnemonic.place, "{}: destination and source must be different registers",
            info->mnemonic);
  }
  if (check(out, Limits{}) != Status::kOk) {  // the ranges are right, so it can only be a scale
    fail_at(mnemonic.place, "{}: 0x{:08x} is not a weight scale; write scale(x)", info->mnemonic,
            out.get(Field::kImm));
  }
  return out;
}

}  // namespace sterna::assembly
