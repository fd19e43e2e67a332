// SPDX-License-Identifier: Apache-2.0
#include "host/model/sterna_writer.h"

#include <array>

#include "host/model/sterna_format.h"

namespace sterna::model {

SternaWriter::SternaWriter(const std::filesystem::path& path)
    : file_(path, AtomicFile::Access::kRandom) {
  const format::Prelude blank{};
  file_.write(std::as_bytes(std::span(&blank, 1)));
}

void SternaWriter::begin_section(const std::string& name) {
  sections_.push_back({name, file_.position(), 0, 0});
}

void SternaWriter::write(std::span<const std::byte> data) {
  Section& section = sections_.back();
  section.crc32 = crc32(data, section.crc32);
  section.bytes += data.size();
  file_.write(data);
}

std::uint64_t SternaWriter::section_position() const { return sections_.back().bytes; }

void SternaWriter::end_section() { pad(); }

void SternaWriter::pad() {
  constexpr std::array<std::byte, format::kAlign> kZeros{};
  const std::uint64_t over = file_.position() % format::kAlign;
  if (over != 0) file_.write(std::span(kZeros).first(format::kAlign - over));
}

std::uint64_t SternaWriter::finish(SternaHeader header) {
  header.sections = sections_;
  const std::string text = format::to_json(header).dump(1);
  format::Prelude prelude;
  prelude.header_offset = file_.position();
  prelude.header_bytes = text.size();
  prelude.header_crc32 = crc32(std::as_bytes(std::span(text)));
  file_.write(text);
  prelude.file_bytes = file_.position();
  prelude.crc32 = format::prelude_crc32(prelude);
  file_.overwrite(0, std::as_bytes(std::span(&prelude, 1)));
  return prelude.file_bytes;
}

}  // namespace sterna::model
