// SPDX-License-Identifier: Apache-2.0
// The smallest zip archive: files as they are.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sterna::xclbin {

struct ZipEntry {
  std::string_view path;  // inside the archive, with '/'
  std::string_view contents;
  bool executable = false;
};

// The archive's bytes. Its files carry no time of their own, so that equal files give equal
// archives.
std::string zip_archive(std::span<const ZipEntry> entries);

}  // namespace sterna::xclbin
