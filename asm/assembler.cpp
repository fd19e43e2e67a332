// SPDX-License-Identifier: Apache-2.0
#include "asm/assembler.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "asm/data_section.h"
#include "asm/expression.h"
#include "asm/lexer.h"
#include "asm/operands.h"
#include "asm/source.h"
#include "asm/symbols.h"
#include "isa/instruction.h"
#include "isa/trees.h"
#include "support/disguise.h"
#include "support/files.h"

namespace sterna::assembly {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDeepestInclude = 16;
constexpr std::size_t kMostLines = 1'000'000;

class Assembler {
 public:
  explicit Assembler(const SourceReader& reader) : reader_(reader) {}

  Assembly run(std::string text, const std::string& name) {
    read_source(std::move(text), name);
    const auto guard = [this](const auto& work) { guarded(work); };
    symbols_.evaluate_all(guard);
    Assembly assembly;
    assembly.program.data = data_.build(guard);
    assembly.labels = std::move(labels_);
    const Names names{lookup_, [this](std::string_view word) { return data_.memory(word); }};
    TreeShape walked = kNoTrees;
    for (const std::vector<Token>& statement : statements_) {
      guarded([&] {
        Cursor cursor(statement);
        const Instruction instruction = encode_statement(cursor, names);
        check_trees(instruction, statement.front(), walked);
        assembly.program.instructions.push_back(instruction);
      });
      const SourcePlace& place = statement.front().place;
      assembly.listing.push_back(
          {place.file->name, place.line, std::string(place.file->lines[place.line - 1])});
    }
    if (entry_) guarded([&] { assembly.program.entry = entry_value(); });
    if (!diagnostics_.empty()) throw AssemblyError(diagnostics_.text());
    return assembly;
  }

 private:
  // Runs one statement's work; an error in it is noted and the next statement goes on.
  template <typename Work>
  void guarded(Work&& work) {
    if (diagnostics_.full()) return;
    try {
      work();
    } catch (const StatementError& error) {
      diagnostics_.add(error);
    }
  }

  // First pass: labels get addresses, definitions and instructions keep their tokens.
  void read_source(std::string text, const std::string& name) {
    sources_.push_back(std::make_unique<SourceFile>(sources_.size(), name, std::move(text)));
    const SourceFile& file = *sources_.back();
    open_.push_back(fs::path(name).lexically_normal());
    for (unsigned line = 1; line <= file.lines.size() && !diagnostics_.full(); ++line) {
      guarded([&] {
        if (++lines_ > kMostLines) {
          fail_at({&file, line, 1}, "the source has more than {} lines", kMostLines);
        }
        read_line(file, line);
      });
      if (lines_ > kMostLines) break;
    }
    open_.pop_back();
  }

  void read_line(const SourceFile& file, unsigned line) {
    const std::vector<Token> tokens = tokenize(file, line);
    Cursor cursor(tokens);
    while (cursor.peek().kind == Token::Kind::kName && cursor.peek(1).is(":")) {
      const Token& label = cursor.next();
      cursor.next();
      define_label(label);
    }
    const Token& first = cursor.peek();
    if (first.kind == Token::Kind::kEnd) return;
    if (data_.read_more(cursor.remaining())) return;
    if (DataSection::is_directive(first.text)) return data_.read_directive(cursor);
    if (first.text == ".equ") return read_equ(cursor);
    if (first.text == ".include") return read_include(cursor, file);
    if (first.text == ".entry") return read_entry(cursor);
    const std::span<const Token> rest = cursor.rest();
    statements_.emplace_back(rest.begin(), rest.end());
  }

  void read_equ(Cursor& cursor) {
    cursor.next();
    const Token& name = cursor.next();
    if (name.kind != Token::Kind::kName) {
      fail_at(name.place, "expected a name after .equ, found {}", describe(name));
    }
    cursor.expect(",");
    const std::span<const Token> rest = cursor.rest();
    symbols_.define(name, [this, expression = std::vector<Token>(rest.begin(), rest.end())] {
      Cursor tokens(expression);
      const std::int64_t value = evaluate(tokens, lookup_);
      tokens.expect_end();
      return value;
    });
  }

  void read_entry(Cursor& cursor) {
    const Token& directive = cursor.next();
    if (entry_) fail_at(directive.place, "a second .entry");
    const std::span<const Token> expression = cursor.rest();
    entry_.emplace(expression.begin(), expression.end());
  }

