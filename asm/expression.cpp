// SPDX-License-Identifier: Apache-2.0
#include "asm/expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "asm/immediates.h"
#include "isa/instruction.h"

namespace sterna::assembly {
namespace {

constexpr unsigned kDeepestExpression = 64;  // parentheses and unary operators inside each other
constexpr std::int64_t kMaxElements = std::int64_t{1} << 32;

struct BinaryOperator {
  std::string_view text;
  int precedence;  // higher binds tighter
};
constexpr std::array<BinaryOperator, 18> kBinary = {{{"||", 1},
                                                     {"&&", 2},
                                                     {"|", 3},
                                                     {"^", 4},
                                                     {"&", 5},
                                                     {"==", 6},
                                                     {"!=", 6},
                                                     {"<", 7},
                                                     {"<=", 7},
                                                     {">", 7},
                                                     {">=", 7},
                                                     {"<<", 8},
                                                     {">>", 8},
                                                     {"+", 9},
                                                     {"-", 9},
                                                     {"*", 10},
                                                     {"/", 10},
                                                     {"%", 10}}};

struct RealFunction {
  std::string_view name;
  ImmKind kind;
};
constexpr std::array<RealFunction, 3> kRealFunctions = {
    {{"fix", ImmKind::kFix}, {"eps", ImmKind::kEps}, {"scale", ImmKind::kScale}}};

struct SizeFunction {
  std::string_view name;
  unsigned arguments;
  std::uint64_t (*value)(std::uint64_t a, std::uint64_t b);
};
constexpr std::array<SizeFunction, 5> kSizeFunctions = {{
    {"lines", 1, [](std::uint64_t n, std::uint64_t) { return fix_lines(n); }},
    {"vector_bytes", 1, [](std::uint64_t n, std::uint64_t) { return kLineBytes * fix_lines(n); }},
    {"q8_bytes", 1, [](std::uint64_t n, std::uint64_t) { return kLineBytes * q8_lines(n); }},
    {"matrix_bytes", 2,
     [](std::uint64_t rows, std::uint64_t columns) {
       return kLineBytes * matrix_lines(rows, columns);
     }},
    {"align", 1, [](std::uint64_t n, std::uint64_t) { return kLineBytes * q8_lines(n); }},
}};

template <typename Table>
auto find_named(const Table& table, std::string_view name) -> decltype(table.data()) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const auto& entry) { return entry.name == name; });
  return found == table.end() ? nullptr : &*found;
}

// A literal without its separators and prefix, and the base that the prefix names.
struct Digits {
  std::string text;
  int base = 10;
};

Digits split_literal(const Token& token) {
  Digits digits;
  for (const char c : token.text) {
    if (c != '_') digits.text += c;
  }
  const std::string prefix = digits.text.substr(0, 2);
  std::size_t skip = 2;
  if (prefix == "0x" || prefix == "0X") {
    digits.base = 16;
  } else if (prefix == "0b" || prefix == "0B") {
    digits.base = 2;
  } else if (prefix == "0o" || prefix == "0O") {
    digits.base = 8;
  } else {
    skip = 0;
    const bool all_digits = digits.text.find_first_not_of("0123456789") == std::string::npos;
    if (digits.text.size() > 1 && digits.text[0] == '0' && all_digits) digits.base = 8;
  }
  digits.text.erase(0, skip);
  return digits;
}

std::int64_t integer_literal(const Token& token) {
  const Digits digits = split_literal(token);
  std::int64_t value = 0;
  const char* end = digits.text.data() + digits.text.size();
  const auto [stop, error] = std::from_chars(digits.text.data(), end, value, digits.base);
  if (error == std::errc::result_out_of_range) {
    fail_at(token.place, "{} does not fit 63 bits", describe(token));
  }
  if (digits.base == 10 && error == std::errc() && (*stop == '.' || *stop == 'e' || *stop == 'E')) {
    fail_at(token.place,
            "{} is not a whole number: those stand only inside fix(), eps() or scale()",
            describe(token));
  }
  if (error != std::errc() || stop != end)
    fail_at(token.place, "{} is not a number", describe(token));
  return value;
}

