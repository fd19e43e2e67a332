// SPDX-License-Identifier: Apache-2.0
#include "host/server/fields.h"

#include <cmath>

#include "host/server/api_error.h"
#include "support/files.h"

namespace sterna::server {
namespace {

Json parsed(std::string_view body) {
  try {
    return parse_json_object(body, "body");
  } catch (const Error& error) {
    throw bad_request("", "{}", error.what());
  }
}

}  // namespace

Fields::Fields(std::string_view body) : object_(parsed(body)) {}

const Json* Fields::find(const std::string& name) {
  known_.insert(name);
  const auto field = object_.find(name);
  return field == object_.end() || field->is_null() ? nullptr : &*field;
}

const Json& Fields::required(const std::string& name) {
  const Json* field = find(name);
  if (field == nullptr) throw bad_request(name, "is missing");
  return *field;
}

std::uint64_t Fields::whole(const std::string& name, std::uint64_t least, std::uint64_t most,
                            std::uint64_t fallback) {
  const Json* field = find(name);
  if (field == nullptr) return fallback;
  if (!field->is_number_unsigned() || field->get<std::uint64_t>() < least ||
      field->get<std::uint64_t>() > most) {
    throw bad_request(name, "{} is no whole number in {}..{}", printable(field->dump()), least,
                      most);
  }
  return field->get<std::uint64_t>();
}

double Fields::real(const std::string& name, double least, double most, double fallback) {
  const Json* field = find(name);
  if (field == nullptr) return fallback;
  if (!field->is_number() || !(field->get<double>() >= least && field->get<double>() <= most)) {
    throw bad_request(name, "{} is no number in {}..{}", printable(field->dump()), least, most);
  }
  return field->get<double>();
}

bool Fields::flag(const std::string& name, bool fallback) {
  const Json* field = find(name);
  if (field == nullptr) return fallback;
  if (!field->is_boolean()) {
    throw bad_request(name, "{} is neither true nor false", printable(field->dump()));
  }
  return field->get<bool>();
}

std::string Fields::text(const std::string& name, const std::string& fallback) {
  const Json* field = find(name);
  if (field == nullptr) return fallback;
  if (!field->is_string()) throw bad_request(name, "{} is no string", printable(field->dump()));
  return field->get<std::string>();
}

void Fields::expect(const std::string& name, const Json& only) {
  const Json* field = find(name);
  if (field != nullptr && *field != only) {
    throw bad_request(name, "{} is not supported", printable(field->dump()));
  }
}

void Fields::refuse_others() const {
  for (const auto& [name, value] : object_.items()) {
    if (!known_.contains(name)) throw bad_request(printable(name), "there is no such field");
  }
}

}  // namespace sterna::server
