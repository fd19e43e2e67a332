// SPDX-License-Identifier: Apache-2.0
#include "asm/symbols.h"

#include <utility>

#include "asm/expression.h"
#include "asm/operands.h"
#include "support/files.h"

namespace sterna::assembly {
namespace {

constexpr unsigned kDeepestDefinition = 32;  // definitions that use later ones

}  // namespace

void Symbols::define(const Token& name, std::string_view part, Definition definition) {
  if (name.kind != Token::Kind::kName) {
    fail_at(name.place, "expected a name, found {}", describe(name));
  }
  if (is_function(name.text) || is_reserved(name.text)) {
    fail_at(name.place, "{} is a reserved name", describe(name));
  }
  if (name.text.front() == '.') {
    fail_at(name.place, "a name cannot begin with a dot: {}", describe(name));
  }
  std::string key(name.text);
  if (!part.empty()) key.append(".").append(part);
  const auto [entry, is_new] = symbols_.try_emplace(key);
  Symbol& symbol = entry->second;
  if (!is_new) {
    fail_at(name.place, "'{}' is already defined at {}:{}", printable(key, 40),
            symbol.place.file->name, symbol.place.line);
  }
  symbol.place = name.place;
  symbol.definition = std::move(definition);
  in_order_.push_back(&symbol);
}

std::int64_t Symbols::value(const Token& name) {
  if (is_reserved(name.text)) fail_at(name.place, "expected a value, found {}", describe(name));
  return value(name.text, name.place);
}

std::int64_t Symbols::value(std::string_view name, const SourcePlace& use) {
  const auto found = symbols_.find(name);
  if (found == symbols_.end()) fail_at(use, "undefined symbol '{}'", printable(name, 40));
  return evaluate(found->second, use);
}

std::int64_t Symbols::evaluate(Symbol& symbol, const SourcePlace& use) {
  switch (symbol.state) {
    case Symbol::State::kDone:
      return symbol.value;
    case Symbol::State::kBroken:
      return 0;
    case Symbol::State::kEvaluating:
      fail_at(use, "the definition depends on itself");
    case Symbol::State::kPending:
      break;
  }
  if (depth_ >= kDeepestDefinition)
    fail_at(use, "definitions use each other more than {} deep", kDeepestDefinition);
  symbol.state = Symbol::State::kEvaluating;
  ++depth_;
  try {
    symbol.value = symbol.definition();
    symbol.state = Symbol::State::kDone;
  } catch (const StatementError&) {
    symbol.state = Symbol::State::kBroken;
    --depth_;
    throw;
  }
  --depth_;
  return symbol.value;
}

}  // namespace sterna::assembly
