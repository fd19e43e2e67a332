// SPDX-License-Identifier: Apache-2.0
// The directives that give a program its data: .segment .vector .matrix .tree_in .tree_out
// .input .output (docs/assembly.md).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "asm/data_declaration.h"
#include "asm/lexer.h"
#include "asm/operands.h"
#include "asm/program_data.h"
#include "asm/source.h"
#include "asm/symbols.h"

namespace sterna::assembly {

// Reads the directives in the order of the source; where data lies and what is in it is worked out
// when somebody asks, or at the end. All functions throw StatementError.
class DataSection {
 public:
  // Runs one piece of work that may throw StatementError.
  using Guard = std::function<void(const std::function<void()>& work)>;

  // Defines its names in `symbols`; both must outlive this.
  DataSection(Symbols& symbols, const SourceReader& reader) : symbols_(symbols), reader_(reader) {}

  static bool is_directive(std::string_view name);

  // A line that begins with one of them.
  void read_directive(Cursor& cursor);
  // A line that goes on with the vector or the matrix of the line before; false for any other,
  // which ends it.
  bool read_more(std::span<const Token> line);

  // What a name inside [ ] means; nothing when it is neither a segment's nor data's.
  std::optional<NamedMemory> memory(std::string_view name) const;

  // When the whole source has been read.
  ProgramData build(const Guard& guard);

 private:
  struct Segment {
    DataSegment data;
    std::vector<Token> size{};  // what .segment says; empty: what its data takes
    enum class State { kUnplaced, kPlacing, kPlaced } state = State::kUnplaced;
  };
  struct Item {
    DataDeclaration declaration;
    DataItem data;
  };
  struct Mark {  // .input x or .output x, of something that is declared elsewhere
    Token name;
    bool input = false;
  };

  void read_segment(Cursor& cursor);
  void add_segment(Cursor& cursor, const Token& name);
  void read_item(Cursor& cursor, DataKind kind, bool input, bool output);
  std::uint32_t current_segment();
  void define_symbols(const Item& item);
  void place(std::uint32_t segment);
  std::uint64_t place_items(std::uint32_t segment);
  std::uint64_t segment_size(const Segment& segment, std::uint64_t used) const;
  void apply(const Mark& mark);

  Symbols& symbols_;
  const SourceReader& reader_;
  const SymbolLookup lookup_ = [this](const Token& token) { return symbols_.value(token); };
  std::deque<Segment> segments_;
  std::deque<Item> items_;
  std::vector<Mark> marks_;
  std::optional<std::uint32_t> segment_;  // into which data goes
  DataDeclaration* open_ = nullptr;       // what the next line may go on with
  std::uint64_t total_ = 0;               // bytes of all items that are placed
};

}  // namespace sterna::assembly
