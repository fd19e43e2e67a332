// SPDX-License-Identifier: Apache-2.0
// The names that a source defines, and their values.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "asm/lexer.h"

namespace sterna::assembly {

class Symbols {
 public:
  // Gives a symbol's value; asked once, when it is first used. May ask for other symbols, and
  // throws StatementError.
  using Definition = std::function<std::int64_t()>;

  // Defines `name`, or with `part` something that belongs to it: x and "len" give x.len. Throws
  // StatementError at the name when it may not be used or is there already.
  void define(const Token& name, std::string_view part, Definition definition);
  void define(const Token& name, Definition definition) { define(name, {}, std::move(definition)); }

  // The value of a symbol. Throws StatementError where there is none; a symbol whose definition has
  // failed, which was reported then, has the value 0.
  std::int64_t value(const Token& name);
  std::int64_t value(std::string_view name, const SourcePlace& use);

  // Evaluates all symbols, each inside `guard(work)`, in the order of the source, so that what uses
  // earlier definitions finds them ready, however many there are. The work may throw
  // StatementError.
  template <typename Guard>
  void evaluate_all(Guard&& guard) {
    for (Symbol* symbol : in_order_) guard([&] { evaluate(*symbol, symbol->place); });
  }

 private:
  struct Symbol {
    enum class State { kPending, kEvaluating, kDone, kBroken };
    State state = State::kPending;
    std::int64_t value = 0;
    SourcePlace place;
    Definition definition;
  };

  std::int64_t evaluate(Symbol& symbol, const SourcePlace& use);

  std::map<std::string, Symbol, std::less<>> symbols_;
  std::vector<Symbol*> in_order_;
  unsigned depth_ = 0;
};

}  // namespace sterna::assembly
