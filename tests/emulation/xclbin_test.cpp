// SPDX-License-Identifier: Apache-2.0
// The container, read back by XRT itself.
#include "host/xclbin/xclbin.h"

#include <experimental/xrt_xclbin.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "host/xclbin/memory_map.h"
#include "isa/generated/isa.h"
#include "isa/generated/kernel.h"
#include "support/files.h"
#include "tests/host/test_folder.h"

namespace sterna {
namespace {

xclbin::EmulationXclbin example(unsigned channels, unsigned lanes) {
  return {.configuration = "tiny",
          .shape = {.isa_version = 1,
                    .channels = channels,
                    .lanes = lanes,
                    .vector_length = 256,
                    .registers = 8,
                    .beat_bits = 128,
                    .rom_depth = 256,
                    .clock_khz = 100000},
          .device_process = "/nowhere/sterna-hw-emu"};
}

xrt::xclbin read(const model::TestFolder& folder, const xclbin::EmulationXclbin& xclbin) {
  const auto path = folder / "test.xclbin";
  write_file_atomically(path, xclbin::emulation_xclbin(xclbin));
  return xrt::xclbin(path.string());
}

TEST(Xclbin, KernelArgumentsAreThoseOfTheDefinition) {
  const model::TestFolder folder;
  for (const unsigned lanes : {1u, 4u}) {
    const xrt::xclbin xclbin = read(folder, example(1, lanes));
    const auto kernels = xclbin.get_kernels();
    ASSERT_EQ(kernels.size(), 1u);
    EXPECT_EQ(kernels[0].get_name(), kKernelName);
    const auto args = kernels[0].get_args();
    EXPECT_EQ(args.size(), kKernelArguments.size() - reg::kTokenCount + lanes);
    for (const auto& arg : args) {
      const KernelArgument& wanted = kKernelArguments.at(arg.get_index());
      EXPECT_EQ(arg.get_name(), wanted.name);
      EXPECT_EQ(arg.get_offset(), wanted.offset);
      EXPECT_EQ(arg.get_size(), wanted.bytes);
    }
  }
}

TEST(Xclbin, SegmentsAreConnectedToTheBankOfTheirChannel) {
  const model::TestFolder folder;
  for (const unsigned channels : {1u, 3u, 4u}) {
    xclbin::EmulationXclbin wanted_xclbin = example(channels, 1);
    wanted_xclbin.bank_bytes = channels == 3 ? 5 * xclbin::kBankStep : xclbin::kMaxBankBytes;
    const xrt::xclbin xclbin = read(folder, wanted_xclbin);
    const auto banks = xclbin.get_mems();
    ASSERT_EQ(banks.size(), channels);
    for (unsigned c = 0; c < channels; ++c) {
      EXPECT_EQ(banks[c].get_tag(), fmt::format("DDR[{}]", c));
      EXPECT_EQ(banks[c].get_base_address(), xclbin::bank_base(c, wanted_xclbin.bank_bytes));
      EXPECT_EQ(banks[c].get_size_kb(), wanted_xclbin.bank_bytes >> 10);
      EXPECT_TRUE(banks[c].get_used());
    }
    for (const auto& arg : xclbin.get_kernel(std::string(kKernelName)).get_args()) {
      const KernelArgument& wanted = kKernelArguments.at(arg.get_index());
      const auto mems = arg.get_mems();
      ASSERT_EQ(mems.size(), wanted.is_pointer ? 1u : 0u) << wanted.name;
      if (wanted.is_pointer) {
        EXPECT_EQ(mems[0].get_index(), wanted.segment % static_cast<int>(channels));
      }
    }
  }
}

TEST(Xclbin, OneComputeUnitWithAWholeRegisterMap) {
  const model::TestFolder folder;
  const xrt::xclbin xclbin = read(folder, example(2, 1));
  const auto units = xclbin.get_kernel(std::string(kKernelName)).get_cus();
  ASSERT_EQ(units.size(), 1u);
  EXPECT_EQ(units[0].get_name(), fmt::format("{}:{}", kKernelName, xclbin::kKernelInstance));
  EXPECT_EQ(units[0].get_base_address(), xclbin::kKernelBase);
  EXPECT_EQ(units[0].get_size(), kRegisterMapBytes);
  EXPECT_EQ(units[0].get_control_type(), xrt::xclbin::ip::control_type::hs);
  EXPECT_EQ(xclbin.get_target_type(), xrt::xclbin::target_type::hw_emu);
}

TEST(Xclbin, EqualContentsHaveEqualNames) {
  const model::TestFolder folder;
  const auto id = [&](const xclbin::EmulationXclbin& x) {
    return read(folder, x).get_uuid().to_string();
  };
  EXPECT_EQ(xclbin::emulation_xclbin(example(1, 1)), xclbin::emulation_xclbin(example(1, 1)));
  EXPECT_EQ(id(example(1, 1)), id(example(1, 1)));
  EXPECT_NE(id(example(1, 1)), id(example(2, 1)));
  EXPECT_NE(id(example(1, 1)), std::string(36, '0'));
}

TEST(Xclbin, MoreChannelsThanBanksAreRefused) {
  model::expect_error(model::error_of([] { (void)xclbin::emulation_xclbin(example(5, 1)); }),
                      "5 channels");
  model::expect_error(model::error_of([] { (void)xclbin::emulation_xclbin(example(0, 1)); }),
                      "0 channels");
}

TEST(Xclbin, BanksHaveTheSizeThatIsAskedFor) {
  for (const std::uint64_t bytes :
       {std::uint64_t{0}, xclbin::kBankStep + 1, xclbin::kMaxBankBytes + xclbin::kBankStep}) {
    xclbin::EmulationXclbin xclbin = example(1, 1);
    xclbin.bank_bytes = bytes;
    model::expect_error(model::error_of([&] { (void)xclbin::emulation_xclbin(xclbin); }),
                        fmt::format("{} bytes", bytes));
  }
  xclbin::EmulationXclbin small = example(1, 1);
  small.bank_bytes = 3 * xclbin::kBankStep;
  EXPECT_NE(xclbin::simulate_script(small).find("--bank-bytes 3145728 "), std::string::npos);
  // Rounded up, with room for the pages that buffers begin; as much as there can be, where more is
  // asked for.
  EXPECT_EQ(xclbin::bank_bytes_for(0), 2 * xclbin::kBankStep);
  EXPECT_EQ(xclbin::bank_bytes_for(xclbin::kBankStep), 3 * xclbin::kBankStep);
  EXPECT_EQ(xclbin::bank_bytes_for(xclbin::kMaxBankBytes), xclbin::kMaxBankBytes);
  EXPECT_EQ(xclbin::bank_bytes_for(~std::uint64_t{0}), xclbin::kMaxBankBytes);
}

// The archive that XRT unpacks: found in the file by its own signature, opened by unzip.
TEST(Xclbin, TheBitstreamIsAnArchiveWithTheScript) {
  const model::TestFolder folder;
  const std::vector<std::byte> bytes = xclbin::emulation_xclbin(example(1, 1));
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t begin = text.find("PK\x03\x04");
  const std::size_t end = text.find("PK\x05\x06");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  constexpr std::size_t kEndRecord = 22;
  write_file_atomically(folder / "a.zip", text.substr(begin, end + kEndRecord - begin));
  const std::string command = fmt::format("cd {} && unzip -q a.zip", (folder / "").string());
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto script = folder / "behav_waveform/xsim/simulate.sh";
  EXPECT_EQ(read_text_file(script), xclbin::simulate_script(example(1, 1)));
  EXPECT_EQ(std::filesystem::status(script).permissions(), std::filesystem::perms(0755));
}

}  // namespace
}  // namespace sterna
