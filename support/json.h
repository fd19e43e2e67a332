// SPDX-License-Identifier: Apache-2.0
// JSON from files that nobody vouches for: bounded depth, no duplicate keys, one-line errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace sterna {

using Json = nlohmann::json;

inline constexpr std::size_t kMaxJsonBytes = 64u << 20;  // of a file

// Parses `text`, whose outermost value must be an object. `where` starts every error
// ("model.safetensors: header"). Throws Error for malformed text, nesting deeper than 16, or a key
// that stands twice in one object.
Json parse_json_object(std::string_view text, const std::string& where);

// Fields of an object; each throws Error with `where` and the key when the field is missing or of
// another type.
std::uint64_t json_uint(const Json& object, const std::string& key, const std::string& where);
std::string json_string(const Json& object, const std::string& key, const std::string& where);
const Json& json_field(const Json& object, const std::string& key, const std::string& where);

}  // namespace sterna
