// SPDX-License-Identifier: Apache-2.0
#include "host/xrt/private_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "support/error.h"

namespace sterna::card {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBase = "/tmp";
constexpr const char* kReason = "cannot make a folder for XRT's emulation";
constexpr int kAttempts = 100;
constexpr useconds_t kPauseMicroseconds = 10'000;
constexpr int kFirstDescriptor = 10;  // below are those that shells and their scripts name

void require_executable_base() {
  struct statvfs info {};
  if (::statvfs(kBase, &info) == 0 && (info.f_flag & ST_NOEXEC) != 0) {
    throw Error("{}: {}: it is mounted noexec", kBase, kReason);
  }
}

// In a process of its own, which holds nothing but the pipe's read end: that ends when the last
// holder of the write end has gone.
[[noreturn]] void wait_and_remove(int pipe, const fs::path& folder, const fs::path& log) {
  const auto start = fs::file_time_type::clock::now();
  ::setsid();  // Ctrl-C and whatever else is for the process group is not for us
  ::dup2(pipe, STDIN_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::close(STDOUT_FILENO);  // whoever reads our output has to see its end
  ::close(STDERR_FILENO);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) continue;
  std::error_code ignored;
  // The device's process, which holds nothing of ours, may be removing its part: then again.
  for (int attempt = 0; attempt < kAttempts && fs::exists(folder, ignored); ++attempt) {
    fs::remove_all(folder, ignored);
    if (attempt != 0) ::usleep(kPauseMicroseconds);
  }
  if (fs::is_regular_file(log, ignored) && fs::last_write_time(log, ignored) > start) {
    fs::remove(log, ignored);
  }
  ::_exit(0);
}

}  // namespace

fs::path make_private_folder() {
  require_executable_base();
  std::string folder = std::string(kBase) + "/sterna-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    throw Error("{}: {}: {}", kBase, kReason, std::strerror(errno));
  }
  return folder;
}

fs::path kept_private_folder(const fs::path& base) {
  require_executable_base();
  const std::string folder = fmt::format("{}/sterna-{}", base.string(), ::getuid());
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    throw Error("{}: {}: {}", folder, kReason, std::strerror(errno));
  }
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != ::getuid() ||
      (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw Error("{}: {}: what stands there is not a folder of this user's alone (mode 700)", folder,
                kReason);
  }
  return folder;
}

void remove_after_us(const fs::path& folder, const fs::path& log) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error("cannot make a pipe: {}", std::strerror(errno));
  // Never closed: our end is what the other process waits for.
  if (::fcntl(ends[1], F_DUPFD, kFirstDescriptor) < 0) {
    const int reason = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    throw Error("cannot keep a descriptor open: {} (ulimit -n {} or more is needed)",
                std::strerror(reason), 4 * kFirstDescriptor);
  }
  const pid_t child = ::fork();
  if (child < 0) throw Error("cannot start a process: {}", std::strerror(errno));
  if (child == 0) wait_and_remove(ends[0], folder, log);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace sterna::card
