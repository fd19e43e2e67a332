// SPDX-License-Identifier: Apache-2.0
// Inputs that another program shortens while they are mapped: what is gone cannot be read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace sterna {

// A mapping that is known by its file's name from now on.
class MappedInput {
 public:
  MappedInput(const std::filesystem::path& path, std::span<const std::byte> mapped);
  ~MappedInput();
  MappedInput(const MappedInput&) = delete;
  MappedInput& operator=(const MappedInput&) = delete;

  struct Entry;

 private:
  Entry* entry_;
};

// From now on reading what is gone ends the process with one line that names the file and exit code
// 1, and no temporary file is left behind. For a program's main().
void end_when_inputs_shrink();

}  // namespace sterna
