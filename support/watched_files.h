// SPDX-License-Identifier: Apache-2.0
// Which files a command reads and writes, so that an output never takes the place of an input or of
// another output.
#pragma once

#include <sys/stat.h>

#include <filesystem>

#include "support/output_target.h"

namespace sterna {

// Starts the watch, for a program whose inputs and outputs are all different files: the sterna
// command. What it prints to is among its outputs. Without the watch the functions below do
// nothing, for other programs may well read again what they have written.
void watch_files();

// A file that was opened for reading. Throws Error when it is an output, too.
void watch_input(const std::filesystem::path& path, const struct stat& info);

// The same for standard input, before it is read. A terminal or a pipe may be read and written.
void watch_standard_input();

// A file that will be written. Throws Error when it is an input or an output, too; but a device
// like /dev/null takes as many outputs as one likes, and what is printed may stand around an output
// that goes to /dev/stdout.
void watch_output(const std::filesystem::path& path, const OutputTarget& target);

}  // namespace sterna
