// SPDX-License-Identifier: Apache-2.0
#include "support/json.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "support/error.h"
#include "support/files.h"

namespace sterna {
namespace {

constexpr int kMaxDepth = 16;

// Watches the parser: nlohmann's own document keeps the last of two equal keys and nests without
// limit.
class Guard {
 public:
  explicit Guard(const std::string& where) : where_(where) {}

  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kMaxDepth) throw Error("{}: nested deeper than {} levels", where_, kMaxDepth);
    const auto level = static_cast<std::size_t>(depth);
    if (event == Json::parse_event_t::object_start) {
      keys_.resize(level + 1);
      keys_.emplace_back();
    } else if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.at(level).insert(key).second) {
        throw Error("{}: \"{}\" stands there twice", where_, printable(key));
      }
    }
    return true;
  }

 private:
  const std::string& where_;
  std::vector<std::set<std::string>> keys_;
};

// What the library says, without its own names for that: "[json.exception.parse_error.101] parse
// error at line 2, column 5: syntax error while parsing value - invalid literal; last read: 'nul'".
std::string in_words(const Json::exception& error) {
  std::string text = error.what();
  for (const std::string_view end : {"] ", "parse error", ": ", "syntax error "}) {
    const std::size_t at = text.find(end);
    if (at != std::string::npos) text.erase(0, at + end.size());
  }
  return text;
}

// Line and column of a byte, both from 1 on.
std::pair<std::size_t, std::size_t> place(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const std::size_t line_end = before.rfind('\n');  // npos + 1 is 0
  return {1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
          before.size() - (line_end + 1) + 1};
}

}  // namespace

Json parse_json_object(std::string_view text, const std::string& where) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) throw Error("{}: not JSON: nothing in it", where);
  if (text[begin] == '<') throw Error("{}: not JSON: an HTML or XML page", where);
  try {
    Guard guard(where);
    Json json = Json::parse(text.begin(), text.end(), std::ref(guard));
    if (!json.is_object()) throw Error("{}: not a JSON object but {}", where, json.type_name());
    return json;
  } catch (const Json::parse_error& e) {
    const auto [line, column] = place(text, e.byte);
    throw Error("{}: not JSON: line {}, column {}, {}", where, line, column,
                printable(in_words(e), 200));
  } catch (const Json::exception& e) {
    throw Error("{}: not JSON: {}", where, printable(in_words(e), 200));
  }
}

const Json& json_field(const Json& object, const std::string& key, const std::string& where) {
  if (!object.is_object()) throw Error("{}: not an object but {}", where, object.type_name());
  const auto it = object.find(key);
  if (it == object.end()) throw Error("{}: \"{}\" is missing", where, key);
  return *it;
}

std::uint64_t json_uint(const Json& object, const std::string& key, const std::string& where) {
  const Json& value = json_field(object, key, where);
  if (!value.is_number_integer() ||
      (!value.is_number_unsigned() && value.get<std::int64_t>() < 0)) {
    throw Error("{}: \"{}\" is not a whole number of zero or more", where, key);
  }
  return value.get<std::uint64_t>();
}

std::string json_string(const Json& object, const std::string& key, const std::string& where) {
  const Json& value = json_field(object, key, where);
  if (!value.is_string()) throw Error("{}: \"{}\" is not a string", where, key);
  return value.get<std::string>();
}

}  // namespace sterna
