#include "host/support/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "host/support/error.h"

namespace sterna {
namespace {

std::string reason() { return std::strerror(errno); }

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) throw Error("{}: cannot open: {}", path.string(), reason());
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) throw Error("{}: cannot read: {}", path.string(), reason());
  if (!S_ISREG(info.st_mode)) throw Error("{}: not a regular file", path.string());
  size_ = static_cast<std::size_t>(info.st_size);
  if (size_ == 0) return;
  void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) throw Error("{}: cannot map: {}", path.string(), reason());
  data_ = static_cast<const std::byte*>(data);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

AtomicFile::AtomicFile(const std::filesystem::path& path) : path_(path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status)) throw Error("{}: is a directory", path.string());
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    device_ = true;
    file_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    // A file that may not be written must not be replaced either.
    if (std::filesystem::exists(status) && ::access(path.c_str(), W_OK) != 0) {
      throw Error("{}: cannot write: {}", path.string(), reason());
    }
    temporary_ = path.string() + ".XXXXXX";
    file_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
  }
  if (file_ < 0) throw Error("{}: cannot write: {}", path.string(), reason());
}

AtomicFile::~AtomicFile() {
  if (file_ < 0) return;
  ::close(file_);
  if (!device_) ::unlink(temporary_.c_str());
}

void AtomicFile::put(std::uint64_t offset, std::span<const std::byte> data) const {
  while (!data.empty()) {
    const ssize_t n = device_
                          ? ::write(file_, data.data(), data.size())
                          : ::pwrite(file_, data.data(), data.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error("{}: cannot write: {}", path_.string(), reason());
    offset += static_cast<std::uint64_t>(n);
    data = data.subspan(static_cast<std::size_t>(n));
  }
}

void AtomicFile::write(std::span<const std::byte> data) {
  put(position_, data);
  position_ += data.size();
}

void AtomicFile::overwrite(std::uint64_t offset, std::span<const std::byte> data) {
  if (device_) throw Error("{}: not a regular file", path_.string());
  put(offset, data);
}

void AtomicFile::commit() {
  if (!device_) {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(file_, 0666 & ~mask) != 0) {
      throw Error("{}: cannot write: {}", path_.string(), reason());
    }
  }
  if (::close(std::exchange(file_, -1)) != 0) {
    const std::string why = reason();
    if (!device_) ::unlink(temporary_.c_str());
    throw Error("{}: cannot write: {}", path_.string(), why);
  }
  if (!device_ && std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const std::string why = reason();
    ::unlink(temporary_.c_str());
    throw Error("{}: cannot write: {}", path_.string(), why);
  }
}

std::string read_text_file(const std::filesystem::path& path, std::size_t limit) {
  const MappedFile file(path);
  if (file.bytes().size() > limit) {
    throw Error("{}: {} bytes, more than the {} that such a file may have", path.string(),
                file.bytes().size(), limit);
  }
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  const MappedFile file(path);
  return {file.bytes().begin(), file.bytes().end()};
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> data) {
  AtomicFile file(path);
  file.write(data);
  file.commit();
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
