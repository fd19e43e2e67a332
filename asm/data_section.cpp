// SPDX-License-Identifier: Apache-2.0
#include "asm/data_section.h"

#include <algorithm>
#include <string>
#include <utility>

#include "asm/expression.h"
#include "isa/instruction.h"
#include "support/files.h"

namespace sterna::assembly {
namespace {

constexpr std::int64_t kMostSegmentBytes = (std::int64_t{1} << 32) * kLineBytes - kLineBytes;

}  // namespace

bool DataSection::is_directive(std::string_view name) {
  return name == ".segment" || name == ".vector" || name == ".matrix" || name == ".tree_in" ||
         name == ".tree_out" || name == ".input" || name == ".output";
}

void DataSection::read_directive(Cursor& cursor) {
  open_ = nullptr;
  const std::string_view directive = cursor.next().text;
  if (directive == ".segment") return read_segment(cursor);
  const bool input = directive == ".input", output = directive == ".output";
  const bool named = cursor.peek().kind == Token::Kind::kName;
  if ((input || output) && named && cursor.peek(1).kind == Token::Kind::kEnd) {
    marks_.push_back({cursor.next(), input});
    return;
  }
  const DataKind kind = directive == ".matrix"     ? DataKind::kMatrix
                        : directive == ".tree_in"  ? DataKind::kTreeIn
                        : directive == ".tree_out" ? DataKind::kTreeOut
                                                   : DataKind::kVector;
  read_item(cursor, kind, input, output);
}

bool DataSection::read_more(std::span<const Token> line) {
  if (open_ != nullptr && open_->read_line(line)) return true;
  open_ = nullptr;
  return false;
}

// .segment NAME goes on with a segment that is there.
void DataSection::read_segment(Cursor& cursor) {
  const Token& name = cursor.next();
  if (cursor.peek().kind != Token::Kind::kEnd) return add_segment(cursor, name);
  const auto found = std::find_if(segments_.begin(), segments_.end(),
                                  [&](const Segment& s) { return s.data.name == name.text; });
  if (found == segments_.end()) {
    fail_at(name.place, "segment {} needs a number: .segment {}, b0", describe(name),
            printable(name.text, 40));
  }
  segment_ = static_cast<std::uint32_t>(found - segments_.begin());
}

// .segment NAME, bN[, per_lane][, size BYTES]
void DataSection::add_segment(Cursor& cursor, const Token& name) {
  cursor.expect(",");
  const SourcePlace number_place = cursor.peek().place;
  Segment segment{{std::string(name.text), read_segment_number(cursor)}};
  for (const Segment& other : segments_) {
    if (other.data.number == segment.data.number) {
      fail_at(number_place, "b{} is segment '{}' already", other.data.number, other.data.name);
    }
  }
  while (cursor.accept(",")) {
    const Token& word = cursor.next();
    if (word.text == "per_lane" && !segment.data.per_lane) {
      segment.data.per_lane = true;
    } else if (word.text == "size" && segment.size.empty()) {
      segment.size = read_expression(cursor);
    } else {
      fail_at(word.place, "expected per_lane or size, found {}", describe(word));
    }
  }
  cursor.expect_end();
  if (name.text.size() > kLongestDataName) {
    fail_at(name.place, "names of segments have at most {} characters", kLongestDataName);
  }
  const auto index = static_cast<std::uint32_t>(segments_.size());
  symbols_.define(name, [number = std::int64_t{segment.data.number}] { return number; });
  symbols_.define(name, "bytes", [this, index] {
    place(index);
    return static_cast<std::int64_t>(segments_[index].data.bytes);
  });
  segments_.push_back(std::move(segment));
  segment_ = index;
}

std::uint32_t DataSection::current_segment() {
  if (!segment_) {
    segments_.push_back({{std::string(kDefaultSegment)}});
    segment_ = 0;
  }
  return *segment_;
}

void DataSection::read_item(Cursor& cursor, DataKind kind, bool input, bool output) {
  const Token& name = cursor.next();
  if (name.text.size() > kLongestDataName) {
    fail_at(name.place, "names of data have at most {} characters", kLongestDataName);
  }
  DataItem data;
  data.name = name.text;
  data.kind = kind;
  data.segment = current_segment();
  data.input = input;
  data.output = output;
  Item& item = items_.emplace_back(Item{DataDeclaration(name, kind, lookup_), std::move(data)});
  define_symbols(item);
  if (item.data.is_striped() && segments_[item.data.segment].data.per_lane) {
    fail_at(name.place, "{} cannot lie in segment '{}': lanes share their matrices", describe(name),
            segments_[item.data.segment].data.name);
  }
  open_ = &item.declaration;  // also when the rest is wrong: its lines are no instructions
  item.declaration.read(cursor, reader_);
  if (!item.declaration.takes_lines()) open_ = nullptr;
}

// What could not be read was reported: its symbols are there, so that nothing else is.
void DataSection::define_symbols(const Item& item) {
  const DataDeclaration& declaration = item.declaration;
  const auto part = [&](const char* name, std::uint32_t (DataDeclaration::*size)() const) {
    symbols_.define(declaration.name(), name, [&declaration, size] {
      return declaration.is_whole() ? std::int64_t{(declaration.*size)()} : 1;
    });
  };
  symbols_.define(declaration.name(), [this, &item] {
    place(item.data.segment);
    return static_cast<std::int64_t>(item.data.offset);
  });
  switch (declaration.kind()) {
    case DataKind::kVector:
      return part("len", &DataDeclaration::length);
    case DataKind::kMatrix:
      part("rows", &DataDeclaration::rows);
      return part("cols", &DataDeclaration::columns);
    case DataKind::kTreeIn:
    case DataKind::kTreeOut:
      part("trees", &DataDeclaration::trees);
      part("depth", &DataDeclaration::depth);
      part(declaration.kind() == DataKind::kTreeIn ? "cols" : "rows", &DataDeclaration::columns);
      part("path", &DataDeclaration::path);
  }
}

// Gives every item of a segment its size and its offset.
void DataSection::place(std::uint32_t index) {
  Segment& segment = segments_[index];
  if (segment.state == Segment::State::kPlaced) return;
  if (segment.state == Segment::State::kPlacing) {
    const auto first = std::find_if(items_.begin(), items_.end(),
                                    [&](const Item& item) { return item.data.segment == index; });
    const SourcePlace& place =
        first == items_.end() ? segment.size.front().place : first->declaration.name().place;
    fail_at(place, "the size of b{} depends on itself", segment.data.number);
  }
  segment.state = Segment::State::kPlacing;
  try {
    segment.data.bytes = segment_size(segment, place_items(index));
  } catch (const StatementError&) {
    segment.state = Segment::State::kPlaced;  // whoever asks next need not report it again
    throw;
  }
  segment.state = Segment::State::kPlaced;
}

std::uint64_t DataSection::place_items(std::uint32_t index) {
  std::uint64_t used = 0;
  for (Item& item : items_) {
    if (item.data.segment != index) continue;
    const Token& name = item.declaration.name();
    const auto part = [&](const char* what) {
      return static_cast<std::uint32_t>(symbols_.value(item.data.name + what, name.place));
    };
    if (item.data.is_trees()) item.data.trees = {part(".trees"), part(".depth")};
    if (item.data.is_matrix()) item.data.rows = part(".rows");
    item.data.columns = part(item.data.kind == DataKind::kVector    ? ".len"
                             : item.data.kind == DataKind::kTreeOut ? ".rows"
                                                                    : ".cols");
    item.data.offset = used;
    const std::uint64_t bytes = image_bytes(item.data);
    used += bytes;
    total_ += bytes;
    if (total_ > kMostDataBytes) {
      fail_at(name.place, "with {} the data takes more than {} bytes", describe(name),
              kMostDataBytes);
    }
  }
  return used;
}

std::uint64_t DataSection::segment_size(const Segment& segment, std::uint64_t used) const {
  if (segment.size.empty()) return used;
  Cursor cursor(segment.size);
  const std::int64_t size = evaluate(cursor, lookup_);
  cursor.expect_end();
  if (size < static_cast<std::int64_t>(used) || size > kMostSegmentBytes) {
    fail_at(segment.size.front().place, "the size {} of b{} is not in {}..{}", size,
            segment.data.number, used, kMostSegmentBytes);
  }
  return (static_cast<std::uint64_t>(size) + kLineBytes - 1) / kLineBytes * kLineBytes;
}

std::optional<NamedMemory> DataSection::memory(std::string_view name) const {
  if (name == kDefaultSegment) return std::nullopt;
  for (const Segment& segment : segments_) {
    if (segment.data.name == name) return NamedMemory{segment.data.number, false};
  }
  for (const Item& item : items_) {
    if (item.data.name == name) {
      return NamedMemory{segments_[item.data.segment].data.number, true};
    }
  }
  return std::nullopt;
}

void DataSection::apply(const Mark& mark) {
  const auto found = std::find_if(items_.begin(), items_.end(), [&](const Item& item) {
    return item.data.name == mark.name.text;
  });
  if (found == items_.end()) {
    fail_at(mark.name.place, "there is no vector {}: with a length, as in {}[16], it would be made",
            describe(mark.name), printable(mark.name.text, 40));
  }
  if (!mark.input && found->data.is_striped()) {
    fail_at(mark.name.place, "{} {}: programs write vectors", describe(mark.name),
            found->data.is_trees() ? "holds trees" : "is a matrix");
  }
  (mark.input ? found->data.input : found->data.output) = true;
}

ProgramData DataSection::build(const Guard& guard) {
  for (const Mark& mark : marks_) guard([&] { apply(mark); });
  ProgramData data;
  for (std::uint32_t index = 0; index < segments_.size(); ++index) {
    guard([&] { place(index); });
    for (const Item& item : items_) {
      if (item.data.segment != index || !item.declaration.is_whole()) continue;
      DataItem& built = data.items.emplace_back(item.data);
      guard([&] { built.image = item.declaration.image(); });
    }
    data.segments.push_back(segments_[index].data);
  }
  return data;
}

}  // namespace sterna::assembly
