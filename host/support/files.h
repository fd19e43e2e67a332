// Files: whole files for reading without copying them, and files that appear complete or not at
// all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sterna {

// A file's bytes, mapped read-only. Throws Error when the file cannot be opened, is not a regular
// file or cannot be mapped. An empty file has an empty span.
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
};

// Writes to a temporary file beside `path`; commit() gives it its name in one step. Without
// commit() (an error on the way, say) the temporary file is removed and whatever stood at `path`
// stays as it was. Every function throws Error, naming the path and the system's reason, when the
// file cannot be written.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> data);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  // Overwrites bytes that were written before; the position of the next write() does not change.
  void overwrite(std::uint64_t offset, std::span<const std::byte> data);
  std::uint64_t position() const { return position_; }
  void commit();

 private:
  void put(std::uint64_t offset, std::span<const std::byte> data) const;

  std::filesystem::path path_;
  std::string temporary_;
  int file_ = -1;
  bool device_ = false;  // `path` is a pipe or a device (/dev/stdout): written in place
  std::uint64_t position_ = 0;
};

// A whole small text file. Throws Error when it cannot be read or is larger than `limit` bytes.
std::string read_text_file(const std::filesystem::path& path, std::size_t limit = 1u << 30);

// A whole file's bytes. Throws Error when it cannot be read.
std::vector<std::byte> read_file(const std::filesystem::path& path);

// A whole file through AtomicFile: a reader sees the old contents or all of the new.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> data);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

// CRC-32 (zlib's) of `data`, continued from `crc`.
std::uint32_t crc32(std::span<const std::byte> data, std::uint32_t crc = 0);

// `text` fit for an error message: control characters and bytes beyond ASCII escaped, cut after
// `limit` characters.
std::string printable(std::string_view text, std::size_t limit = 80);

}  // namespace sterna
