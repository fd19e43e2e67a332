// SPDX-License-Identifier: Apache-2.0
// Reading .safetensors files that may be damaged or hostile. Format: eight bytes, the header's
// length (little-endian); a JSON object of tensors with dtype, shape and data_offsets; the data,
// which the tensors must tile without overlap or hole.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/model/tensor.h"
#include "support/files.h"

namespace sterna::model {

struct SafetensorsEntry {
  std::string name;
  const DtypeInfo* dtype = nullptr;
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> data;
};

// The tensors of a file's bytes, which must outlive the result, sorted by name. `where` starts
// every error. Throws Error for anything that the format does not allow: the file is then of no
// use.
std::vector<SafetensorsEntry> parse_safetensors(std::span<const std::byte> file,
                                                const std::string& where);

class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::string& path() const { return path_; }
  const std::vector<SafetensorsEntry>& tensors() const { return tensors_; }
  // The tensor of that name, or null.
  const SafetensorsEntry* find(std::string_view name) const;

 private:
  std::string path_;
  MappedFile file_;
  std::vector<SafetensorsEntry> tensors_;
};

}  // namespace sterna::model
