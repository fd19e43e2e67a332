// SPDX-License-Identifier: Apache-2.0
#include "host/cli/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "support/error.h"

namespace sterna::cli {
namespace {

[[noreturn]] void throw_unwritten() {
  throw Error("cannot write the output: {}", std::strerror(errno));
}

}  // namespace

void show(std::string_view text) {
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  if (written != text.size() || std::fflush(stdout) != 0) throw_unwritten();
}

void finish_output() {
  if (std::ferror(stdout) != 0 || std::fflush(stdout) != 0) throw_unwritten();
}

void remark(std::string_view line) {
  if (line.empty()) return;
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

}  // namespace sterna::cli