double real_literal(const Token& token) {
  const Digits digits = split_literal(token);
  if (digits.base != 10) return static_cast<double>(integer_literal(token));
  double value = 0;
  const char* end = digits.text.data() + digits.text.size();
  const auto [stop, error] = std::from_chars(digits.text.data(), end, value);
  if (error != std::errc() || stop != end)
    fail_at(token.place, "{} is not a number", describe(token));
  return value;
}

class Evaluator {
 public:
  Evaluator(Cursor& cursor, const SymbolLookup& lookup) : cursor_(cursor), lookup_(lookup) {}

  std::int64_t conditional() {
    const Deeper deeper(*this);
    const std::int64_t condition = binary(1);
    if (!cursor_.accept("?")) return condition;
    const std::int64_t yes = branch(condition != 0, [&] { return conditional(); });
    cursor_.expect(":");
    const std::int64_t no = branch(condition == 0, [&] { return conditional(); });
    return condition != 0 ? yes : no;
  }

  double real_sum() {
    const Deeper deeper(*this);
    double value = real_product();
    while (true) {
      if (cursor_.accept("+")) {
        value += real_product();
      } else if (cursor_.accept("-")) {
        value -= real_product();
      } else {
        return value;
      }
    }
  }

 private:
  // Counts nesting, so that a hostile source cannot exhaust the stack.
  class Deeper {
   public:
    explicit Deeper(Evaluator& owner) : owner_(owner) {
      if (++owner_.depth_ > kDeepestExpression) {
        fail_at(owner_.cursor_.peek().place, "the expression nests more than {} deep",
                kDeepestExpression);
      }
    }
    ~Deeper() { --owner_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Evaluator& owner_;
  };

  // As in C, what is not taken is read but not evaluated: no division by zero there.
  template <typename Read>
  std::int64_t branch(bool taken, Read&& read) {
    const bool before = live_;
    live_ = live_ && taken;
    const std::int64_t value = read();
    live_ = before;
    return value;
  }

  std::int64_t binary(int lowest) {
    std::int64_t left = unary();
    while (true) {
      const Token& token = cursor_.peek();
      const auto op =
          std::find_if(kBinary.begin(), kBinary.end(),
                       [&](const BinaryOperator& candidate) { return token.is(candidate.text); });
      if (op == kBinary.end() || op->precedence < lowest) return left;
      cursor_.next();
      const bool taken = op->text == "&&" ? left != 0 : op->text != "||" || left == 0;
      const std::int64_t right = branch(taken, [&] { return binary(op->precedence + 1); });
      left = live_ ? apply(token, left, right) : 0;
    }
  }

  static std::int64_t apply(const Token& op, std::int64_t a, std::int64_t b) {
    const std::string_view text = op.text;
    std::int64_t result = 0;
    bool overflow = false;
    if (text == "+") overflow = __builtin_add_overflow(a, b, &result);
    if (text == "-") overflow = __builtin_sub_overflow(a, b, &result);
    if (text == "*") overflow = __builtin_mul_overflow(a, b, &result);
    if (text == "/" || text == "%") {
      if (b == 0) fail_at(op.place, "division by zero");
      overflow = a == std::numeric_limits<std::int64_t>::min() && b == -1;
      if (!overflow) result = text == "/" ? a / b : a % b;
    }
    if (text == "<<" || text == ">>") {
      if (b < 0 || b > 63) fail_at(op.place, "shift by {}, must be in 0..63", b);
      result =
          text == "<<" ? static_cast<std::int64_t>(static_cast<std::uint64_t>(a) << b) : a >> b;
      overflow = text == "<<" && result >> b != a;
    }
    if (text == "&") result = a & b;
    if (text == "|") result = a | b;
    if (text == "^") result = a ^ b;
    if (text == "&&") result = a != 0 && b != 0;
    if (text == "||") result = a != 0 || b != 0;
    if (text == "==") result = a == b;
    if (text == "!=") result = a != b;
    if (text == "<") result = a < b;
    if (text == "<=") result = a <= b;
    if (text == ">") result = a > b;
    if (text == ">=") result = a >= b;
    if (overflow) fail_at(op.place, "{} {} {} does not fit 64 bits", a, text, b);
    return result;
  }

