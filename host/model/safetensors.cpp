// SPDX-License-Identifier: Apache-2.0
#include "host/model/safetensors.h"

#include <algorithm>
#include <cstring>

#include "support/disguise.h"
#include "support/error.h"
#include "support/json.h"

namespace sterna::model {
namespace {

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr std::size_t kMaxDimensions = 8;

struct Range {
  std::uint64_t begin, end;
};

std::vector<std::uint64_t> parse_shape(const Json& json, const std::string& where) {
  if (!json.is_array() || json.size() > kMaxDimensions) {
    throw Error("{}: shape is not an array of at most {} numbers", where, kMaxDimensions);
  }
  std::vector<std::uint64_t> shape;
  for (const Json& n : json) {
    if (!n.is_number_unsigned()) throw Error("{}: shape holds something that is no size", where);
    shape.push_back(n.get<std::uint64_t>());
  }
  return shape;
}

Range parse_range(const Json& json, std::uint64_t data_bytes, const std::string& where) {
  if (!json.is_array() || json.size() != 2 || !json[0].is_number_unsigned() ||
      !json[1].is_number_unsigned()) {
    throw Error("{}: data_offsets is not a pair of offsets", where);
  }
  const Range range{json[0].get<std::uint64_t>(), json[1].get<std::uint64_t>()};
  if (range.begin > range.end || range.end > data_bytes) {
    throw Error("{}: data_offsets [{}, {}] leave the file's {} data bytes", where, range.begin,
                range.end, data_bytes);
  }
  return range;
}

SafetensorsEntry parse_entry(const std::string& name, const Json& json,
                             std::span<const std::byte> data, const std::string& file) {
  const std::string where = fmt::format("{}: tensor {}", file, printable(name));
  SafetensorsEntry entry;
  entry.name = name;
  const std::string dtype = json_string(json, "dtype", where);
  entry.dtype = find_dtype(dtype);
  if (entry.dtype == nullptr) throw Error("{}: unknown dtype {}", where, printable(dtype));
  entry.shape = parse_shape(json_field(json, "shape", where), where);
  const Range range = parse_range(json_field(json, "data_offsets", where), data.size(), where);

  const auto count = element_count(entry.shape);
  std::uint64_t bytes = 0;
  if (!count || __builtin_mul_overflow(*count, entry.dtype->bytes, &bytes)) {
    throw Error("{}: shape {} is larger than any file", where, shape_text(entry.shape));
  }
  if (bytes != range.end - range.begin) {
    throw Error("{}: {} {} takes {} bytes, data_offsets give it {}", where, dtype,
                shape_text(entry.shape), bytes, range.end - range.begin);
  }
  entry.data = data.subspan(range.begin, bytes);
  return entry;
}

// The tensors must lie side by side: an overlap is an attack or a fault, a hole hides bytes that
// nobody reads.
void check_tiling(const std::vector<SafetensorsEntry>& entries, std::span<const std::byte> data,
                  const std::string& where) {
  std::vector<const SafetensorsEntry*> order;
  order.reserve(entries.size());
  for (const SafetensorsEntry& entry : entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return a->data.data() != b->data.data() ? a->data.data() < b->data.data()
                                            : a->data.size() < b->data.size();
  });
  std::uint64_t end = 0;
  for (const SafetensorsEntry* entry : order) {
    const auto begin = static_cast<std::uint64_t>(entry->data.data() - data.data());
    if (begin < end) {
      throw Error("{}: tensor {} overlaps another one", where, printable(entry->name));
    }
    if (begin > end) {
      throw Error("{}: {} bytes before tensor {} belong to no tensor", where, begin - end,
                  printable(entry->name));
    }
    end = begin + entry->data.size();
  }
  if (end != data.size()) {
    throw Error("{}: {} bytes at the end belong to no tensor", where, data.size() - end);
  }
}

}  // namespace

std::vector<SafetensorsEntry> parse_safetensors(std::span<const std::byte> file,
                                                const std::string& where) {
  if (const std::string instead = found_instead(file); !instead.empty()) {
    throw Error("{}: not a safetensors file{}", where, instead);
  }
  if (file.size() < kLengthBytes) {
    throw Error("{}: {} bytes are too few for a safetensors file", where, file.size());
  }
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), kLengthBytes);
  if (length > kMaxHeaderBytes) {
    throw Error("{}: header of {} bytes, more than the {} allowed", where, length, kMaxHeaderBytes);
  }
  if (length > file.size() - kLengthBytes) {
    throw Error("{}: header of {} bytes in a file of {}: truncated?", where, length, file.size());
  }
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + kLengthBytes, length);
  const auto data = file.subspan(kLengthBytes + length);

  std::vector<SafetensorsEntry> entries;
  const Json header = parse_json_object(text, where + ": header");
  for (const auto& [name, json] : header.items()) {  // in the order of their names
    if (name == "__metadata__") continue;
    entries.push_back(parse_entry(name, json, data, where));
  }
  check_tiling(entries, data, where);
  return entries;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : path_(path.string()), file_(path), tensors_(parse_safetensors(file_.bytes(), path_)) {}

const SafetensorsEntry* SafetensorsFile::find(std::string_view name) const {
  const auto it = std::lower_bound(
      tensors_.begin(), tensors_.end(), name,
      [](const SafetensorsEntry& entry, std::string_view key) { return entry.name < key; });
  return it != tensors_.end() && it->name == name ? &*it : nullptr;
}

}  // namespace sterna::model
