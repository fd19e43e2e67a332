// SPDX-License-Identifier: Apache-2.0
// What a client is told when there is no answer, in OpenAI's form.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "support/error.h"
#include "support/json.h"

namespace sterna::server {

class ApiError : public Error {
 public:
  ApiError(int http_status, std::string its_type, std::string its_code, const std::string& message,
           std::string its_field = {})
      : Error(message),
        status(http_status),
        type(std::move(its_type)),
        code(std::move(its_code)),
        field(std::move(its_field)) {}

  Json to_json() const {
    const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    return {{"error",
             {{"message", what()},
              {"type", type},
              {"param", or_null(field)},
              {"code", or_null(code)}}}};
  }

  const int status;  // of HTTP
  const std::string type, code, field;
};

// The request is wrong, in this field of it; empty: as a whole.
template <typename... Args>
ApiError bad_request(const std::string& field, fmt::format_string<Args...> format, Args&&... args) {
  const std::string message = fmt::format(format, std::forward<Args>(args)...);
  return {400, "invalid_request_error", "", field.empty() ? message : field + ": " + message,
          field};
}

}  // namespace sterna::server
