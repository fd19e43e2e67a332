// SPDX-License-Identifier: Apache-2.0
#include "asm/data_declaration.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "asm/immediates.h"
#include "asm/program_data.h"
#include "isa/instruction.h"
#include "isa/trits.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::assembly {
namespace {

constexpr std::int64_t kMostElements = kMostDataBytes / 4;
constexpr std::uint32_t kFixRange = 1u << (31 - kFractionBits);

// How many values stand on a line, separated by commas; one behind the last does not count.
std::int64_t count_values(std::span<const Token> line) {
  std::int64_t count = 0;
  bool in_value = false;
  unsigned depth = 0;
  for (const Token& token : line) {
    if (token.kind == Token::Kind::kEnd) break;
    if (token.is("(")) ++depth;
    if (token.is(")") && depth > 0) --depth;
    const bool between = token.is(",") && depth == 0;
    if (!between && !in_value) ++count;
    in_value = !between;
  }
  return count;
}

// Of a node's line, those in front of its bias.
std::span<const Token> trits_of(std::span<const Token> line) {
  const auto comma =
      std::find_if(line.begin(), line.end(), [](const Token& t) { return t.is(","); });
  return line.first(static_cast<std::size_t>(comma - line.begin()));
}

std::int64_t count_trits(std::span<const Token> line) {
  std::int64_t count = 0;
  for (const Token& token : trits_of(line)) count += static_cast<std::int64_t>(token.text.size());
  return count;
}

void check_trits(std::span<const Token> line) {
  for (const Token& token : line) {
    const std::size_t other = token.text.find_first_not_of("+0-");
    if (other == std::string_view::npos) continue;
    SourcePlace place = token.place;
    place.column += static_cast<unsigned>(other);
    place.length = 1;
    fail_at(place, "expected a row of + 0 -, found '{}'", printable(token.text.substr(other, 1)));
  }
}

}  // namespace

std::vector<Token> read_expression(Cursor& cursor, std::string_view end) {
  std::vector<Token> tokens;
  unsigned depth = 0;
  while (cursor.peek().kind != Token::Kind::kEnd) {
    const Token& token = cursor.peek();
    if (depth == 0 && (token.is(",") || token.is(end))) break;
    if (token.is("(")) ++depth;
    if (token.is(")") && depth > 0) --depth;
    tokens.push_back(cursor.next());
  }
  tokens.push_back({Token::Kind::kEnd, {}, cursor.peek().place});
  return tokens;
}

void DataDeclaration::read(Cursor& cursor, const SourceReader& reader) {
  if (cursor.accept("[")) {
    do {
      shape_.push_back(read_expression(cursor, "]"));
    } while (cursor.accept(","));
    cursor.expect("]");
    const char* sizes = kind_ == DataKind::kVector   ? "one length: [elements]"
                        : kind_ == DataKind::kMatrix ? "rows and columns: [rows, columns]"
                        : kind_ == DataKind::kTreeIn ? "three sizes: [trees, depth, columns]"
                                                     : "three sizes: [trees, depth, rows]";
    const std::size_t wanted = kind_ == DataKind::kVector ? 1 : kind_ == DataKind::kMatrix ? 2 : 3;
    if (shape_.size() != wanted) fail_at(name_.place, "{} has {}", describe(name_), sizes);
  } else if (is_trees()) {
    fail_at(name_.place, "the size of trees has to be said: {}[trees, depth, {}]",
            printable(name_.text, 40), kind_ == DataKind::kTreeIn ? "columns" : "rows");
  }
  if (cursor.peek().kind != Token::Kind::kEnd) {
    cursor.expect(",");
    read_contents(cursor, reader);
  }
  whole_ = true;
}

