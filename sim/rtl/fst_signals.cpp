// SPDX-License-Identifier: Apache-2.0
// Compiled beside the copy of GTKWave's FST library that Verilator brings along.
#include "sim/rtl/fst_signals.h"

#include <fcntl.h>
#include <gtkwave/fstapi.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "support/error.h"

namespace sterna::rtl {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path)
      : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (file_ < 0) throw Error("{}: cannot open: {}", path.string(), std::strerror(errno));
  }
  ~OpenFile() { ::close(file_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  // The library makes working files beside what it reads: beside this name there can be none, and
  // it takes others.
  bool regular() const {
    struct stat info {};
    return ::fstat(file_, &info) == 0 && S_ISREG(info.st_mode);
  }
  std::string name() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

}  // namespace

std::vector<std::string> fst_signals(const std::filesystem::path& path) {
  const OpenFile file(path);
  if (!file.regular()) return {};
  void* reader = fstReaderOpen(file.name().c_str());
  if (reader == nullptr) return {};  // the library does not open what holds no time
  std::vector<std::string> signals;
  while (const fstHier* entry = fstReaderIterateHier(reader)) {
    if (entry->htyp == FST_HT_SCOPE) {
      fstReaderPushScope(reader, entry->u.scope.name, nullptr);
    } else if (entry->htyp == FST_HT_UPSCOPE) {
      fstReaderPopScope(reader);
    } else if (entry->htyp == FST_HT_VAR) {
      std::string name = fstReaderGetCurrentFlatScope(reader);
      name += '.';
      for (const char c : std::string(entry->u.var.name)) {
        if (c != ' ') name += c;  // "pc [31:0]"
      }
      signals.push_back(std::move(name));
    }
  }
  fstReaderClose(reader);
  return signals;
}

}  // namespace sterna::rtl
