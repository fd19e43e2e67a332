// SPDX-License-Identifier: Apache-2.0
#include "support/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "support/disguise.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/watched_files.h"

namespace sterna {
namespace {

std::string reason() { return std::strerror(errno); }

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

// A text as whatever editor has saved it, without its byte order mark.
std::string marked_text(std::string_view text, const std::string& name) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw Error("{}: UTF-16 text: save it as UTF-8", name);
  }
  return std::string(without_mark(text));
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  // Before it is opened: a pipe would wait for a writer.
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    throw Error("{}: not a regular file", path.string());
  }
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) {
    const std::string why = reason();
    std::error_code ignored;
    const auto target = std::filesystem::read_symlink(path, ignored);
    throw Error("{}: cannot open{}: {}", path.string(),
                target.empty() ? "" : fmt::format(", a link to {}", target.string()), why);
  }
  if (::fstat(file.fd, &info) != 0) throw Error("{}: cannot read: {}", path.string(), reason());
  watch_input(path, info);
  size_ = static_cast<std::size_t>(info.st_size);
  if (size_ == 0) return;
  void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) throw Error("{}: cannot map: {}", path.string(), reason());
  data_ = static_cast<const std::byte*>(data);
  named_ = std::make_unique<MappedInput>(path, bytes());
  if (is_lfs_pointer(bytes())) {
    ::munmap(data, size_);
    throw Error("{}: a Git LFS pointer, not the file itself: 'git lfs pull' fetches it",
                path.string());
  }
}

MappedFile::~MappedFile() {
  named_.reset();  // before another mapping may take the place
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      named_(std::move(other.named_)) {}

bool is_present(const std::filesystem::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  throw Error("{}: cannot read: {}", path.string(), reason());
}

std::string read_text_file(const std::filesystem::path& path, std::size_t limit) {
  const MappedFile file(path);
  if (file.bytes().size() > limit) {
    throw Error("{}: {} bytes, more than the {} that such a file may have", path.string(),
                file.bytes().size(), limit);
  }
  return marked_text(as_text(file.bytes()), path.string());
}

std::string read_standard_input() {
  watch_standard_input();
  std::string text;
  for (std::array<char, 1 << 16> part;;) {
    const ssize_t n = ::read(STDIN_FILENO, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error("standard input: cannot read: {}", reason());
    if (n == 0) return marked_text(text, "standard input");
    text.append(part.data(), static_cast<std::size_t>(n));
  }
}

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  const MappedFile file(path);
  return {file.bytes().begin(), file.bytes().end()};
}

std::uint32_t crc32(std::span<const std::byte> data, std::uint32_t crc) {
  if (data.empty()) return crc;  // zlib takes the null pointer of an empty span for a restart
  return static_cast<std::uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(data.data()), data.size()));
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char c : text.substr(0, limit)) {
    if (c >= 0x20 && c < 0x7F) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  if (text.size() > limit) out += "...";
  return out;
}

}  // namespace sterna