void DataDeclaration::read_contents(Cursor& cursor, const SourceReader& reader) {
  const Token& word = cursor.peek();
  if (word.text == "file" && cursor.peek(1).kind == Token::Kind::kString) {
    cursor.next();
    const Token& file = cursor.next();
    cursor.expect_end();
    return read_file(file, reader);
  }
  if (kind_ != DataKind::kVector) {
    if (word.text == "random") return read_arguments(cursor, Contents::kRandom, 1);
    fail_at(word.place,
            "expected random SEED or file \"NAME\", found {} ({} stand on lines of their own)",
            describe(word), is_trees() ? "nodes" : "rows of + 0 -");
  }
  if (word.text == "fill") return read_arguments(cursor, Contents::kFill, 1);
  if (word.text == "ramp") return read_arguments(cursor, Contents::kRamp, 2);
  contents_ = Contents::kLines;
  const std::span<const Token> values = cursor.rest();
  lines_.emplace_back(values.begin(), values.end());
}

void DataDeclaration::read_arguments(Cursor& cursor, Contents contents, std::size_t count) {
  const Token& word = cursor.next();
  contents_ = contents;
  do {
    lines_.push_back(read_expression(cursor));
  } while (cursor.accept(","));
  cursor.expect_end();
  if (lines_.size() != count) {
    fail_at(word.place, "{} takes {}, found {}", word.text,
            count == 1 ? "one value" : "two values, the first and the step", lines_.size());
  }
  if (shape_.empty()) {
    fail_at(name_.place, "with {} the size has to be said: {}[{}]", word.text,
            printable(name_.text, 40), kind_ == DataKind::kMatrix ? "rows, columns" : "elements");
  }
}

// Relative to the source that names it.
void DataDeclaration::read_file(const Token& name, const SourceReader& reader) {
  namespace fs = std::filesystem;
  const fs::path path =
      (fs::path(name.place.file->name).parent_path() / name.text).lexically_normal();
  contents_ = Contents::kFile;
  try {
    const std::string text = reader(path);
    if (kind_ == DataKind::kMatrix) {
      file_ = matrix_from_text(text, path.string());
    } else if (is_trees()) {
      nodes_ = nodes_from_text(text, path.string(), kind_ == DataKind::kTreeIn);
    } else {
      elements_ = elements_from_text(text, path.string());
    }
  } catch (const Error& error) {
    fail_at(name.place, "{}", error.what());
  }
}

bool DataDeclaration::read_line(std::span<const Token> line) {
  const Token& first = line.front();
  if (first.kind != Token::Kind::kNumber && !first.is("+") && !first.is("-") && !first.is("(")) {
    return false;
  }
  if (kind_ == DataKind::kTreeIn) {
    check_trits(trits_of(line));
  } else if (kind_ != DataKind::kVector) {
    check_trits(line);
  }
  contents_ = Contents::kLines;
  lines_.emplace_back(line.begin(), line.end());
  return true;
}

std::int64_t DataDeclaration::integer(const std::vector<Token>& tokens) const {
  Cursor cursor(tokens);
  const std::int64_t value = evaluate(cursor, lookup_);
  cursor.expect_end();
  return value;
}

std::uint32_t DataDeclaration::dimension(std::size_t index, std::int64_t most) const {
  const std::int64_t value = integer(shape_[index]);
  if (value < 1 || value > most) {
    fail_at(shape_[index].front().place, "the size {} of {} is not in 1..{}", value,
            describe(name_), most);
  }
  return static_cast<std::uint32_t>(value);
}

std::uint32_t DataDeclaration::counted(std::int64_t count, const char* what,
                                       std::int64_t most) const {
  if (count == 0) {
    fail_at(name_.place, "{} has neither a size nor {}", describe(name_), what);
  }
  if (count > most) {
    fail_at(name_.place, "{} has {} {}, at most {} can be", describe(name_), count, what, most);
  }
  return static_cast<std::uint32_t>(count);
}

std::uint32_t DataDeclaration::length() const {
  if (!shape_.empty()) return dimension(0, kMostElements);
  auto count = static_cast<std::int64_t>(elements_.size());
  if (contents_ == Contents::kLines) {
    for (const std::vector<Token>& line : lines_) count += count_values(line);
  }
  return counted(count, "values", kMostElements);
}