  std::int64_t unary() {
    const Deeper deeper(*this);
    const Token& token = cursor_.peek();
    if (cursor_.accept("+")) return unary();
    if (cursor_.accept("-")) {
      const std::int64_t value = unary();
      if (value == std::numeric_limits<std::int64_t>::min()) {
        fail_at(token.place, "-({}) does not fit 64 bits", value);
      }
      return -value;
    }
    if (cursor_.accept("!")) return unary() == 0;
    if (cursor_.accept("~")) return ~unary();
    return primary();
  }

  std::int64_t primary() {
    const Token& token = cursor_.next();
    if (token.is("(")) {
      const std::int64_t value = conditional();
      cursor_.expect(")");
      return value;
    }
    switch (token.kind) {
      case Token::Kind::kNumber:
        return integer_literal(token);
      case Token::Kind::kCharacter:
        return token.value;
      case Token::Kind::kName:
        return cursor_.peek().is("(") ? call(token) : lookup_(token);
      default:
        fail_at(token.place, "expected a value, found {}", describe(token));
    }
  }

  std::int64_t call(const Token& name) {
    if (const RealFunction* function = find_named(kRealFunctions, name.text)) {
      cursor_.expect("(");
      const double argument = real_sum();
      cursor_.expect(")");
      const auto raw = encode_immediate(function->kind, argument);
      if (!raw) {
        // 0 / 0 has a sign on some processors.
        fail_at(name.place, "{}({}) is out of range", name.text,
                std::isnan(argument) ? std::numeric_limits<double>::quiet_NaN() : argument);
      }
      return function->kind == ImmKind::kFix ? static_cast<std::int32_t>(*raw) : std::int64_t{*raw};
    }
    const SizeFunction* function = find_named(kSizeFunctions, name.text);
    if (function == nullptr) fail_at(name.place, "unknown function {}", describe(name));
    cursor_.expect("(");
    std::array<std::uint64_t, 2> arguments{};
    for (unsigned i = 0; i < function->arguments; ++i) {
      if (i > 0) cursor_.expect(",");
      const SourcePlace place = cursor_.peek().place;
      const std::int64_t argument = conditional();
      if (argument < 0 || argument > kMaxElements) {
        fail_at(place, "{} is not a size that {} can take", argument, name.text);
      }
      arguments[i] = static_cast<std::uint64_t>(argument);
    }
    cursor_.expect(")");
    const std::uint64_t bytes = function->value(arguments[0], arguments[1]);
    if (bytes > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      fail_at(name.place, "the result of {} does not fit 63 bits", name.text);
    }
    return static_cast<std::int64_t>(bytes);
  }

  double real_product() {
    double value = real_unary();
    while (true) {
      if (cursor_.accept("*")) {
        value *= real_unary();
      } else if (cursor_.accept("/")) {
        value /= real_unary();
      } else {
        return value;
      }
    }
  }

  double real_unary() {
    const Deeper deeper(*this);
    if (cursor_.accept("-")) return -real_unary();
    if (cursor_.accept("+")) return real_unary();
    if (cursor_.accept("(")) {
      const double value = real_sum();
      cursor_.expect(")");
      return value;
    }
    if (cursor_.peek().kind == Token::Kind::kNumber) return real_literal(cursor_.next());
    return static_cast<double>(primary());
  }

  Cursor& cursor_;
  const SymbolLookup& lookup_;
  unsigned depth_ = 0;
  bool live_ = true;
};

}  // namespace

std::int64_t evaluate(Cursor& cursor, const SymbolLookup& lookup) {
  return Evaluator(cursor, lookup).conditional();
}

double evaluate_real(Cursor& cursor, const SymbolLookup& lookup) {
  return Evaluator(cursor, lookup).real_sum();
}

bool is_function(std::string_view name) {
  return find_named(kRealFunctions, name) != nullptr || find_named(kSizeFunctions, name) != nullptr;
}

}  // namespace sterna::assembly
