// SPDX-License-Identifier: Apache-2.0
#include "host/xrt/xclbin_check.h"

#include <xclbin.h>

#include <array>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "host/xrt/zip_check.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::card {
namespace {

// XRT numbers a kernel's arguments by entries of a table that grows to the largest number it meets.
constexpr std::int32_t kMostArguments = 1024;

// The fixed part in front of the section headers.
constexpr std::size_t kFixedBytes = offsetof(axlf, m_sections);

template <typename T>
T read_at(std::span<const std::byte> bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

class Checker {
 public:
  Checker(const std::filesystem::path& path, std::span<const std::byte> bytes)
      : path_(path.string()), bytes_(bytes) {}

  void check(XclbinTarget target) {
    if (bytes_.size() < kFixedBytes || std::memcmp(bytes_.data(), "xclbin2", 8) != 0) {
      throw Error("{}: not an xclbin", path_);
    }
    const auto header = read_at<axlf_header>(bytes_, offsetof(axlf, m_header));
    if (header.m_length > bytes_.size()) {
      throw Error("{}: truncated: {} of {} bytes are there", path_, bytes_.size(), header.m_length);
    }
    check_target(header, target);
    find_sections(header);
    const auto memories = entries<mem_data>(MEM_TOPOLOGY, offsetof(mem_topology, m_mem_data));
    const auto kernels = entries<ip_data>(IP_LAYOUT, offsetof(ip_layout, m_ip_data));
    check_connections(CONNECTIVITY, memories.size(), kernels.size());
    if (section(ASK_GROUP_TOPOLOGY) != nullptr) {
      const auto groups = entries<mem_data>(ASK_GROUP_TOPOLOGY, offsetof(mem_topology, m_mem_data));
      check_connections(ASK_GROUP_CONNECTIVITY, groups.size(), kernels.size());
      for (const mem_data& group : groups) check_name("memory group", group.m_tag);
    }
    for (const mem_data& memory : memories) check_name("memory", memory.m_tag);
    for (const ip_data& kernel : kernels) check_name("kernel", kernel.m_name);
    needed(EMBEDDED_METADATA);
    if (target == XclbinTarget::kEmulation) check_archive();
  }

 private:
  void check_target(const axlf_header& header, XclbinTarget target) const {
    const bool emulation = header.m_mode == XCLBIN_HW_EMU || header.m_mode == XCLBIN_HW_EMU_PR;
    if (target == XclbinTarget::kCard && emulation) {
      throw Error("{}: built for emulation, not for a card (--emulate runs it)", path_);
    }
    if (target == XclbinTarget::kEmulation && !emulation) {
      throw Error("{}: built for a card, not for hw_emu: run it without --emulate", path_);
    }
  }

  void check_archive() const {
    const axlf_section_header& s = needed(BITSTREAM);
    const std::string damage = zip_damage(bytes_.subspan(s.m_sectionOffset, s.m_sectionSize));
    if (!damage.empty()) throw Error("{}: section kind {}: {}", path_, BITSTREAM, damage);
  }

  void find_sections(const axlf_header& header) {
    const std::uint64_t room = (header.m_length - kFixedBytes) / sizeof(axlf_section_header);
    if (header.m_length < kFixedBytes || header.m_numSections > room) {
      throw Error("{}: {} sections do not fit its {} bytes", path_, header.m_numSections,
                  header.m_length);
    }
    for (std::uint32_t i = 0; i < header.m_numSections; ++i) {
      const auto s = read_at<axlf_section_header>(
          bytes_, kFixedBytes + std::size_t{i} * sizeof(axlf_section_header));
      if (s.m_sectionOffset > header.m_length ||
          s.m_sectionSize > header.m_length - s.m_sectionOffset) {
        throw Error("{}: section {} (kind {}), {} bytes at {}, leaves the file of {} bytes", path_,
                    i, s.m_sectionKind, s.m_sectionSize, s.m_sectionOffset, header.m_length);
      }
      sections_.push_back(s);
    }
  }

  const axlf_section_header* section(std::uint32_t kind) const {
    for (const axlf_section_header& s : sections_) {
      if (s.m_sectionKind == kind) return &s;
    }
    return nullptr;
  }

  const axlf_section_header& needed(std::uint32_t kind) const {
    const axlf_section_header* found = section(kind);
    if (found == nullptr) throw Error("{}: it lacks section kind {}", path_, kind);
    return *found;
  }

  // The entries of a section that starts with their count; `first` is where entry 0 lies in it.
  template <typename T>
  std::vector<T> entries(std::uint32_t kind, std::size_t first) const {
    const axlf_section_header& s = needed(kind);
    const std::uint64_t room = s.m_sectionSize < first ? 0 : (s.m_sectionSize - first) / sizeof(T);
    const auto count = s.m_sectionSize < sizeof(std::int32_t)
                           ? -1
                           : read_at<std::int32_t>(bytes_, s.m_sectionOffset);
    if (count < 0 || static_cast<std::uint64_t>(count) > room) {
      throw Error("{}: section kind {}: {} entries do not fit its {} bytes", path_, kind, count,
                  s.m_sectionSize);
    }
    std::vector<T> result;
    result.reserve(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count; ++i) {
      result.push_back(
          read_at<T>(bytes_, s.m_sectionOffset + first + static_cast<std::size_t>(i) * sizeof(T)));
    }
    return result;
  }

  void check_connections(std::uint32_t kind, std::size_t memories, std::size_t kernels) const {
    for (const auto& c : entries<connection>(kind, offsetof(connectivity, m_connection))) {
      const auto inside = [](std::int32_t index, std::size_t count) {
        return index >= 0 && static_cast<std::size_t>(index) < count;
      };
      if (!inside(c.arg_index, kMostArguments) || !inside(c.m_ip_layout_index, kernels) ||
          !inside(c.mem_data_index, memories)) {
        throw Error("{}: section kind {}: argument {} of kernel {} in memory {} does not exist",
                    path_, kind, c.arg_index, c.m_ip_layout_index, c.mem_data_index);
      }
    }
  }

  template <typename Char, std::size_t kBytes>
  void check_name(const char* what, const Char (&name)[kBytes]) const {
    if (std::memchr(name, 0, kBytes) == nullptr) {
      throw Error("{}: the name of a {} does not end", path_, what);
    }
  }

  std::string path_;
  std::span<const std::byte> bytes_;
  std::vector<axlf_section_header> sections_;
};

}  // namespace

void check_xclbin(const std::filesystem::path& path, XclbinTarget target) {
  const MappedFile file(path);
  Checker(path, file.bytes()).check(target);
}

}  // namespace sterna::card