std::uint32_t DataDeclaration::rows() const {
  if (!shape_.empty()) return dimension(0, kMaxVectorLength);
  if (contents_ == Contents::kFile) return file_.rows;
  return counted(static_cast<std::int64_t>(lines_.size()), "rows", kMaxVectorLength);
}

std::uint32_t DataDeclaration::trees() const { return dimension(0, kMaxTrees); }

std::uint32_t DataDeclaration::depth() const {
  const std::int64_t value = integer(shape_[1]);
  if (value < 0 || value > kMaxTreeDepth) {
    fail_at(shape_[1].front().place, "the depth {} of {} is not in 0..{}", value, describe(name_),
            kMaxTreeDepth);
  }
  return static_cast<std::uint32_t>(value);
}

std::uint32_t DataDeclaration::path() const { return TreeShape{trees(), depth()}.elements(); }

std::uint32_t DataDeclaration::columns() const {
  if (is_trees()) return dimension(2, kMaxVectorLength);
  if (!shape_.empty()) return dimension(1, kMaxVectorLength);
  if (contents_ == Contents::kFile) return file_.columns;
  if (lines_.empty()) return 1;  // rows() says what is missing
  return counted(count_trits(lines_.front()), "columns", kMaxVectorLength);
}

std::uint32_t DataDeclaration::element(Cursor& cursor) const {
  const SourcePlace place = cursor.peek().place;
  const double value = evaluate_real(cursor, lookup_);
  const auto fix = encode_fix(value);
  if (!fix) fail_at(place, "{0} is outside -{1}..{1}", value, kFixRange);
  return *fix;
}

std::vector<std::uint32_t> DataDeclaration::filled(std::size_t count) const {
  Cursor cursor(lines_.front());
  const std::uint32_t value = element(cursor);
  cursor.expect_end();
  return std::vector<std::uint32_t>(count, value);
}

std::vector<std::uint32_t> DataDeclaration::ramp(std::size_t count) const {
  std::array<double, 2> argument{};  // the first value, and the step
  for (std::size_t i = 0; i < argument.size(); ++i) {
    Cursor cursor(lines_[i]);
    argument[i] = evaluate_real(cursor, lookup_);
    cursor.expect_end();
  }
  std::vector<std::uint32_t> values;
  for (std::size_t i = 0; i < count; ++i) {
    const double value = argument[0] + static_cast<double>(i) * argument[1];
    const auto fix = encode_fix(value);
    if (!fix) {
      fail_at(lines_.front().front().place, "element {0} is {1}, outside -{2}..{2}", i, value,
              kFixRange);
    }
    values.push_back(*fix);
  }
  return values;
}

std::vector<std::uint32_t> DataDeclaration::listed() const {
  std::vector<std::uint32_t> values;
  for (const std::vector<Token>& line : lines_) {
    // Behind its last comma a list goes on in the next line, if there is one.
    const bool last = &line == &lines_.back();
    Cursor cursor(line);
    do {
      values.push_back(element(cursor));
    } while (cursor.accept(",") && (last || cursor.peek().kind != Token::Kind::kEnd));
    cursor.expect_end();
  }
  return values;
}

std::vector<std::byte> DataDeclaration::vector() const {
  const std::uint32_t count = length();
  const std::vector<std::uint32_t> values = contents_ == Contents::kFile    ? elements_
                                            : contents_ == Contents::kLines ? listed()
                                            : contents_ == Contents::kFill  ? filled(count)
                                            : contents_ == Contents::kRamp
                                                ? ramp(count)
                                                : std::vector<std::uint32_t>(count);
  if (values.size() != count) {
    fail_at(name_.place, "{} has {} elements, but {} values are there", describe(name_), count,
            values.size());
  }
  return vector_image(values);
}

