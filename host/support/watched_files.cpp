#include "host/support/watched_files.h"

#include <mutex>
#include <set>
#include <utility>

#include "host/support/error.h"

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

void watch_files() { watch().on = true; }

void watch_input(const std::filesystem::path& path, const struct stat& info) {
  const std::lock_guard lock(watch().mutex);
  if (!watch().on) return;
  if (watch().outputs.contains(identity(info))) throw_input_is_output(path);
  watch().inputs.insert(identity(info));
}

void watch_output(const std::filesystem::path& path, const std::filesystem::path& target,
                  const struct stat* info) {
  const std::lock_guard lock(watch().mutex);
  if (!watch().on || (info != nullptr && !S_ISREG(info->st_mode))) return;
  if (info != nullptr && watch().inputs.contains(identity(*info))) throw_input_is_output(path);
  std::error_code ignored;
  bool fresh = watch().names.insert(std::filesystem::weakly_canonical(target, ignored)).second;
  if (info != nullptr) fresh = watch().outputs.insert(identity(*info)).second && fresh;
  if (!fresh) throw Error("{}: two outputs are the same file", path.string());
}

}  // namespace sterna
