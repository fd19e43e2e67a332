// SPDX-License-Identifier: Apache-2.0
// Damaged xclbins: what XRT would follow is told in one line, and what passes does not crash XRT.
#include "host/xrt/xclbin_check.h"

#include <experimental/xrt_xclbin.h>
#include <gtest/gtest.h>
#include <xclbin.h>

#include <cstring>
#include <fstream>
#include <random>
#include <span>

#include "host/xclbin/xclbin.h"
#include "tests/host/test_folder.h"

namespace sterna::card {
namespace {

class XclbinCheck : public testing::Test {
 protected:
  void SetUp() override {
    xclbin::EmulationXclbin xclbin;
    xclbin.configuration = "tiny";
    xclbin.shape = {1, 1, 1, 256, 8, 128, 256, 100000};
    xclbin.device_process = "/nowhere";
    good_ = xclbin::emulation_xclbin(xclbin);
  }

  // What check_xclbin says of these bytes; "" when nothing.
  std::string refusal(std::span<const std::byte> bytes,
                      XclbinTarget target = XclbinTarget::kEmulation) {
    std::ofstream(file_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return model::error_of([&] { check_xclbin(file_, target); });
  }

  template <typename T>
  void patch(std::vector<std::byte>& bytes, std::size_t offset, T value) {
    std::memcpy(bytes.data() + offset, &value, sizeof(T));
  }

  // Where the data of the section of this kind begins.
  std::size_t section(std::uint32_t kind) {
    for (std::size_t at = offsetof(axlf, m_sections);; at += sizeof(axlf_section_header)) {
      axlf_section_header header;
      std::memcpy(&header, good_.data() + at, sizeof(header));
      if (header.m_sectionKind == kind) return header.m_sectionOffset;
    }
  }

  // What the host reads of an xclbin before it opens a card; throws what XRT throws.
  void read_as_the_host_does() {
    const xrt::xclbin xclbin(file_.string());
    for (const auto& kernel : xclbin.get_kernels()) {
      for (const auto& unit : kernel.get_cus()) {
        for (const auto& argument : unit.get_args()) {
          for (const auto& memory : argument.get_mems()) memory.get_tag();
        }
      }
    }
  }

  model::TestFolder folder_;
  std::filesystem::path file_ = folder_ / "x.xclbin";
  std::vector<std::byte> good_;
};

TEST_F(XclbinCheck, TakesAWholeOne) {
  EXPECT_EQ(refusal(good_), "");
  read_as_the_host_does();
}

TEST_F(XclbinCheck, KnowsWhatItIsFor) {
  model::expect_error(refusal(good_, XclbinTarget::kCard), "built for emulation");
  std::vector<std::byte> card = good_;
  patch<std::uint16_t>(card, offsetof(axlf, m_header) + offsetof(axlf_header, m_mode), XCLBIN_PR);
  EXPECT_EQ(refusal(card, XclbinTarget::kCard), "");
  model::expect_error(refusal(card), "built for a card");
}

TEST_F(XclbinCheck, RefusesEveryTruncation) {
  for (std::size_t bytes = 0; bytes < good_.size(); bytes += bytes < 2000 ? 7 : 1009) {
    EXPECT_NE(refusal(std::span(good_).first(bytes)), "") << bytes;
  }
  model::expect_error(refusal({}), "not an xclbin");
  model::expect_error(refusal(std::span(good_).first(good_.size() - 1)), "truncated");
  model::expect_error(model::error_of([&] { check_xclbin(folder_ / "none", XclbinTarget::kCard); }),
                      "none");
}

TEST_F(XclbinCheck, RefusesOffsetsAndCountsThatLeaveTheFile) {
  const auto damaged = [&](std::size_t offset, auto value) {
    std::vector<std::byte> bytes = good_;
    patch(bytes, offset, value);
    return refusal(bytes);
  };
  const std::size_t sections = offsetof(axlf, m_sections);
  const std::size_t count = offsetof(axlf, m_header) + offsetof(axlf_header, m_numSections);
  model::expect_error(damaged(count, 0xFFFFFFFFu), "4294967295 sections do not fit");
  model::expect_error(damaged(count, 0u), "lacks section kind");
  model::expect_error(damaged(sections + offsetof(axlf_section_header, m_sectionOffset), ~0ull - 7),
                      "leaves the file");
  model::expect_error(damaged(sections + offsetof(axlf_section_header, m_sectionSize), ~0ull),
                      "leaves the file");
  for (const auto kind : {MEM_TOPOLOGY, IP_LAYOUT, CONNECTIVITY}) {
    model::expect_error(damaged(section(kind), -1), "-1 entries do not fit");
    model::expect_error(damaged(section(kind), 0x7FFFFFFF), "2147483647 entries do not fit");
  }
  const std::size_t first = section(CONNECTIVITY) + offsetof(connectivity, m_connection);
  model::expect_error(damaged(first + offsetof(connection, arg_index), 0x7FFFFFFF),
                      "does not exist");
  model::expect_error(damaged(first + offsetof(connection, m_ip_layout_index), 9),
                      "does not exist");
  model::expect_error(damaged(first + offsetof(connection, mem_data_index), -1), "does not exist");
}

TEST_F(XclbinCheck, RefusesADamagedArchive) {
  const std::size_t archive = section(BITSTREAM);
  const auto flipped = [&](std::size_t offset) {
    std::vector<std::byte> bytes = good_;
    bytes[archive + offset] ^= std::byte{1};
    return refusal(bytes);
  };
  model::expect_error(flipped(0), "no file and no directory at 0");
  model::expect_error(flipped(14), "wrong checksum");             // the checksum
  model::expect_error(flipped(21), "leaves the archive");         // the length
  model::expect_error(flipped(30 + 20 + 100), "wrong checksum");  // the contents
}

TEST_F(XclbinCheck, WhatPassesDoesNotCrashXrt) {
  constexpr unsigned kSeed = 20260;
  std::mt19937 random(kSeed);
  const std::size_t end = std::min<std::size_t>(good_.size(), 60000);
  unsigned refused = 0;
  for (int i = 0; i < 400; ++i) {
    std::vector<std::byte> bytes = good_;
    const std::size_t at = random() % (i % 2 == 0 ? sizeof(axlf) + 400 : end);
    bytes[at] ^= static_cast<std::byte>(1u << random() % 8);
    SCOPED_TRACE(fmt::format("seed {}, round {}, byte {}", kSeed, i, at));
    if (!refusal(bytes).empty()) {
      ++refused;
      continue;
    }
    try {
      read_as_the_host_does();
    } catch (const std::exception&) {
      ++refused;  // XRT says so itself
    }
  }
  EXPECT_GT(refused, 20u);
}

}  // namespace
}  // namespace sterna::card
