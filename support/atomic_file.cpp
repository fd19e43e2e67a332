// SPDX-License-Identifier: Apache-2.0
#include "support/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "support/error.h"
#include "support/watched_files.h"

namespace sterna {
namespace {

// False, with errno, when not all was written. Without an offset: where the file stands.
bool write_all(int file, std::span<const std::byte> data,
               std::optional<std::uint64_t> offset = std::nullopt) {
  while (!data.empty()) {
    const ssize_t n = offset ? ::pwrite(file, data.data(), data.size(), static_cast<off_t>(*offset))
                             : ::write(file, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (offset) *offset += static_cast<std::uint64_t>(n);
    data = data.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

// All of a regular file, from its beginning on, to where another stands.
bool copy_all(int from, int to) {
  std::array<std::byte, 1 << 16> buffer;
  for (off_t at = 0;;) {
    const ssize_t n = ::pread(from, buffer.data(), buffer.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0;
    if (!write_all(to, std::span(buffer).first(static_cast<std::size_t>(n)))) return false;
    at += n;
  }
}

// The new file gets the old one's owner and mode. False when that is not ours to give.
bool take_over(int file, const struct stat& old) {
  struct stat info {};
  if (::fstat(file, &info) != 0) return false;
  if ((info.st_uid != old.st_uid || info.st_gid != old.st_gid) &&
      ::fchown(file, old.st_uid, old.st_gid) != 0) {
    return false;
  }
  return ::fchmod(file, old.st_mode & 07777) == 0;
}

// A file without a name.
int unnamed_file() {
  std::FILE* const file = std::tmpfile();
  if (file == nullptr) return -1;
  const int descriptor = ::fcntl(::fileno(file), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  std::fclose(file);
  return descriptor;
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& path, Access access) : path_(path) {
  const OutputTarget target = find_output(path);
  target_ = target.path;
  const struct stat* old = target.existing ? &*target.existing : nullptr;
  if (old != nullptr && S_ISDIR(old->st_mode)) throw Error("{}: is a directory", path.string());
  watch_output(path, target);
  // A file that may not be written must not be replaced either.
  if (old != nullptr && S_ISREG(old->st_mode) && !target.open_file &&
      ::access(target_.c_str(), W_OK) != 0) {
    fail();
  }
  const bool replaceable =
      old == nullptr || (S_ISREG(old->st_mode) && old->st_nlink == 1 && !target.open_file);
  if (replaceable && make_temporary(target)) return;
  if (old == nullptr) fail();
  open_in_place(target, access);
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (device_ >= 0) ::close(device_);
}

void AtomicFile::fail() const {
  throw Error("{}: cannot write: {}", path_.string(), std::strerror(errno));
}

// False, with errno, when no file can stand in for what is there.
bool AtomicFile::make_temporary(const OutputTarget& target) {
  temporary_.emplace(target_);
  file_ = ::open(temporary_->path().c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                 target.existing ? 0600 : 0666);
  if (file_ >= 0 && (!target.existing || take_over(file_, *target.existing))) return true;
  const int reason = errno;
  if (file_ >= 0) ::close(std::exchange(file_, -1));
  temporary_.reset();
  errno = reason;
  return false;
}

void AtomicFile::open_in_place(const OutputTarget& target, Access access) {
  if (target.descriptor == STDOUT_FILENO) std::fflush(stdout);  // what was printed comes first
  file_ = target.descriptor >= 0 ? ::fcntl(target.descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                                 : ::open(target_.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
  if (file_ < 0) fail();
  // The contents of a file with a name are kept until all of the new ones are there.
  replaces_ = S_ISREG(target.existing->st_mode) && !target.open_file;
  if (access == Access::kSequential && !replaces_) return;
  device_ = std::exchange(file_, unnamed_file());
  if (file_ < 0) fail();
}

void AtomicFile::write(std::span<const std::byte> data) {
  const bool streamed = !temporary_ && device_ < 0;
  if (!write_all(file_, data, streamed ? std::nullopt : std::optional(position_))) fail();
  position_ += data.size();
}

void AtomicFile::overwrite(std::uint64_t offset, std::span<const std::byte> data) {
  if (!write_all(file_, data, offset)) fail();
}

void AtomicFile::copy_in_place() {
  if (replaces_ && ::ftruncate(device_, 0) != 0) fail();
  if (!copy_all(file_, device_) || ::close(std::exchange(device_, -1)) != 0) fail();
}

void AtomicFile::commit() {
  if (device_ >= 0) copy_in_place();
  if (::close(std::exchange(file_, -1)) != 0) fail();
  if (!temporary_ || temporary_->rename_to(target_)) return;
  if (errno != EBUSY) fail();
  // A file that is mounted by itself keeps its place.
  file_ = ::open(temporary_->path().c_str(), O_RDONLY | O_CLOEXEC);
  device_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
  replaces_ = true;
  if (file_ < 0 || device_ < 0) fail();
  copy_in_place();
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> data) {
  AtomicFile file(path);
  file.write(data);
  file.commit();
}

}  // namespace sterna
