// SPDX-License-Identifier: Apache-2.0
// Where a path that is to be written leads.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>

namespace sterna {

struct OutputTarget {
  std::filesystem::path path;           // absolute, links followed
  std::optional<struct stat> existing;  // what stands there
  bool open_file =
      false;            // /proc/../fd/N, as /dev/stdout is: an open file behind the name of a link
  int descriptor = -1;  // N, when the file is this process's own
};

// Throws Error when the links go in circles, or a folder on the way cannot be searched.
OutputTarget find_output(const std::filesystem::path& path);

}  // namespace sterna
