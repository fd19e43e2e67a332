// SPDX-License-Identifier: Apache-2.0
#include "host/xrt/zip_check.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>

#include "support/files.h"

namespace sterna::card {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEndOfCentralDirectory = 0x06054b50;
constexpr std::size_t kLocalHeaderBytes = 30, kEndBytes = 22;
constexpr std::uint16_t kSizesFollow = 8;  // a flag: the header does not know them yet
constexpr std::uint16_t kStored = 0;

template <typename T>
T field_at(std::span<const std::byte> bytes, std::size_t offset) {
  T value{};
  if (offset <= bytes.size() && sizeof(T) <= bytes.size() - offset) {
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
  }
  return value;
}

}  // namespace

std::string zip_damage(std::span<const std::byte> archive) {
  if (archive.size() < kEndBytes ||
      field_at<std::uint32_t>(archive, archive.size() - kEndBytes) != kEndOfCentralDirectory) {
    return "no zip archive";
  }
  std::size_t at = 0;
  while (field_at<std::uint32_t>(archive, at) == kLocalHeader) {
    const auto flags = field_at<std::uint16_t>(archive, at + 6);
    const auto method = field_at<std::uint16_t>(archive, at + 8);
    const auto checksum = field_at<std::uint32_t>(archive, at + 14);
    const auto bytes = field_at<std::uint32_t>(archive, at + 18);
    const std::size_t data = at + kLocalHeaderBytes + field_at<std::uint16_t>(archive, at + 26) +
                             field_at<std::uint16_t>(archive, at + 28);
    if ((flags & kSizesFollow) != 0) return "";  // written as a stream: unzip reads the directory
    if (data > archive.size() || bytes > archive.size() - data) {
      return fmt::format("the file at {} leaves the archive", at);
    }
    if (method == kStored && crc32(archive.subspan(data, bytes)) != checksum) {
      return fmt::format("the file at {} has a wrong checksum", at);
    }
    at = data + bytes;
  }
  if (at == 0 || field_at<std::uint32_t>(archive, at) != kCentralHeader) {
    return fmt::format("no file and no directory at {}", at);
  }
  return "";
}

}  // namespace sterna::card
