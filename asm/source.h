// SPDX-License-Identifier: Apache-2.0
// Source files, places in them, and diagnostics that show the place.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sterna::assembly {

struct SourceFile {
  SourceFile(std::size_t file_order, std::string file_name, std::string contents);
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;

  std::size_t order;  // in which the files of a program were opened
  std::string name;
  std::string text;
  std::vector<std::string_view> lines;  // into text, without line ends
};

// Gives the text of a file that a source names; throws Error when it cannot.
using SourceReader = std::function<std::string(const std::filesystem::path& path)>;

// Line and column count from 1; columns are bytes. The file must outlive the place.
struct SourcePlace {
  const SourceFile* file = nullptr;
  unsigned line = 0;
  unsigned column = 0;
  unsigned length = 1;
};

// What stops one statement; the assembler goes on with the next.
struct StatementError {
  SourcePlace place;
  std::string message;
};

template <typename... Args>
[[noreturn]] void fail_at(const SourcePlace& place, fmt::format_string<Args...> format,
                          Args&&... args) {
  throw StatementError{place, fmt::format(format, std::forward<Args>(args)...)};
}

// Collects errors and stops keeping them after a number that a person can read.
class Diagnostics {
 public:
  static constexpr std::size_t kMost = 20;

  void add(StatementError error);
  bool empty() const { return errors_.empty(); }
  bool full() const { return errors_.size() >= kMost; }
  // In the order of the source: "file:line:col: error: message", the source line and a caret; no
  // newline at the end.
  std::string text() const;

 private:
  std::vector<StatementError> errors_;
};

}  // namespace sterna::assembly
