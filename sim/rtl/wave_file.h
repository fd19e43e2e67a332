// SPDX-License-Identifier: Apache-2.0
// A waveform's file, and the files that Verilator's FST writer (GTKWave's) works with besides.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>

#include "support/atomic_file.h"

namespace sterna::rtl {

// The writer checks nothing that it writes, replaces what it finds under its file's name, and maps
// its working files into memory, where a full disk is a SIGBUS. So it is given a name for a file
// that is open already, working files that have no disk beneath them, and functions that
// look back.
class WaveFile {
 public:
  // Throws Error when `path` cannot be written.
  explicit WaveFile(const std::filesystem::path& path)
      : path_(path), file_(path, AtomicFile::Access::kRandom) {}

  // For the writer.
  std::string name() const { return "/proc/self/fd/" + std::to_string(file_.descriptor()); }

  // After the writer has closed the file, in the same thread. Throws Error when part of it was not
  // written.
  void commit();

 private:
  std::filesystem::path path_;
  AtomicFile file_;
};

// What the writer calls in place of fopen, tmpfile, fclose and mmap (sim/rtl/fst_files.h).
std::FILE* fst_open(const char* name, const char* mode);
std::FILE* fst_working_file();
int fst_close(std::FILE* file);
void* fst_map(std::size_t length, int protection, int flags, int file);

}  // namespace sterna::rtl
