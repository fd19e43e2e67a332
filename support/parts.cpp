// SPDX-License-Identifier: Apache-2.0
#include "support/parts.h"

#include <system_error>

namespace sterna {

namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

fs::path find_part(std::string_view name) {
  const fs::path folder = program_folder();
  for (const fs::path& path : {folder / name, folder.parent_path() / "libexec/sterna" / name}) {
    std::error_code ignored;
    if (fs::exists(path, ignored)) return path;
  }
  return {};
}

}  // namespace sterna
