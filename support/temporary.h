// SPDX-License-Identifier: Apache-2.0
// Files under a name of their own until they are whole, which neither errors nor signals leave
// behind.
#pragma once

#include <filesystem>
#include <string>

namespace sterna {

// A free name beside another file's. Whoever holds it may create a file under it; the file goes
// with the Temporary, unless rename_to() has given it its final name.
class Temporary {
 public:
  explicit Temporary(const std::filesystem::path& beside);
  ~Temporary();
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  const std::string& path() const;
  // False, with errno, when the system refuses; the name is still held then.
  bool rename_to(const std::filesystem::path& path);

  struct Entry;

 private:
  Entry* entry_;
};

// Removes what lies under the names of all Temporaries. Safe in a signal's handler, which ends the
// process then.
void remove_temporaries();

// From now on a signal that would end the process removes what lies under the names of all
// Temporaries first. Signals that are ignored or handled stay so. For a program's main().
void remove_temporaries_on_signals();

}  // namespace sterna
