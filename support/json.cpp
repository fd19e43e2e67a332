// SPDX-License-Identifier: Apache-2.0
#include "support/json.h"

#include <set>
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
  } catch (const Json::exception& e) {
    throw Error("{}: {}", where, printable(e.what(), 200));
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
