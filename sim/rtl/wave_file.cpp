// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl/wave_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "support/error.h"

namespace sterna::rtl {
namespace {

// Why the file that was closed last is not whole; 0 when it is.
thread_local int failure = 0;

// stdio remembers that a write has failed, but not why. Another one tells.
int reason_of_failure(int file) {
  struct stat info {};
  if (::fstat(file, &info) != 0) return errno;
  constexpr std::array<char, 1 << 16> kZeros{};
  for (off_t at = info.st_size;;) {
    const ssize_t n = ::pwrite(file, kZeros.data(), kZeros.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == static_cast<ssize_t>(kZeros.size())) return EIO;
    at += n;
  }
}

}  // namespace

void WaveFile::commit() {
  if (const int reason = std::exchange(failure, 0); reason != 0) {
    throw Error("{}: cannot write: {}", path_.string(), std::strerror(reason));
  }
  file_.commit();
}

std::FILE* fst_open(const char* name, const char* mode) {
  // The hierarchy of names, until it is compressed into the waveform.
  if (mode[0] == 'w' && std::string_view(name).ends_with(".hier")) return fst_working_file();
  return std::fopen(name, mode);
}

std::FILE* fst_working_file() {
  const int file = ::memfd_create("fst", MFD_CLOEXEC);
  return file < 0 ? nullptr : ::fdopen(file, "w+b");
}

int fst_close(std::FILE* file) {
  const int failed = std::ferror(file) != 0 ? reason_of_failure(::fileno(file)) : 0;
  const int closed = std::fclose(file);
  if (failed != 0 || closed != 0) failure = failed != 0 ? failed : errno;
  return closed;
}

// Of a file that is too short (ulimit -f holds for working files, too) a map that can at least be
// touched: that the file is not whole comes out when it is closed.
void* fst_map(std::size_t length, int protection, int flags, int file) {
  struct stat info {};
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto pages = [&](std::size_t bytes) { return (bytes + page - 1) / page; };
  if (::fstat(file, &info) == 0 && pages(length) <= pages(static_cast<std::size_t>(info.st_size))) {
    return ::mmap(nullptr, length, protection, flags, file, 0);
  }
  return ::mmap(nullptr, length, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

}  // namespace sterna::rtl
