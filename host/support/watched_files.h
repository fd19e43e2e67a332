// Which files a command reads and writes, so that an output never takes the place of an input or of
// another output.
#pragma once

#include <sys/stat.h>

#include <filesystem>

namespace sterna {

// Starts the watch, for a program whose inputs and outputs are all different files: the sterna
// command. Without it the functions below do nothing, for other programs may well read again what
// they have written.
void watch_files();

// A file that was opened for reading. Throws Error when it is an output, too.
void watch_input(const std::filesystem::path& path, const struct stat& info);

// A file that will be written: `target` is its name with links followed, `info` what stands there,
// null when nothing does. Throws Error when it is an input or an output, too.
void watch_output(const std::filesystem::path& path, const std::filesystem::path& target,
                  const struct stat* info);

}  // namespace sterna
