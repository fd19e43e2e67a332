// SPDX-License-Identifier: Apache-2.0
// One vector, matrix or set of trees of the source: its name, its size and what is in it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "asm/data_text.h"
#include "asm/expression.h"
#include "asm/lexer.h"
#include "asm/program_data.h"
#include "asm/source.h"

namespace sterna::assembly {

// Reading keeps tokens; sizes and values are worked out when they are asked for, so that they may
// use symbols that come later in the source. All functions throw StatementError.
class DataDeclaration {
 public:
  DataDeclaration(const Token& name, DataKind kind, const SymbolLookup& lookup)
      : name_(name), kind_(kind), lookup_(lookup) {}

  const Token& name() const { return name_; }
  DataKind kind() const { return kind_; }

  // What stands behind the name: [size] and, after a comma, the contents, or either.
  void read(Cursor& cursor, const SourceReader& reader);
  // False when the declaration could not be read, which was reported.
  bool is_whole() const { return whole_; }
  // May the lines below go on with it?
  bool takes_lines() const {
    return contents_ == Contents::kZeros || contents_ == Contents::kLines;
  }
  // A line of numbers, or of + 0 - and, of a node of FFFIN, its bias; false when it does not look
  // so.
  bool read_line(std::span<const Token> line);

  std::uint32_t length() const;   // of a vector
  std::uint32_t rows() const;     // of a matrix
  std::uint32_t columns() const;  // of a matrix; of trees, that of a node's row
  std::uint32_t trees() const;
  std::uint32_t depth() const;
  std::uint32_t path() const;  // elements of the vector between FFFIN and FFFOUT
  // What lies in memory: whole lines.
  std::vector<std::byte> image() const;

 private:
  enum class Contents { kZeros, kLines, kFill, kRamp, kRandom, kFile };

  bool is_trees() const { return kind_ == DataKind::kTreeIn || kind_ == DataKind::kTreeOut; }
  void read_contents(Cursor& cursor, const SourceReader& reader);
  void read_arguments(Cursor& cursor, Contents contents, std::size_t count);
  void read_file(const Token& name, const SourceReader& reader);

  std::int64_t integer(const std::vector<Token>& tokens) const;
  std::uint32_t dimension(std::size_t index, std::int64_t most) const;
  std::uint32_t counted(std::int64_t count, const char* what, std::int64_t most) const;
  std::uint32_t element(Cursor& cursor) const;
  std::vector<std::uint32_t> filled(std::size_t count) const;
  std::vector<std::uint32_t> ramp(std::size_t count) const;
  std::vector<std::uint32_t> listed() const;
  std::vector<std::byte> vector() const;
  std::vector<std::byte> matrix() const;
  std::vector<std::int8_t> rows_of_trits(std::uint32_t columns) const;
  std::vector<std::byte> tree_image() const;
  std::vector<std::int32_t> node_biases() const;

  Token name_;
  DataKind kind_;
  bool whole_ = false;
  const SymbolLookup& lookup_;
  std::vector<std::vector<Token>> shape_;  // the expressions between its [ ]
  Contents contents_ = Contents::kZeros;
  std::vector<std::vector<Token>> lines_;  // of values, of trits, or the arguments of the contents
  std::vector<std::uint32_t> elements_;    // kFile, of a vector
  TextMatrix file_;                        // kFile, of a matrix
  TextNodes nodes_;                        // kFile, of trees
};

// Tokens up to a comma or the punctuation that ends the expression, or the line; kEnd behind them.
std::vector<Token> read_expression(Cursor& cursor, std::string_view end = {});

}  // namespace sterna::assembly