std::vector<std::int8_t> DataDeclaration::rows_of_trits(std::uint32_t columns) const {
  std::vector<std::int8_t> trits;
  for (const std::vector<Token>& line : lines_) {
    if (const std::int64_t count = count_trits(line); count != columns) {
      fail_at(line.front().place, "{} columns, {} has {}", count, describe(name_), columns);
    }
    for (const Token& token : trits_of(line)) {
      for (const char c : token.text) {
        trits.push_back(static_cast<std::int8_t>(c == '+' ? 1 : c == '-' ? -1 : 0));
      }
    }
  }
  return trits;
}

// A bias stands behind the node's trits and a comma; without one it is 0.
std::vector<std::int32_t> DataDeclaration::node_biases() const {
  std::vector<std::int32_t> biases;
  for (const std::vector<Token>& line : lines_) {
    const std::size_t trits = trits_of(line).size();
    if (trits == line.size()) {
      biases.push_back(0);
      continue;
    }
    Cursor cursor(std::span<const Token>(line).subspan(trits + 1));
    biases.push_back(static_cast<std::int32_t>(element(cursor)));
    cursor.expect_end();
  }
  return biases;
}

std::vector<std::byte> DataDeclaration::tree_image() const {
  const TreeShape shape{trees(), depth()};
  const std::uint32_t width = columns();
  const std::uint64_t nodes = std::uint64_t{shape.trees} * shape.nodes();
  const std::uint64_t lines =
      kind_ == DataKind::kTreeIn ? tree_in_lines(shape, width) : tree_out_lines(shape, width);
  if (lines > kMostDataBytes / kLineBytes) return {};  // the segment said so
  std::vector<std::int8_t> trits(nodes * width);
  std::vector<std::int32_t> biases(nodes);
  if (contents_ == Contents::kRandom) {
    trits = random_trits(trits.size(), static_cast<std::uint64_t>(integer(lines_.front())));
  } else if (contents_ == Contents::kLines) {
    if (lines_.size() != nodes) {
      fail_at(name_.place, "{} has {} nodes, but {} are there", describe(name_), nodes,
              lines_.size());
    }
    trits = rows_of_trits(width);
    biases = node_biases();
  } else if (contents_ == Contents::kFile) {
    if (nodes_.biases.size() != nodes || nodes_.columns != width) {
      fail_at(name_.place, "{} has {} nodes of {} trits, but {} of {} are there", describe(name_),
              nodes, width, nodes_.biases.size(), nodes_.columns);
    }
    trits = nodes_.trits;
    biases = nodes_.biases;
  }
  return kind_ == DataKind::kTreeIn ? pack_tree_in(shape, trits, width, biases)
                                    : pack_tree_out(shape, trits, width);
}

std::vector<std::byte> DataDeclaration::matrix() const {
  const std::uint32_t row_count = rows(), column_count = columns();
  const auto check_size = [&](std::uint64_t found_rows, std::uint64_t found_columns) {
    if (found_rows == row_count && found_columns == column_count) return;
    fail_at(name_.place, "{} has {} x {} elements, but {} x {} are there", describe(name_),
            row_count, column_count, found_rows, found_columns);
  };
  switch (contents_) {
    case Contents::kRandom:
      return random_matrix(row_count, column_count,
                           static_cast<std::uint64_t>(integer(lines_.front())));
    case Contents::kFile:
      check_size(file_.rows, file_.columns);
      return file_.packed;
    case Contents::kLines:
      check_size(lines_.size(), column_count);
      return pack_matrix(rows_of_trits(column_count), column_count);
    default:
      return pack_matrix(std::vector<std::int8_t>(std::size_t{row_count} * column_count),
                         column_count);
  }
}

std::vector<std::byte> DataDeclaration::image() const {
  if (is_trees()) return tree_image();
  return kind_ == DataKind::kMatrix ? matrix() : vector();
}

}  // namespace sterna::assembly
