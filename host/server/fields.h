// SPDX-License-Identifier: Apache-2.0
// The fields of a request's body, each checked as it is read. What is null counts as left out.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "support/json.h"

namespace sterna::server {

class Fields {
 public:
  // Throws ApiError when the body is no JSON object, is nested too deeply or has a key twice.
  explicit Fields(std::string_view body);

  // The value of a field; null where there is none.
  const Json* find(const std::string& name);
  // The same of a field that must be there. Throws ApiError when it is not.
  const Json& required(const std::string& name);

  // A field's value, or `fallback`. Throw ApiError, naming the field, for another type and for
  // values out of range.
  std::uint64_t whole(const std::string& name, std::uint64_t least, std::uint64_t most,
                      std::uint64_t fallback);
  double real(const std::string& name, double least, double most, double fallback);
  bool flag(const std::string& name, bool fallback);
  std::string text(const std::string& name, const std::string& fallback);

  // Throws ApiError when the field has another value than this: there is no such function here.
  void expect(const std::string& name, const Json& only);

  // To be called last: throws ApiError for a field that nobody has asked for.
  void refuse_others() const;

 private:
  Json object_;
  std::set<std::string> known_;
};

}  // namespace sterna::server
