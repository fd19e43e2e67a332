// SPDX-License-Identifier: Apache-2.0
#include "host/xclbin/xclbin.h"

#include <uuid/uuid.h>
#include <xclbin.h>

#include <cstring>
#include <span>
#include <utility>

#include "host/xclbin/memory_map.h"
#include "host/xclbin/zip.h"
#include "isa/generated/kernel.h"
#include "support/error.h"

namespace sterna::xclbin {
namespace {

constexpr std::size_t kAlignment = 8;  // of sections

template <std::size_t Size, typename Character>
void copy_name(Character (&to)[Size], std::string_view name) {
  static_assert(sizeof(Character) == 1);
  if (name.size() >= Size) throw Error("xclbin: '{}' is longer than {}", name, Size - 1);
  std::memcpy(to, name.data(), name.size());
}

// A section of the form: a count, then records at the place where the container's C structure has
// the first.
template <typename List, typename Record>
std::string list_section(std::size_t first, std::span<const Record> records) {
  const auto count = static_cast<std::int32_t>(records.size());
  std::string bytes(first, '\0');
  std::memcpy(bytes.data(), &count, sizeof(count));
  static_assert(std::is_trivially_copyable_v<Record>);
  bytes.append(reinterpret_cast<const char*>(records.data()), records.size_bytes());
  bytes.resize(std::max(bytes.size(), sizeof(List)), '\0');
  return bytes;
}

std::string memory_topology(unsigned channels, std::uint64_t bank_bytes) {
  std::vector<mem_data> banks(channels);
  for (unsigned c = 0; c < channels; ++c) {
    banks[c].m_type = MEM_DDR4;
    banks[c].m_used = 1;
    banks[c].m_size = bank_bytes >> 10;
    banks[c].m_base_address = bank_base(c, bank_bytes);
    copy_name(banks[c].m_tag, fmt::format("DDR[{}]", c));
  }
  return list_section<mem_topology, mem_data>(offsetof(mem_topology, m_mem_data), banks);
}

std::string connections(unsigned channels) {
  std::vector<connection> list;
  std::int32_t index = 0;
  for (const KernelArgument& a : kKernelArguments) {
    if (a.is_pointer) {
      const std::uint32_t bank = segment_channel(static_cast<std::uint32_t>(a.segment), channels);
      list.push_back({.arg_index = index,
                      .m_ip_layout_index = 0,
                      .mem_data_index = static_cast<std::int32_t>(bank)});
    }
    ++index;
  }
  return list_section<connectivity, connection>(offsetof(connectivity, m_connection), list);
}

std::string kernels() {
  ip_data kernel{};
  kernel.m_type = IP_KERNEL;
  kernel.properties = AP_CTRL_HS << IP_CONTROL_SHIFT;
  kernel.m_base_address = kKernelBase;
  copy_name(kernel.m_name, fmt::format("{}:{}", kKernelName, kKernelInstance));
  return list_section<ip_layout, ip_data>(offsetof(ip_layout, m_ip_data), std::span(&kernel, 1));
}

std::string clocks(std::uint32_t khz) {
  clock_freq clock{};
  clock.m_freq_Mhz = static_cast<std::uint16_t>(khz / 1000);
  clock.m_type = CT_DATA;
  copy_name(clock.m_name, "DATA_CLK");
  const std::int16_t count = 1;
  std::string bytes(sizeof(clock_freq_topology), '\0');
  std::memcpy(bytes.data(), &count, sizeof(count));
  std::memcpy(bytes.data() + offsetof(clock_freq_topology, m_clock_freq), &clock, sizeof(clock));
  return bytes;
}

struct Section {
  axlf_section_kind kind;
  const char* name;
  std::string data;
};

// The name of these bytes: equal contents are one xclbin, and XRT tells others apart.
void name_by_contents(std::string& bytes) {
  constexpr uuid_t kOurs = {0x53, 0x54, 0x45, 0x52, 0x4e, 0x41, 0x40, 0x00,
                            0x80, 0x00, 0x78, 0x63, 0x6c, 0x62, 0x69, 0x6e};
  uuid_t id;
  uuid_generate_sha1(id, kOurs, bytes.data(), bytes.size());
  std::memcpy(bytes.data() + offsetof(axlf, m_header.uuid), id, sizeof(id));
  std::memcpy(bytes.data() + offsetof(axlf, m_uniqueId), id, sizeof(axlf::m_uniqueId));
}

std::string container(std::span<const Section> sections) {
  std::vector<axlf_section_header> headers(sections.size());
  std::string data;
  const std::size_t start = offsetof(axlf, m_sections) + sections.size() * sizeof(headers[0]);
  const auto pad = [&] {
    data.resize((start + data.size() + kAlignment - 1) / kAlignment * kAlignment - start);
  };
  for (std::size_t i = 0; i < sections.size(); ++i) {
    pad();
    headers[i].m_sectionKind = sections[i].kind;
    copy_name(headers[i].m_sectionName, sections[i].name);
    headers[i].m_sectionOffset = start + data.size();
    headers[i].m_sectionSize = sections[i].data.size();
    data += sections[i].data;
  }
  pad();

  axlf top{};
  std::memcpy(top.m_magic, "xclbin2", 8);
  top.m_signature_length = -1;
  std::memset(top.reserved, 0xFF, sizeof(top.reserved));
  std::memset(top.m_keyBlock, 0xFF, sizeof(top.m_keyBlock));
  top.m_header.m_length = start + data.size();
  top.m_header.m_mode = XCLBIN_HW_EMU;
  copy_name(top.m_header.m_platformVBNV, "sterna_emulation");
  top.m_header.m_numSections = static_cast<std::uint32_t>(sections.size());

  std::string bytes(reinterpret_cast<const char*>(&top), offsetof(axlf, m_sections));
  bytes.append(reinterpret_cast<const char*>(headers.data()), headers.size() * sizeof(headers[0]));
  bytes += data;
  name_by_contents(bytes);
  return bytes;
}

}  // namespace

std::vector<std::byte> emulation_xclbin(const EmulationXclbin& xclbin) {
  const unsigned channels = xclbin.shape.channels;
  if (channels == 0 || channels > kMaxBanks) {
    throw Error("xclbin: {} channels do not fit a card of {} banks", channels, kMaxBanks);
  }
  if (xclbin.bank_bytes == 0 || xclbin.bank_bytes > kMaxBankBytes ||
      xclbin.bank_bytes % kBankStep != 0) {
    throw Error("xclbin: banks of {} bytes: a multiple of {} up to {} is needed", xclbin.bank_bytes,
                kBankStep, kMaxBankBytes);
  }
  const std::string script = simulate_script(xclbin);
  const ZipEntry simulator{
      .path = "behav_waveform/xsim/simulate.sh", .contents = script, .executable = true};
  const Section sections[] = {
      {BITSTREAM, "sterna", zip_archive(std::span(&simulator, 1))},
      {EMBEDDED_METADATA, "metadata", kernel_metadata(xclbin.shape)},
      {MEM_TOPOLOGY, "memory", memory_topology(channels, xclbin.bank_bytes)},
      {CONNECTIVITY, "connectivity", connections(channels)},
      {IP_LAYOUT, "kernels", kernels()},
      {CLOCK_FREQ_TOPOLOGY, "clocks", clocks(xclbin.shape.clock_khz)},
      {ASK_GROUP_TOPOLOGY, "memory", memory_topology(channels, xclbin.bank_bytes)},
      {ASK_GROUP_CONNECTIVITY, "connectivity", connections(channels)},
  };
  const std::string bytes = container(sections);
  const auto span = std::as_bytes(std::span(bytes));
  return {span.begin(), span.end()};
}

}  // namespace sterna::xclbin
