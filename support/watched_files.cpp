// SPDX-License-Identifier: Apache-2.0
#include "support/watched_files.h"

#include <unistd.h>

#include <initializer_list>
#include <mutex>
#include <set>
#include <utility>

#include "support/error.h"

namespace sterna {
namespace {

using Identity = std::pair<dev_t, ino_t>;

struct Watch {
  std::mutex mutex;
  bool on = false;
  std::set<Identity> inputs, printed, written;
  std::set<std::filesystem::path> names;  // of outputs, also of those that do not exist yet
};

Watch& watch() {
  static Watch watch;
  return watch;
}

Identity identity(const struct stat& info) { return {info.st_dev, info.st_ino}; }

[[noreturn]] void throw_input_is_output(const std::filesystem::path& path) {
  throw Error("{}: input and output are the same file", path.string());
}

}  // namespace

void watch_files() {
  const std::lock_guard lock(watch().mutex);
  watch().on = true;
  for (const int file : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat info {};
    if (::fstat(file, &info) == 0 && S_ISREG(info.st_mode)) {
      watch().printed.insert(identity(info));
    }
  }
}

void watch_input(const std::filesystem::path& path, const struct stat& info) {
  const std::lock_guard lock(watch().mutex);
  if (!watch().on || !S_ISREG(info.st_mode)) return;
  const Identity file = identity(info);
  if (watch().printed.contains(file) || watch().written.contains(file)) throw_input_is_output(path);
  watch().inputs.insert(file);
}

void watch_standard_input() {
  struct stat info {};
  if (::fstat(STDIN_FILENO, &info) == 0) watch_input("standard input", info);
}

void watch_output(const std::filesystem::path& path, const OutputTarget& target) {
  const std::lock_guard lock(watch().mutex);
  const struct stat* old = target.existing ? &*target.existing : nullptr;
  if (!watch().on || (old != nullptr && S_ISCHR(old->st_mode))) return;
  bool fresh = true;
  if (old != nullptr) {
    const Identity file = identity(*old);
    if (watch().inputs.contains(file)) throw_input_is_output(path);
    fresh = watch().written.insert(file).second;
    if (!target.open_file && watch().printed.contains(file)) fresh = false;
  }
  std::error_code ignored;
  if (!target.open_file &&
      !watch().names.insert(std::filesystem::weakly_canonical(target.path, ignored)).second) {
    fresh = false;
  }
  if (!fresh) throw Error("{}: two outputs are the same file", path.string());
}

}  // namespace sterna
