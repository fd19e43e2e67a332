// SPDX-License-Identifier: Apache-2.0
// Files that are read, whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/atomic_file.h"  // the other half: files that are written
#include "support/mapped_inputs.h"

namespace sterna {

// A file's bytes, mapped read-only. Throws Error when the file cannot be opened, is not a regular
// file (nor the file itself, but what Git LFS puts in its place), is an output of this command
// (support/watched_files.h) or cannot be mapped. An empty file has an empty span.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::unique_ptr<MappedInput> named_;  // for the one who has to say that it shrank
};

// True when something stands at `path`, also what cannot be read: a file that is optional is absent
// only when nothing has its name. Throws Error when the system does not say.
bool is_present(const std::filesystem::path& path);

// A whole small text file, without the byte order mark that it may begin with. Throws Error when it
// cannot be read, is UTF-16 or is larger than `limit` bytes.
std::string read_text_file(const std::filesystem::path& path, std::size_t limit = 1u << 30);

// All of standard input, as read_text_file has a file. Throws Error when it cannot be read, is
// UTF-16 or is an output of this command.
std::string read_standard_input();

// A whole file's bytes. Throws Error when it cannot be read.
std::vector<std::byte> read_file(const std::filesystem::path& path);

// CRC-32 (zlib's) of `data`, continued from `crc`.
std::uint32_t crc32(std::span<const std::byte> data, std::uint32_t crc = 0);

// `text` fit for an error message: control characters and bytes beyond ASCII escaped, cut after
// `limit` characters.
std::string printable(std::string_view text, std::size_t limit = 80);

}  // namespace sterna
