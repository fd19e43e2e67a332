// SPDX-License-Identifier: Apache-2.0
// Writes a .sterna file section by section, so that no section has to fit in memory.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "host/model/sterna_file.h"

namespace sterna::model {

class SternaWriter {
 public:
  // Writes beside `path`, and to `path` itself only at commit(). Throws Error when it
  // cannot write.
  explicit SternaWriter(const std::filesystem::path& path);

  void begin_section(const std::string& name);
  void write(std::span<const std::byte> data);
  // Bytes written to the current section.
  std::uint64_t section_position() const;
  void end_section();

  // Writes the header (its `sections` are the ones written). Gives the file's bytes.
  std::uint64_t finish(SternaHeader header);
  // Puts the file, which is finished, in its place.
  void commit() { file_.commit(); }

 private:
  void pad();

  AtomicFile file_;
  std::vector<Section> sections_;
};

}  // namespace sterna::model
