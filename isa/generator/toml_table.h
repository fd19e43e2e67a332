// SPDX-License-Identifier: Apache-2.0
// Reading a table of the definition: every complaint names the file and the line.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <toml.hpp>
#include <utility>
#include <vector>

#include "isa/generator/definition.h"
#include "support/error.h"

namespace sterna::isagen {

template <typename... Args>
[[noreturn]] void fail(const toml::value& at, fmt::format_string<Args...> format, Args&&... args) {
  const toml::source_location place = at.location();
  throw Error("{}:{}: {}", place.file_name(), place.line(),
              fmt::format(format, std::forward<Args>(args)...));
}

inline const toml::value& get(const toml::value& table, const std::string& key) {
  if (!table.contains(key)) fail(table, "'{}' is missing", key);
  return toml::find(table, key);
}

inline unsigned number(const toml::value& table, const std::string& key, std::int64_t low,
                       std::int64_t high) {
  const toml::value& value = get(table, key);
  if (!value.is_integer()) fail(value, "'{}' must be a whole number", key);
  const std::int64_t n = value.as_integer();
  if (n < low || n > high) fail(value, "'{}' is {}, must be in {}..{}", key, n, low, high);
  return static_cast<unsigned>(n);
}

inline unsigned number_or(const toml::value& table, const std::string& key, std::int64_t low,
                          std::int64_t high, unsigned otherwise) {
  return table.contains(key) ? number(table, key, low, high) : otherwise;
}

inline std::string text(const toml::value& table, const std::string& key) {
  const toml::value& value = get(table, key);
  if (!value.is_string()) fail(value, "'{}' must be a string", key);
  return value.as_string().str;
}

inline std::string text_or_empty(const toml::value& table, const std::string& key) {
  return table.contains(key) ? text(table, key) : std::string();
}

inline bool flag(const toml::value& table, const std::string& key) {
  if (!table.contains(key)) return false;
  const toml::value& value = toml::find(table, key);
  if (!value.is_boolean()) fail(value, "'{}' must be true or false", key);
  return value.as_boolean();
}

// A misspelt key would otherwise be silently ignored.
inline void only_keys(const toml::value& table, const std::set<std::string>& allowed) {
  for (const auto& [key, value] : table.as_table()) {
    if (!allowed.contains(key)) fail(value, "unknown key '{}'", key);
  }
}

inline const std::vector<toml::value>& tables(const toml::value& root, const std::string& key) {
  const toml::value& list = get(root, key);
  if (!list.is_array() || list.as_array().empty() || !list.as_array().front().is_table()) {
    fail(list, "'{}' must be an array of tables: [[{}]]", key, key);
  }
  return list.as_array();
}

// Refuses the second definition of the same key.
template <typename Key>
class Unique {
 public:
  void add(const toml::value& at, const Key& key, const std::string& what,
           const std::string& owner) {
    const auto [other, is_new] = owners_.emplace(key, owner);
    if (!is_new) fail(at, "{} of {} is already taken by {}", what, owner, other->second);
  }

 private:
  std::map<Key, std::string> owners_;
};

// The [[unit]] tables, and the [[instruction]] tables, for which fields and units must have been
// read.
void read_units(const toml::value& root, Definition& isa);
void read_instructions(const toml::value& root, Definition& isa);

// The [kernel] table; the registers must have been read.
void read_kernel(const toml::value& root, Definition& isa);

// The [serial] table and the [[board]] tables.
void read_serial(const toml::value& root, Definition& isa);
void read_boards(const toml::value& root, Definition& isa);

}  // namespace sterna::isagen
