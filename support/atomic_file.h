// SPDX-License-Identifier: Apache-2.0
// The one way in which every output of ours is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "support/output_target.h"
#include "support/temporary.h"

namespace sterna {

// Writes to a temporary file beside `path`; commit() gives it its name in one step, with the mode
// and the owner of the file that stood there. Without commit() (an error on the way, say) the
// temporary file is removed and whatever stood at `path` stays as it was. Links are followed.
//
// In place is written what has no contents to be replaced (devices, pipes, /dev/stdout), and a
// regular file that would not stay itself if another took its place: one with several names, or
// whose owner or folder does not let us put another there.
//
// Every function throws Error, naming the path and the system's reason, when the file cannot be
// written.
class AtomicFile {
 public:
  // kSequential: write() alone is used, and a device gets the bytes as they come. kRandom:
  // overwrite() and descriptor() are used, too, and a device gets the bytes at commit().
  enum class Access { kSequential, kRandom };

  explicit AtomicFile(const std::filesystem::path& path, Access access = Access::kSequential);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> data);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  // Overwrites bytes that were written before; the position of the next write() does not change.
  void overwrite(std::uint64_t offset, std::span<const std::byte> data);
  std::uint64_t position() const { return position_; }
  // With kRandom: the regular file that is written to, for code that writes by itself. It must have
  // done so, and its errors must be known, before commit().
  int descriptor() const { return file_; }
  void commit();

 private:
  bool make_temporary(const OutputTarget& target);
  void open_in_place(const OutputTarget& target, Access access);
  void copy_in_place();
  [[noreturn]] void fail() const;

  std::filesystem::path path_;          // as it was given
  std::filesystem::path target_;        // links followed
  std::optional<Temporary> temporary_;  // none: in place
  int file_ = -1;                       // that write() writes to
  int device_ = -1;                     // that gets file_'s contents at commit(), if any does
  bool replaces_ = false;               // device_ has contents, which go then
  std::uint64_t position_ = 0;
};

// A whole file through AtomicFile: a reader sees the old contents or all of the new.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> data);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

}  // namespace sterna
