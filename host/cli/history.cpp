// SPDX-License-Identifier: Apache-2.0
#include "host/cli/history.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

namespace fs = std::filesystem;

// An absolute path; the XDG specification wants others ignored.
std::optional<fs::path> folder_of(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || !fs::path(value).is_absolute()) return {};
  return value;
}

std::optional<fs::path> history_file() {
  if (const auto state = folder_of("XDG_STATE_HOME")) return *state / "sterna" / "history";
  if (const auto home = folder_of("HOME")) return *home / ".local/state/sterna/history";
  return {};
}

}  // namespace

std::vector<std::string> read_history() {
  std::vector<std::string> lines;
  const auto path = history_file();
  std::error_code ignored;
  if (!path || !fs::is_regular_file(*path, ignored)) return lines;
  // Not through the watched reader: this file is read and written, as no other is.
  std::ifstream file(*path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

void write_history(const std::vector<std::string>& lines) {
  const auto file = history_file();
  if (!file) return;
  std::error_code error;
  fs::create_directories(file->parent_path().parent_path(), error);
  if (!error && ::mkdir(file->parent_path().c_str(), 0700) != 0 && errno != EEXIST) {
    error.assign(errno, std::generic_category());
  }
  if (error) {
    throw Error("{}: cannot make the folder: {}", file->parent_path().string(), error.message());
  }
  std::string text;
  const auto kept = std::min(lines.size(), kHistoryLines);
  for (auto line = lines.end() - static_cast<std::ptrdiff_t>(kept); line != lines.end(); ++line) {
    text += *line + "\n";
  }
  write_file_atomically(*file, text);
}

}  // namespace sterna::cli
