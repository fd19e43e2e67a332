// SPDX-License-Identifier: Apache-2.0
// Which files a command reads and writes, so that an output never takes the place of an input or of
// another output.
#pragma once

#include <sys/stat.h>

#include <filesystem>

#include "support/output_target.h"

namespace sterna {

// Starts the watch, for a program whose inputs and outputs are all different files: the sterna
// command. What it prints to is one of them. Without the watch the functions below do nothing, for
// other programs may well read again what they have written.
void watch_files();

// A file that was opened for reading. Throws Error when it is an output, too.
void watch_input(const std::filesystem::path& path, const struct stat& info);

// A file that will be written. Throws Error when it is an input or an output, too; but what is open
// already (/dev/stdout) is only written on, as often as one likes.
void watch_output(const std::filesystem::path& path, const OutputTarget& target);

}  // namespace sterna