  void read_include(Cursor& cursor, const SourceFile& from) {
    cursor.next();
    const Token& name = cursor.next();
    if (name.kind != Token::Kind::kString) {
      fail_at(name.place, "expected a file name in double quotes, found {}", describe(name));
    }
    cursor.expect_end();
    const fs::path path = (fs::path(from.name).parent_path() / name.text).lexically_normal();
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      fail_at(name.place, "'{}' includes itself", printable(path.string()));
    }
    if (open_.size() >= kDeepestInclude) {
      fail_at(name.place, "files include each other more than {} deep", kDeepestInclude);
    }
    std::string text;
    try {
      text = reader_(path);
    } catch (const Error& error) {
      fail_at(name.place, "{}", error.what());
    }
    read_source(std::move(text), path.string());
  }

  // FFFOUT goes the paths of the last FFFIN before it in its program, which ends with HALT.
  static void check_trees(const Instruction& instruction, const Token& statement,
                          TreeShape& walked) {
    if (check(instruction, Limits{}) != Status::kOk) return;  // .word may be anything
    if (static_cast<Opcode>(instruction.get(Field::kOp)) == Opcode::kHalt) walked = kNoTrees;
    if (follow_trees(instruction, walked) || statement.text == ".word") return;
    const TreeShape trees = tree_shape(instruction);
    fail_at(statement.place, "FFFOUT of {} trees of depth {}: {}", trees.trees, trees.depth,
            walked == kNoTrees ? "there is no FFFIN before it"
                               : fmt::format("the last FFFIN before it has {} of depth {}",
                                             walked.trees, walked.depth));
  }

  void define_label(const Token& name) {
    const auto address = static_cast<std::uint32_t>(statements_.size());
    symbols_.define(name, [address] { return std::int64_t{address}; });
    labels_.push_back({std::string(name.text), address});
  }

  std::uint32_t entry_value() {
    Cursor cursor(*entry_);
    const SourcePlace place = cursor.peek().place;
    const std::int64_t value = evaluate(cursor, lookup_);
    cursor.expect_end();
    if (value < 0 || value >= static_cast<std::int64_t>(statements_.size())) {
      fail_at(place, "the entry is {}, the program has {} instructions", value, statements_.size());
    }
    return static_cast<std::uint32_t>(value);
  }

  const SourceReader& reader_;
  std::vector<std::unique_ptr<SourceFile>> sources_;  // tokens point into them
  std::vector<fs::path> open_;  // the file being read and those that include it
  std::size_t lines_ = 0;
  Symbols symbols_;
  const SymbolLookup lookup_ = [this](const Token& token) { return symbols_.value(token); };
  DataSection data_{symbols_, reader_};
  std::vector<Label> labels_;
  std::vector<std::vector<Token>> statements_;  // each an instruction
  std::optional<std::vector<Token>> entry_;
  Diagnostics diagnostics_;
};

// What is no source at all has no lines to point at.
std::string read_source_file(const fs::path& path) {
  std::string text = read_text_file(path);
  if (text.find('\0') != std::string::npos) {
    throw Error("{}: not assembly source: binary data", path.string());
  }
  if (is_markup(text)) throw Error("{}: not assembly source: an HTML or XML page", path.string());
  return text;
}

}  // namespace

Assembly assemble_text(std::string text, const std::string& name, const SourceReader& reader) {
  return Assembler(reader).run(std::move(text), name);
}

Assembly assemble_file(const fs::path& path) {
  const SourceReader reader = [](const fs::path& file) { return read_source_file(file); };
  Assembly assembly = assemble_text(reader(path), path.string(), reader);
  if (assembly.program.instructions.empty()) throw Error("{}: no instruction in it", path.string());
  return assembly;
}

std::string listing_text(const Assembly& assembly) {
  std::string text;
  for (std::size_t i = 0; i < assembly.listing.size(); ++i) {
    const auto& w = assembly.program.instructions[i].words;
    const ListingLine& line = assembly.listing[i];
    fmt::format_to(std::back_inserter(text), "{:04x}  {:08x}{:08x}{:08x}{:08x}  {}:{}: {}\n", i,
                   w[3], w[2], w[1], w[0], line.file, line.line, line.source);
  }
  return text + data_listing(assembly.program.data);
}

Assembly load_assembly(const fs::path& path) {
  const MappedFile file(path);
  if (!looks_like_program(file.bytes())) return assemble_file(path);
  return {parse_program(file.bytes(), path.string()), {}, {}};
}

Program load_program(const fs::path& path) { return load_assembly(path).program; }

}  // namespace sterna::assembly
