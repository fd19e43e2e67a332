// SPDX-License-Identifier: Apache-2.0
#include "support/output_target.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "support/error.h"

namespace sterna {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMostLinks = 40;  // the kernel's own limit

bool is_in_proc(const fs::path& link) {
  struct statfs info {};
  return ::statfs(link.parent_path().c_str(), &info) == 0 && info.f_type == PROC_SUPER_MAGIC;
}

// The number of this process's open file that a link in procfs stands for; -1 for another's.
int own_descriptor(const fs::path& link) {
  std::error_code error;
  const std::string name = link.filename();
  int descriptor = -1;
  const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), descriptor);
  const bool number = wrong == std::errc() && end == name.data() + name.size();
  return number && fs::equivalent(link.parent_path(), "/proc/self/fd", error) ? descriptor : -1;
}

[[noreturn]] void throw_unwritable(const fs::path& path) {
  throw Error("{}: cannot write: {}", path.string(), std::strerror(errno));
}

}  // namespace

OutputTarget find_output(const fs::path& path) {
  OutputTarget target;
  target.path = path.empty() ? path : fs::absolute(path);
  for (unsigned links = 0; links <= kMostLinks; ++links) {
    struct stat info {};
    if (::lstat(target.path.c_str(), &info) != 0) {
      if (errno == ENOENT && !path.empty()) return target;
      throw_unwritable(path);
    }
    if (!S_ISLNK(info.st_mode)) {
      target.existing = info;
      return target;
    }
    if (is_in_proc(target.path)) {
      if (::stat(target.path.c_str(), &info) != 0) throw_unwritable(path);
      target.existing = info;
      target.open_file = true;
      target.descriptor = own_descriptor(target.path);
      return target;
    }
    target.path = target.path.parent_path() / fs::read_symlink(target.path);
  }
  errno = ELOOP;
  throw_unwritable(path);
}

}  // namespace sterna
