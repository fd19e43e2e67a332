// SPDX-License-Identifier: Apache-2.0
#include "support/watched_files.h"

#include <unistd.h>

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
  std::set<Identity> inputs, outputs;
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
  struct stat info {};
  if (::fstat(STDOUT_FILENO, &info) == 0 && S_ISREG(info.st_mode)) {
    watch().outputs.insert(identity(info));
  }
}

void watch_input(const std::filesystem::path& path, const struct stat& info) {
  const std::lock_guard lock(watch().mutex);
  if (!watch().on) return;
  if (watch().outputs.contains(identity(info))) throw_input_is_output(path);
  watch().inputs.insert(identity(info));
}

void watch_output(const std::filesystem::path& path, const OutputTarget& target) {
  const std::lock_guard lock(watch().mutex);
  const struct stat* old = target.existing ? &*target.existing : nullptr;
  if (!watch().on || (old != nullptr && !S_ISREG(old->st_mode))) return;
  if (old != nullptr && watch().inputs.contains(identity(*old))) throw_input_is_output(path);
  if (target.open_file) return;
  std::error_code ignored;
  bool fresh = watch().names.insert(std::filesystem::weakly_canonical(target.path, ignored)).second;
  if (old != nullptr) fresh = watch().outputs.insert(identity(*old)).second && fresh;
  if (!fresh) throw Error("{}: two outputs are the same file", path.string());
}

}  // namespace sterna
