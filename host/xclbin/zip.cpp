// SPDX-License-Identifier: Apache-2.0
#include "host/xclbin/zip.h"

#include <cstdint>

#include "support/files.h"

namespace sterna::xclbin {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEndOfCentralDirectory = 0x06054b50;
constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kMadeByUnix = 3 << 8 | kVersion;
constexpr std::uint16_t kFirstDay = 1 << 5 | 1;  // 1 January 1980
constexpr std::uint32_t kRegularFile = 0100000;

void put16(std::string& out, std::uint32_t value) {
  out += static_cast<char>(value & 0xFF);
  out += static_cast<char>(value >> 8 & 0xFF);
}
void put32(std::string& out, std::uint32_t value) {
  put16(out, value & 0xFFFF);
  put16(out, value >> 16);
}

// What local and central header have in common.
void put_description(std::string& out, const ZipEntry& entry) {
  const auto size = static_cast<std::uint32_t>(entry.contents.size());
  put16(out, kVersion);
  put16(out, 0);  // flags
  put16(out, 0);  // stored
  put16(out, 0);  // midnight
  put16(out, kFirstDay);
  put32(out, crc32(std::as_bytes(std::span(entry.contents))));
  put32(out, size);
  put32(out, size);
  put16(out, static_cast<std::uint32_t>(entry.path.size()));
  put16(out, 0);  // no extra field
}

}  // namespace

std::string zip_archive(std::span<const ZipEntry> entries) {
  std::string files, directory;
  for (const ZipEntry& entry : entries) {
    put32(directory, kCentralHeader);
    put16(directory, kMadeByUnix);
    put_description(directory, entry);
    put16(directory, 0);  // no comment
    put16(directory, 0);  // first disk
    put16(directory, 0);  // internal attributes
    put32(directory, (kRegularFile | (entry.executable ? 0755u : 0644u)) << 16);
    put32(directory, static_cast<std::uint32_t>(files.size()));
    directory += entry.path;

    put32(files, kLocalHeader);
    put_description(files, entry);
    files += entry.path;
    files += entry.contents;
  }
  const auto count = static_cast<std::uint32_t>(entries.size());
  const auto start = static_cast<std::uint32_t>(files.size());
  files += directory;
  put32(files, kEndOfCentralDirectory);
  put16(files, 0);
  put16(files, 0);
  put16(files, count);
  put16(files, count);
  put32(files, static_cast<std::uint32_t>(directory.size()));
  put32(files, start);
  put16(files, 0);
  return files;
}

}  // namespace sterna::xclbin
